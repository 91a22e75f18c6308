/* SPDX-License-Identifier: ISC */
/*
 * sockets.c - look whether our local sockets are still where we made them
 *
 * See sockets.h.  What removes one (a cleaner of temporary directories, a hand)
 * leaves us listening where nobody can connect, and tools saying that nothing
 * runs.  The socket cannot be put back under its name: only a restart helps.
 */
#include <sys/stat.h>

#include <errno.h>

#include "base/log.h"
#include "master/service.h"
#include "master/sockets.h"

/* look - look for one socket: tell whether it is gone */
static bool
look(const char *path, bool was_gone)
{
	struct stat st;
	bool gone =
	    lstat(path, &st) != 0 ? errno == ENOENT : !S_ISSOCK(st.st_mode);

	if (gone && !was_gone)
		LOG_EVENT(EVENT_SOCKET_GONE, LOG_STRING("socket", path),
		    LOG_STRING(
			"message", "something removed it: restart the suite"));
	return gone;
}

/* sockets_look - look for the local sockets */
void
sockets_look(struct master *master)
{
	struct service_listener *listener;
	struct service *service;

	if (master->phase >= MASTER_STOPPING_WORKERS)
		return;
	if (master->control.path[0] != '\0')
		master->control.gone =
		    look(master->control.path, master->control.gone);
	TAILQ_FOREACH(service, &master->services, link) {
		for (unsigned i = 0; i < service->listener_count; i++) {
			listener = &service->listeners[i];
			if (listener->kind == SERVICE_LOCAL)
				listener->gone =
				    look(listener->name, listener->gone);
		}
	}
}
