/* SPDX-License-Identifier: ISC */
/*
 * msmi.c - from the start of an interchange worker to its work
 *
 * Contract in msmi.h.  Everything outside of the postoffice is read before
 * the worker is confined to it: settings, map.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/privilege.h"
#include "msmi/msmi.h"

#define SETTINGS_TIMEOUT 30000 /* ms for qmgr to send them */

/* msmi_settings - wait for qmgr's settings and read them */
int
msmi_settings(struct msmi *msmi, struct diag *diag)
{
	struct ipc_record record;
	int error;

	error = worker_receive(&msmi->worker, &msmi->qmgr, &record,
	    clock_after(SETTINGS_TIMEOUT), diag);
	if (error < 0)
		return error;
	if (record.type != IPC_SETTINGS)
		return diag_set(diag, ERR_PROTOCOL, "%s instead of settings",
		    ipc_type_name(record.type));
	error = conf_parse_text(
	    record.settings.text, "settings", CONF_HANDED, &msmi->conf, diag);
	if (error < 0)
		return error;
	msmi->msmail = conf_msmail_find(msmi->conf, msmi->worker.service);
	if (msmi->msmail == NULL)
		return diag_set(diag, ERR_NOTFOUND,
		    "no postoffice %s in the settings", msmi->worker.service);
	msmi->addressing = (struct addressing){
	    .conf = msmi->conf, .msmail = msmi->msmail, .map = &msmi->map};
	return 0;
}

/* msmi_reach - read the map, open the directories */
int
msmi_reach(struct msmi *msmi, const char **stage, struct diag *diag)
{
	int error;

	map_fini(&msmi->map);
	map_init(&msmi->map);
	postoffice_close(&msmi->postoffice);
	*stage = "directory";
	if (msmi->msmail->directory[0] != '\0' &&
	    (error = map_read(&msmi->map, msmi->msmail->directory, diag)) < 0)
		return error;
	*stage = "postoffice";
	return postoffice_open(
	    &msmi->postoffice, msmi->msmail->postoffice, diag);
}

/* msmi_confine - no way back */
void
msmi_confine(struct msmi *msmi)
{
	const char *user = getenv("FOURPOST_USER");
	bool rooted = user != NULL && *user != '\0' && privilege_is_root();

	worker_confine(&msmi->worker, msmi->msmail->postoffice, SANDBOX_FILES);
	if (rooted)
		postoffice_rooted(&msmi->postoffice);
}
