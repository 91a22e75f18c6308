/* SPDX-License-Identifier: ISC */
/*
 * launch.h - start a worker: its name, its slot, its process
 */
#ifndef FOURPOST_MASTER_LAUNCH_H
#define FOURPOST_MASTER_LAUNCH_H

#include "master/service.h"

/* launch_worker - start a worker of a service.  ERR_FULL, ERR_IO, ERR_NOMEM */
int launch_worker(struct service *service) WARN_UNUSED;

#endif
