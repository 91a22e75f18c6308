/* SPDX-License-Identifier: ISC */
/*
 * mail_peer.c - the other sides of a gateway: an SMTP server, and a client of
 * LMTP
 */
#include "tests/system/mail_peer.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define LINE 8192

static unsigned messages; /* of the server, in its process */

/* loopback - make the address of a port of loopback */
static struct sockaddr_in
loopback(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* A client of the server: one stream for each way, since commands that come
 * together wait in that which is read. */
struct client {
	FILE *in, *out;
};

/* store - read a message, and keep it as a file */
static void
store(const char *directory, FILE *peer)
{
	char line[LINE], path[SUITE_PATH + 32], done[SUITE_PATH + 32];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/.new", directory);
	(void)snprintf(done, sizeof(done), "%s/%u", directory, ++messages);
	file = fopen(path, "w");
	while (fgets(line, sizeof(line), peer) != NULL &&
	    strcmp(line, ".\r\n") != 0)
		if (file != NULL)
			(void)fputs(line[0] == '.' ? line + 1 : line, file);
	if (file != NULL && fclose(file) == 0)
		(void)rename(path, done);
}

/* say - write a reply */
static void
say(struct client *client, const char *reply)
{
	(void)fputs(reply, client->out);
	(void)fflush(client->out);
}

/* answer - answer one command; false: the last */
static bool
answer(const char *directory, struct client *client, const char *line)
{
	const char *reply = "250 2.0.0 done\r\n";
	char plain[SUITE_PATH + 32];

	(void)snprintf(plain, sizeof(plain), "%s/plain", directory);
	if (strncmp(line, "EHLO", 4) == 0)
		reply = access(plain, F_OK) == 0
		    ? "250-sink\r\n250 PIPELINING\r\n"
		    : "250-sink\r\n250-PIPELINING\r\n250 DSN\r\n";
	else if (strncmp(line, "RCPT", 4) == 0 && strstr(line, "nobody"))
		reply = "550 5.1.1 nobody\r\n";
	else if (strncmp(line, "RCPT", 4) == 0 && strstr(line, "later"))
		reply = "450 4.2.1 later\r\n";
	else if (strncmp(line, "QUIT", 4) == 0)
		reply = "221 2.0.0 bye\r\n";
	if (strncmp(line, "DATA", 4) == 0) {
		say(client, "354 go on\r\n");
		store(directory, client->in);
	}
	say(client, reply);
	return strncmp(line, "QUIT", 4) != 0;
}

/* serve - serve one connection after the other */
static void __attribute__((noreturn)) serve(int listener, const char *directory)
{
	char line[LINE], path[SUITE_PATH + 32];
	FILE *log;

	(void)snprintf(path, sizeof(path), "%s/commands", directory);
	log = fopen(path, "a");
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		struct client client = {
		    fd < 0 ? NULL : fdopen(fd, "r"), fdopen(dup(fd), "w")};

		if (client.in == NULL || client.out == NULL || log == NULL)
			_exit(1);
		say(&client, "220 sink\r\n");
		while (fgets(line, sizeof(line), client.in) != NULL) {
			(void)fputs(line, log);
			(void)fflush(log);
			if (!answer(directory, &client, line))
				break;
		}
		(void)fclose(client.in);
		(void)fclose(client.out);
	}
}

/* mail_peer_serve - start an SMTP server in a process of its own */
pid_t
mail_peer_serve(const char *directory, uint16_t port)
{
	const struct sockaddr_in address = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	pid_t pid;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	ck_assert_int_eq(
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 16), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		serve(fd, directory);
	(void)close(fd);
	return pid;
}

/* mail_peer_end - end it */
void
mail_peer_end(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

/* mail_peer_connect - connect to a port of loopback */
int
mail_peer_connect(uint16_t port)
{
	const struct sockaddr_in address = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* mail_peer_call - connect to a port of loopback; the greeting is read */
FILE *
mail_peer_call(uint16_t port)
{
	FILE *peer = fdopen(mail_peer_connect(port), "r+");

	ck_assert_ptr_nonnull(peer);
	mail_peer_hear(peer, "220 ");
	return peer;
}

/* mail_peer_hear - check that a further reply begins so */
void
mail_peer_hear(FILE *peer, const char *reply)
{
	char line[LINE];

	do
		ck_assert_ptr_nonnull(fgets(line, sizeof(line), peer));
	while (line[3] == '-');
	ck_assert_msg(strncmp(line, reply, strlen(reply)) == 0,
	    "%s where %s was due", line, reply);
}

/* mail_peer_say - send a line, and check that the reply begins so */
void
mail_peer_say(FILE *peer, const char *line, const char *reply)
{
	ck_assert_int_ge(fprintf(peer, "%s\r\n", line), 0);
	ck_assert_int_eq(fflush(peer), 0);
	mail_peer_hear(peer, reply);
}
