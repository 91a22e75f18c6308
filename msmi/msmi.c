/* SPDX-License-Identifier: ISC */
/*
 * msmi.c - from the start of an interchange worker to its work
 *
 * Contract in msmi.h.  Everything outside of the postoffice is read before
 * the worker is confined to it: settings, map.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "msmi/code_page.h"
#include "msmi/msmi.h"
#include "worker/settings.h"
#include "worker/status.h"

#define MAP_INTERVAL 1000 /* ms between looks at the map */

/* msmi_settings - wait for qmgr's settings and read them */
int
msmi_settings(struct msmi *msmi, struct diag *diag)
{
	int error = worker_settings(
	    &msmi->worker, &msmi->qmgr, &msmi->conf, NULL, diag);

	if (error < 0)
		return error;
	category_levels(msmi->conf->mta.log_levels);
	msmi->msmail = conf_msmail_find(msmi->conf, msmi->worker.service);
	if (msmi->msmail == NULL)
		return diag_set(diag, ERR_NOTFOUND,
		    "no postoffice %s in the settings", msmi->worker.service);
	msmi->addressing = (struct addressing){
	    .conf = msmi->conf, .msmail = msmi->msmail, .map = &msmi->map};
	return 0;
}

/* open_map - open the map and note what it looks like; the path may be gone */
static int
open_map(struct msmi *msmi)
{
	if (msmi->map_fd >= 0)
		close(msmi->map_fd);
	msmi->map_fd =
	    open(msmi->msmail->directory, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (msmi->map_fd < 0)
		return ERR_IO;
	return fstat(msmi->map_fd, &msmi->map_was) < 0 ? ERR_IO : 0;
}

/* map_changed - tell whether two looks at a map saw something different */
static bool
map_changed(const struct stat *a, const struct stat *b)
{
	return a->st_ino != b->st_ino || a->st_dev != b->st_dev ||
	    a->st_size != b->st_size ||
	    a->st_mtim.tv_sec != b->st_mtim.tv_sec ||
	    a->st_mtim.tv_nsec != b->st_mtim.tv_nsec;
}

/* look_at_map - look whether the map has changed: 1, 0, or ERR_CLOSED if it was
 * replaced out of our sight */
static int
look_at_map(struct msmi *msmi)
{
	struct stat now;

	if (msmi->map_looked != 0 &&
	    clock_monotonic() - msmi->map_looked < MAP_INTERVAL)
		return 0;
	msmi->map_looked = clock_monotonic();
	if (!msmi->worker.rooted) {
		/* Between two renames the map may be missing for a moment. */
		if (stat(msmi->msmail->directory, &now) < 0)
			return 0;
	} else if (msmi->map_fd < 0 || fstat(msmi->map_fd, &now) < 0) {
		return 0;
	} else if (now.st_nlink == 0) {
		return ERR_CLOSED;
	}
	if (!map_changed(&now, &msmi->map_was))
		return 0;
	/* A map that is being written is not whole yet, and its date, which may
	 * come from another machine's clock, does not tell. */
	if (map_changed(&now, &msmi->map_new)) {
		msmi->map_new = now;
		return 0;
	}
	msmi->map_was = now;
	return 1;
}

/* msmi_map_again - read the map again if it has changed */
int
msmi_map_again(struct msmi *msmi)
{
	struct diag diag = {0};
	struct map fresh;
	int error, result;

	if (msmi->msmail->directory[0] == '\0' ||
	    (result = look_at_map(msmi)) == 0)
		return 0;
	if (result < 0)
		return result;
	map_init(&fresh);
	if (!msmi->worker.rooted && open_map(msmi) < 0)
		error = diag_set(&diag, ERR_IO, "%s: %s",
		    msmi->msmail->directory, strerror(errno));
	else
		error = map_read_fd(
		    &fresh, msmi->map_fd, msmi->msmail->directory, &diag);
	if (error < 0) {
		map_fini(&fresh);
		LOG_EVENT(EVENT_NOT_OPENED,
		    LOG_STRING("postoffice", msmi->msmail->name),
		    LOG_STRING("stage", "directory"),
		    LOG_STRING("reason", diag_text(&diag)),
		    LOG_STRING("result", "the map read before remains in use"));
		(void)snprintf(msmi->map_trouble, sizeof(msmi->map_trouble),
		    "%s; the one before is in use", diag_text(&diag));
		return 0;
	}
	map_fini(&msmi->map);
	msmi->map = fresh;
	msmi->map_trouble[0] = '\0';
	LOG_EVENT(EVENT_MSMI_SESSION,
	    LOG_STRING("postoffice", msmi->msmail->name),
	    LOG_STRING("path", msmi->msmail->directory),
	    LOG_INT("mailboxes", msmi->map.count));
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
	if (msmi->msmail->directory[0] != '\0') {
		if (open_map(msmi) < 0)
			return diag_set(diag, ERR_IO, "%s: %s",
			    msmi->msmail->directory, strerror(errno));
		error = map_read_fd(
		    &msmi->map, msmi->map_fd, msmi->msmail->directory, diag);
		if (error < 0)
			return error;
	}
	*stage = "postoffice";
	return postoffice_open(
	    &msmi->postoffice, msmi->msmail->postoffice, diag);
}

/* msmi_confine - enter the postoffice, its user and the sandbox */
void
msmi_confine(struct msmi *msmi)
{
	struct diag diag = {0};

	if (code_page_load(&diag) < 0)
		fatal(WORKER_EXIT_FATAL, "code pages: %s", diag_text(&diag));
	worker_confine(&msmi->worker, msmi->msmail->postoffice, SANDBOX_FILES);
	if (msmi->worker.rooted)
		postoffice_rooted(&msmi->postoffice);
}
