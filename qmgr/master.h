/* SPDX-License-Identifier: ISC */
/*
 * master.h - what master tells us: which workers it started and how they
 * ended, which services it throttles, a new configuration
 */
#ifndef FOURPOST_QMGR_MASTER_H
#define FOURPOST_QMGR_MASTER_H

#include "ipc/record.h"
#include "qmgr/engine/client.h"

/* master_take - take a notice of master */
int master_take(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* master_read_conf - read the configuration from a descriptor, and close
 * that */
int master_read_conf(int fd, struct conf **conf, struct diag *diag) WARN_UNUSED;

#endif
