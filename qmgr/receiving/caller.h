/* SPDX-License-Identifier: ISC */
/*
 * caller.h - who a peer that calls is
 *
 * It is known by the name and password that it binds with, by the address that
 * it calls from, by the mode in which it calls, and by the selectors that it
 * calls where its link sets them.  Whatever is wrong with it, it learns that it
 * is refused and no more; the reason is for our log.
 */
#ifndef FOURPOST_QMGR_CALLER_H
#define FOURPOST_QMGR_CALLER_H

#include "ipc/record.h"
#include "qmgr/engine/qmgr.h"

#define CALLER_HOST_MAX 64 /* octets of an address as text, with its end */

/* caller_host - take port and brackets off an address: "[::1]:4711", "::1" */
void caller_host(struct slice address, char host[CALLER_HOST_MAX]);

/* caller_find - find the link of a peer that binds so from there, in the link's
 * mode, having called the selectors that the link sets for us; or NULL */
struct link *caller_find(
    struct qmgr *qmgr, const struct ipc_bind_check *check, const char *host);

/* caller_password_is - compare a password, in time that tells nothing of it */
bool caller_password_is(struct slice given, struct slice expected);

/* caller_wrong_selector - find which of the selectors that it called is not
 * the one that a link sets, or NULL */
const char *caller_wrong_selector(
    const struct conf_link *link, const struct ipc_bind_check *check);

/* caller_inside - tell whether a host is in the remote-addresses of a link,
 * and these are not empty */
bool caller_inside(const struct link *link, const char *host);

/* caller_wrong_mode - say that a peer calls in a mode that is not its link's */
const char *caller_wrong_mode(enum association_mode mode);

/* caller_why_unknown - find which of name, password, address, mode and called
 * selectors is not that of a link */
const char *caller_why_unknown(
    struct qmgr *qmgr, const struct ipc_bind_check *check, const char *host);

/*
 * caller_cause - find for what a failure to bind is counted
 *
 * Who calls by a link's name from its own remote-addresses has a count of its
 * own there: others at the same address do not slow it.
 */
uint32_t caller_cause(
    struct qmgr *qmgr, const struct ipc_bind_check *check, const char *host);

/* caller_claimed - find the link that a peer which is refused names, calling
 * from where it may, or NULL */
struct link *caller_claimed(
    struct qmgr *qmgr, const struct ipc_bind_check *check, const char *host);

/*
 * caller_refuse - say no to a peer, and to the log
 *
 * This and the others that say no count it for the link, or for none if that
 * is NULL.
 */
void caller_refuse(struct client *client, struct link *link,
    const struct ipc_bind_check *check, int bind_error, const char *reason);

/* caller_full - say no to one whose peer has as many as it may (callers.h) */
void caller_full(struct client *client, struct link *link, const char *host,
    const char *why);

/* caller_unproved - say no to a peer that its certificate does not prove
 * (caller_tls.h) */
void caller_unproved(struct client *client, struct link *link,
    const struct ipc_bind_check *check, const char *reason);

/* caller_slowed - say no to one that has failed too often, without a look */
void caller_slowed(
    struct client *client, struct link *link, const char *host, int bind_error);

#endif
