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
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/version.h"
#include "console/console.h"

#define NICE 10 /* mail comes first, but who looks has reason to */

/* read_conf - read what master hands over */
static struct conf *
read_conf(int fd)
{
	struct diag diag = {0};
	struct conf *conf = NULL;
	struct buffer text;
	int rc = 0;

	buffer_init(&text, CONF_FILE_MAX);
	while (rc == 0) {
		uint8_t *room;
		ssize_t n;

		rc = buffer_reserve(&text, BUFSIZ, &room);
		n = rc == 0 ? read(fd, room, BUFSIZ) : -1;
		if (n < 0)
			fatal(EX_CONFIG, "no configuration from master");
		if (n == 0)
			break;
		buffer_commit(&text, (size_t)n);
	}
	(void)close(fd);
	rc = conf_parse_text(
	    buffer_slice(&text), "configuration", CONF_HANDED, &conf, &diag);
	if (rc != 0)
		fatal(EX_CONFIG, "%s", diag_text(&diag));
	/* Tokens stood in it. */
	if (text.data != NULL)
		explicit_bzero(text.data, text.capacity);
	buffer_fini(&text);
	category_levels(conf->mta.log_levels);
	return conf;
}

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
	conf = read_conf(WORKER_LISTEN_FD + (int)worker.listen_count);
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
