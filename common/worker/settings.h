/* SPDX-License-Identifier: ISC */
/*
 * settings.h - the settings that qmgr sends a worker after the hellos
 */
#ifndef FOURPOST_WORKER_SETTINGS_H
#define FOURPOST_WORKER_SETTINGS_H

#include "conf/conf.h"
#include "worker/worker.h"

/* The purpose for which a worker that sends was connected to. */
enum worker_purpose {
	WORKER_MAIL,
	WORKER_PING
};

/* worker_settings - wait for qmgr's settings and read them; *conf is the
 * caller's; purpose may be NULL.  Errors of worker_receive and conf_parse_text;
 * ERR_PROTOCOL */
int worker_settings(struct worker *worker, struct ipc_channel *qmgr,
    struct conf **conf, enum worker_purpose *purpose,
    struct diag *diag) WARN_UNUSED;

#endif
