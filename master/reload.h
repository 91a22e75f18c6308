/* SPDX-License-Identifier: ISC */
/*
 * reload.h - go from one configuration to another, restarting what changed
 *
 * The file is parsed and every new socket bound before anything is touched:
 * if that fails nothing changes.
 */
#ifndef FOURPOST_MASTER_RELOAD_H
#define FOURPOST_MASTER_RELOAD_H

#include "master/master.h"

/* reload - read the file again: 0, or why it was refused */
int reload(struct master *master, struct diag *diag) WARN_UNUSED;

/* reload_services - make the services of a configuration that are not there
 * yet, sockets bound; on error those made are freed again */
int reload_services(struct master *master, const struct conf *conf,
    struct diag *diag) WARN_UNUSED;

#endif
