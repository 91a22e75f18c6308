/* SPDX-License-Identifier: ISC */
/*
 * raw_peer.c - a remote MTA whose APDUs are octets in the hands of the test;
 * see raw_peer.h
 */
#include "tests/system/raw_peer.h"

#include <sys/socket.h>

#include <check.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "mhs/bind.h"
#include "tests/parameters.h"
#include "tests/system/suite.h"

#define APDU_MAX (4 * 1024 * 1024)
#define LIMIT	 120000 /* ms for any step */

/* loopback - give an address of loopback */
static struct sockaddr_in
loopback(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons(port)};
}

/* bind_octets - write who we are */
static void
bind_octets(const char *name, const char *password, struct buffer *out)
{
	const struct mta_bind bind = {.credentials = BIND_SIMPLE,
	    .name = slice_of_string(name),
	    .password = slice_of_string(password),
	    .form = BIND_OCTET_STRING};

	if (mta_bind_encode(&bind, BIND_BARE, out) != 0)
		abort();
}

/* keep - write an APDU to the next file of the directory */
static void
keep(const char *directory, struct slice apdu)
{
	static unsigned kept;
	char path[SUITE_PATH + 32];

	(void)snprintf(path, sizeof(path), "%s/%u", directory, kept++);
	suite_write(path, apdu.data, apdu.len);
}

/* take - take one event; false: the association has ended */
static bool
take(struct association *a, struct buffer *apdu, const char *directory)
{
	struct association_event event;

	if (association_receive(a, &event, CLOCK_NEVER) != 0)
		return false;
	switch ((int)event.kind) {
	case ASSOCIATION_EVENT_TRANSFER_START:
		buffer_reset(apdu);
		return true;
	case ASSOCIATION_EVENT_DATA:
		return buffer_append(apdu, event.data.data, event.data.len) ==
		    0;
	case ASSOCIATION_EVENT_CHECKPOINT:
		return association_confirm_checkpoint(a, event.serial) == 0;
	case ASSOCIATION_EVENT_TRANSFER_END:
		keep(directory, buffer_slice(apdu));
		return association_confirm_transfer(a) == 0;
	case ASSOCIATION_EVENT_RELEASE:
		(void)!association_confirm_release(a);
		return false;
	case ASSOCIATION_EVENT_ABORT:
		return false;
	default:
		return true;
	}
}

/* serve - serve one connection */
static void
serve(int fd, const char *directory)
{
	const struct association_parameters p = parameters_p1(30, 3, LIMIT);
	struct association_indication indication;
	struct association association;
	struct buffer result, apdu;

	buffer_init(&result, BIND_OCTETS_MAX);
	buffer_init(&apdu, APDU_MAX);
	bind_octets("KEEPER", "", &result);
	if (association_init(&association,
		(struct association_io){association_poll, NULL}) != 0)
		abort();
	if (association_listen(&association, fd, &p, &indication) == 0 &&
	    association_accept(&association, buffer_slice(&result), 30, 3) == 0)
		while (take(&association, &apdu, directory))
			;
	association_fini(&association);
	buffer_fini(&apdu);
	buffer_fini(&result);
}

pid_t
raw_keep(const char *directory, uint16_t *port)
{
	struct sockaddr_in here = loopback(0);
	socklen_t length = sizeof(here);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	ck_assert_int_ge(listener, 0);
	ck_assert_int_eq(
	    bind(listener, (struct sockaddr *)&here, sizeof(here)), 0);
	ck_assert_int_eq(listen(listener, 16), 0);
	ck_assert_int_eq(
	    getsockname(listener, (struct sockaddr *)&here, &length), 0);
	*port = ntohs(here.sin_port);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		/* The handler that it has from Check ends the test. */
		signal(SIGTERM, SIG_DFL);
		/* Serve one after another: each file has its number once. */
		for (;;) {
			int fd = accept(listener, NULL, NULL);

			if (fd >= 0) {
				serve(fd, directory);
				close(fd);
			}
		}
	}
	close(listener);
	return pid;
}

/* slice_or_none - make a slice of a string, or an empty one */
static struct slice
slice_or_none(const char *text)
{
	return text == NULL ? slice_of(NULL, 0) : slice_of_string(text);
}

int
raw_try(struct raw_call *call, uint16_t port, const struct raw_called *called)
{
	struct sockaddr_in there = loopback(port);
	struct association_parameters p = parameters_p1(30, 3, LIMIT);
	struct buffer argument;
	struct slice result;
	int error;

	p.called_tsel = slice_or_none(called->tsel);
	p.called_ssel = slice_or_none(called->ssel);
	p.called_psel = slice_or_none(called->psel);
	call->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(call->fd, 0);
	ck_assert_int_eq(
	    connect(call->fd, (struct sockaddr *)&there, sizeof(there)), 0);
	if (called->before.len > 0)
		ck_assert_int_eq(send(call->fd, called->before.data,
				     called->before.len, MSG_NOSIGNAL),
		    (ssize_t)called->before.len);
	ck_assert_int_eq(association_init(&call->association,
			     (struct association_io){association_poll, NULL}),
	    0);
	session_references_make(&p.references, slice_of_string("SOURCE"));
	buffer_init(&argument, BIND_OCTETS_MAX);
	bind_octets("SOURCE", "s", &argument);
	error = association_open(
	    &call->association, call->fd, &p, buffer_slice(&argument), &result);
	buffer_fini(&argument);
	return error;
}

void
raw_open(struct raw_call *call, uint16_t port)
{
	const struct raw_called none = {.tsel = NULL};

	ck_assert_msg(raw_try(call, port, &none) == 0, "%s",
	    call->association.failure.text);
}

void
raw_hang_up(struct raw_call *call)
{
	association_fini(&call->association);
	close(call->fd);
}

int
raw_send(struct raw_call *call, struct slice apdu)
{
	struct association *a = &call->association;
	int error = association_send_start(a, apdu.len, CLOCK_NEVER);

	if (error == 0)
		error = association_send_data(a, apdu);
	if (error == 0)
		error = association_send_end(a);
	if (error == 0)
		error = association_send_finish(a);
	if (error == ERR_REFUSED)
		(void)!association_send_discard(a);
	return error;
}

void
raw_release(struct raw_call *call)
{
	ck_assert_int_eq(association_release(&call->association), 0);
	raw_hang_up(call);
}
