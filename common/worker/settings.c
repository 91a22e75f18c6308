/* SPDX-License-Identifier: ISC */
/*
 * settings.c - the settings that qmgr sends a worker after the hellos
 */
#include "worker/settings.h"

#include "base/clock.h"

#define SETTINGS_TIMEOUT 30000 /* ms for qmgr to send them */

/* worker_settings - wait for qmgr's settings and read them */
int
worker_settings(struct worker *worker, struct ipc_channel *qmgr,
    struct conf **conf, enum worker_purpose *purpose, struct diag *diag)
{
	struct ipc_record record;
	int error = worker_receive(
	    worker, qmgr, &record, clock_after(SETTINGS_TIMEOUT), diag);

	if (error < 0)
		return error;
	if (record.type != IPC_SETTINGS)
		return diag_set(diag, ERR_PROTOCOL, "%s instead of settings",
		    ipc_type_name(record.type));
	if (purpose != NULL)
		*purpose = record.settings.ping ? WORKER_PING : WORKER_MAIL;
	return conf_parse_text(
	    record.settings.text, "settings", CONF_HANDED, conf, diag);
}
