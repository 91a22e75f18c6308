/* SPDX-License-Identifier: ISC */
/*
 * conf_call.h - how the MTA of a link is called: one place for x400out, which
 * does it for mail, and x4ping, which does it for a person
 */
#ifndef FOURPOST_CONF_CONF_CALL_H
#define FOURPOST_CONF_CONF_CALL_H

#include "conf/conf.h"
#include "mhs/bind.h"
#include "osi/association.h"

/* Milliseconds. */
#define CONF_CALL_TCP_TIMEOUT	20000  /* of one address, at most */
#define CONF_CALL_STALL_TIMEOUT 600000 /* no confirmation, no room to send */

/* conf_call_tcp_timeout - return how long one address may take to answer */
uint64_t conf_call_tcp_timeout(const struct conf_link *link);

/*
 * conf_call_parameters - fill in what is proposed to the peer (X.228, X.419)
 *
 * The references are fresh.  The slices are those of conf, which must outlive
 * the call.
 */
struct association_parameters
conf_call_parameters(const struct conf *conf, const struct conf_link *link);

/* conf_call_mode - return the mode of a link, as an association has it */
enum association_mode conf_call_mode(const struct conf_link *link);

/* conf_call_password_form - choose the string type of a password by the mode */
enum bind_password_form conf_call_password_form(enum association_mode mode);

/* conf_call_bind - append the MTABindArgument: who we are on this link.
 * ERR_LIMIT, ERR_NOMEM, ERR_VALUE */
int conf_call_bind(const struct conf *conf, const struct conf_link *link,
    struct buffer *out) WARN_UNUSED;

#endif
