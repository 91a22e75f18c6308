/* SPDX-License-Identifier: ISC */
/*
 * gateways.h - the services of gateways to Internet mail
 *
 * One that listens for LMTP has a service for that, with a socket for each
 * address and each path; every one has a service towards its mail server.
 */
#ifndef FOURPOST_MASTER_GATEWAYS_H
#define FOURPOST_MASTER_GATEWAYS_H

#include "conf/conf_compare.h"
#include "master/master.h"

/* gateways_add - add the services and sockets that are not there yet; those
 * sockets are fresh */
int gateways_add(struct master *master, const struct conf *conf,
    struct diag *diag) WARN_UNUSED;

/* gateways_drop_fresh - close the sockets that were made for a configuration
 * that does not come into force */
void gateways_drop_fresh(struct master *master);

/* gateways_renew - set how many workers each of them may have now, and have
 * those begin again whose addresses are in files, which may be others */
void gateways_renew(struct master *master, const struct conf *conf);

/* gateways_apply - retire the workers of a gateway that has changed, and remove
 * the services and sockets that it has no more; master->conf is the new one */
void
gateways_apply(struct master *master, const char *name, enum conf_change what);

#endif
