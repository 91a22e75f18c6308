/* SPDX-License-Identifier: ISC */
/*
 * main.c - run the console, fourpost-console(8)
 *
 * master starts it as fourpost-console -n console; descriptors 5 and on are
 * the sockets that can be called, the one behind them its configuration.
 */
#include <sys/resource.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/version.h"
#include "console/console.h"
#include "worker/handed.h"

#define NICE 10 /* mail comes first, but who looks has reason to */

/* door_of - tell of what kind a listening socket is */
static enum guard_door
door_of(int fd)
{
	int domain = AF_UNIX;
	socklen_t len = sizeof(domain);

	/* Without an answer it is taken for the kind that wants a token. */
	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
		domain == AF_UNIX
	    ? GUARD_LOCAL
	    : GUARD_TCP;
}

int
main(int argc, char **argv)
{
	static struct worker worker;
	static struct console console;
	struct conf *conf;
	int rc;

	worker_start(&worker, argc, argv);
	conf = handed_conf(&worker);
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	worker_confine(&worker, NULL, SANDBOX_NETWORK);
	rc = console_init(&console, &worker, conf, worker.run_directory);
	for (unsigned i = 0; rc == 0 && i < worker.listen_count; i++) {
		/* The copy is closed by MHD, the original when master is
		 * gone. */
		int fd = fcntl((int)(WORKER_LISTEN_FD + i), F_DUPFD_CLOEXEC, 0);

		rc = fd < 0 ? ERR_IO : console_open(&console, fd, door_of(fd));
	}
	if (rc != 0)
		fatal(EX_OSERR, "HTTP: %s", error_strerror(rc));
	LOG_EVENT(EVENT_STARTED, LOG_STRING("name", worker.name),
	    LOG_STRING("version", version_text()));
	worker_ready(&worker);
	while (console_step(&console) == 0)
		continue;
	console_fini(&console);
	worker_exit(&worker, 0);
}
