/* SPDX-License-Identifier: ISC */
/*
 * listening.h - the TCP sockets on which peers call, by the configuration
 *
 * Four settings of the mta section list them: plain or within TLS, from the
 * caller itself or from a balancer that says who calls.
 */
#ifndef FOURPOST_MASTER_LISTENING_H
#define FOURPOST_MASTER_LISTENING_H

#include "conf/conf.h"
#include "master/service.h"

/* listening_is - tell whether a setting of the mta section says on which
 * sockets, or to whom, x400in listens */
bool listening_is(const char *setting);

/* listening_check - refuse more sockets than a service may have.  ERR_LIMIT */
int listening_check(const struct master *master, const struct conf *conf,
    struct diag *diag) WARN_UNUSED;

/* listening_bind - bind the sockets that service does not have yet, for spare;
 * as binding_tcp */
int listening_bind(const struct service *service, struct service *spare,
    const struct conf *conf, uint64_t patience, struct diag *diag) WARN_UNUSED;

/* listening_mark - note of each socket of a service which setting names it */
void listening_mark(struct service *service, const struct conf *conf);

/* listening_swap - have a service take over the new sockets of spare, and close
 * those that the configuration does not name any more */
void listening_swap(
    struct service *service, struct service *spare, const struct conf *conf);

#endif
