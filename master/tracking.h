/* SPDX-License-Identifier: ISC */
/*
 * tracking.h - the services of tracking
 */
#ifndef FOURPOST_MASTER_TRACKING_H
#define FOURPOST_MASTER_TRACKING_H

#include "conf/conf.h"
#include "master/master.h"

/* tracking_add - add the services that are not there yet: the tracker with its
 * socket, which is open to all, and tracking-database, if it is configured.
 * Errors of binding_local */
int tracking_add(struct master *master, const struct conf *conf,
    struct diag *diag) WARN_UNUSED;

/* tracking_renew - end what a new configuration has not */
void tracking_renew(struct master *master, const struct conf *conf);

#endif
