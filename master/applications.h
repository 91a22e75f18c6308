/* SPDX-License-Identifier: ISC */
/*
 * applications.h - the services of applications
 *
 * One that has a directory has a worker each way; one that has a socket has a
 * worker for each connection of its program.
 */
#ifndef FOURPOST_MASTER_APPLICATIONS_H
#define FOURPOST_MASTER_APPLICATIONS_H

#include "conf/conf_compare.h"
#include "master/master.h"

/* applications_add - add the services that are not there yet */
int applications_add(struct master *master, const struct conf *conf,
    struct diag *diag) WARN_UNUSED;

/* applications_apply - retire the workers of an application that has changed,
 * and remove the services that it has no more; master->conf is the new one */
void applications_apply(
    struct master *master, const char *name, enum conf_change what);

#endif
