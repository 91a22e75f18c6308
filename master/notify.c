/* SPDX-License-Identifier: ISC */
/*
 * notify.c - tell the service manager our state (sd_notify(3), by hand)
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "master/notify.h"

/* send_text - send one datagram to the socket of that name */
static void
send_text(const char *name, const char *text)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(name);
	int fd;

	if (len >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, name, len);
	/* An abstract name is written with @ for the NUL it begins with. */
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, text, strlen(text), MSG_NOSIGNAL,
	    (struct sockaddr *)&address,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	(void)close(fd);
}

/* notify_state - tell the service manager a state, if there is one */
void
notify_state(enum notify_state state)
{
	const char *name = getenv("NOTIFY_SOCKET");
	char text[64] = "READY=1";

	if (name == NULL || name[0] == '\0')
		return;
	switch (state) {
	case NOTIFY_READY:
		break;
	case NOTIFY_RELOADING:
		(void)snprintf(text, sizeof(text),
		    "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
		    clock_monotonic() * 1000);
		break;
	case NOTIFY_STOPPING:
		(void)strlcpy(text, "STOPPING=1", sizeof(text));
		break;
	case NOTIFY_ALIVE:
		/* A unit without WatchdogSec= does not want to hear it. */
		if (getenv("WATCHDOG_USEC") == NULL)
			return;
		(void)strlcpy(text, "WATCHDOG=1", sizeof(text));
		break;
	}
	send_text(name, text);
}

/* notify_status - tell the service manager how we are, unless it knows */
void
notify_status(const char *text)
{
	static char told[1024];
	const char *name = getenv("NOTIFY_SOCKET");
	char line[sizeof(told)] = "STATUS=";
	size_t len = strlen(line);

	if (name == NULL || name[0] == '\0')
		return;
	/* A line end in the text would begin another variable. */
	(void)escape_text(
	    line + len, sizeof(line) - len, slice_of_string(text));
	if (strcmp(line, told) == 0)
		return;
	(void)strlcpy(told, line, sizeof(told));
	send_text(name, line);
}
