/* SPDX-License-Identifier: ISC */
/*
 * http_fuzz.c - fuzz requests to the console: no crash, no leak, every answer
 * is one of HTTP, and nothing of the suite is told without the token
 *
 * The first octet chooses the door; the rest are the octets of a connection.
 * Nobody answers the console's own questions.
 */
#include <sys/socket.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "console/console.h"

#define TOKEN	 "0123456789abcdef"
#define TURNS	 40 /* of the loop; an answer needs a few */
#define ROOM	 ((size_t)1 << 20)
#define DOORS	 2
#define SEED_MAX ((size_t)64 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char configuration[] =
    "mta {\n name = FUZZ\n domain = \"C=XX;A=FUZZ\"\n}\n"
    "console {\n token = \"" TOKEN "\"\n host-name = \"fuzz.example\"\n}\n";

/* start - start a console with a door of each kind */
static struct console *
start(void)
{
	static struct console console;
	static struct worker worker;
	struct diag diag = {0};
	struct conf *conf;

	if (console.door_count > 0)
		return &console;
	/* Each denied request is a line of the log. */
	log_init("fuzz", open("/dev/null", O_WRONLY | O_CLOEXEC));
	worker_init(&worker, "console");
	if (conf_parse_text(slice_of_string(configuration), "fuzz", CONF_HANDED,
		&conf, &diag) != 0 ||
	    console_init(&console, &worker, conf, "/nonexistent") != 0 ||
	    console_open(&console, -1, GUARD_LOCAL) != 0 ||
	    console_open(&console, -1, GUARD_TCP) != 0)
		abort();
	return &console;
}

/* turn - let the console do what there is to do */
static void
turn(struct console *console)
{
	struct pollfd fds[ASK_MAX];

	(void)ask_poll(&console->asker, fds);
	ask_run(&console->asker, fds);
	for (size_t i = 0; i < console->door_count; i++)
		if (MHD_run(console->doors[i].daemon) != MHD_YES)
			abort();
}

/* talk - send octets to a door, and collect what it answers: its length */
static size_t
talk(struct console *console, size_t door, struct slice octets, char *answer)
{
	const struct sockaddr_in from = {.sin_family = AF_INET};
	size_t len = 0;
	int fds[2];
	ssize_t n;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		fds) != 0 ||
	    MHD_add_connection(console->doors[door].daemon, fds[0],
		(const struct sockaddr *)&from, sizeof(from)) != MHD_YES)
		abort();
	n = send(fds[1], octets.data, octets.len, MSG_NOSIGNAL);
	if (n < 0 || (size_t)n != octets.len)
		abort();
	(void)shutdown(fds[1], SHUT_WR);
	for (int i = 0; i < TURNS; i++) {
		turn(console);
		while ((n = recv(fds[1], answer + len, ROOM - len, 0)) > 0)
			len += (size_t)n;
		if (n == 0)
			break;
	}
	(void)close(fds[1]);
	for (int i = 0; i < 3; i++)
		turn(console);
	return len;
}

/* has - tell whether octets hold a text */
static bool
has(const void *octets, size_t len, const char *text)
{
	return len > 0 && memmem(octets, len, text, strlen(text)) != NULL;
}

/* LLVMFuzzerTestOneInput - have one connection served */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char answer[ROOM];
	struct console *console = start();
	size_t door, len;

	if (size == 0 || size > SEED_MAX)
		return 0;
	door = data[0] % DOORS;
	len = talk(console, door, slice_of(data + 1, size - 1), answer);
	if (len > 0 && memcmp(answer, "HTTP/1.", len < 7 ? len : 7) != 0)
		abort();
	if (console->doors[door].kind == GUARD_TCP &&
	    !has(data, size, "123456789abcde") &&
	    (has(answer, len, "\"problems\"") ||
		has(answer, len, "fourpost_up") ||
		has(answer, len, "link-rows") ||
		has(answer, len, "Set-Cookie")))
		abort();
	return 0;
}
