/* SPDX-License-Identifier: ISC */
/*
 * connection.c - the waits of a connection, and what it writes
 */
#include "app/connection.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"

/* connection_answer - write the answers whose turn it is */
void
connection_answer(struct connection *c)
{
	while (c->count > 0 && connection_at(c, 0)->state == ASK_ANSWERED) {
		const json_t *answer = connection_at(c, 0)->answer;

		/* Without memory for an answer none may be left out. */
		if (FAULT_POINT("app-answer") || answer == NULL ||
		    program_put_line(&c->program, answer) < 0)
			c->program.lost = true;
		ask_end(c);
	}
}

/* connection_wait - wait for qmgr and the program */
int
connection_wait(struct connection *c, uint64_t deadline)
{
	struct pollfd program = {.fd = c->program.fd};
	int result;

	ask_give_back(c);
	connection_answer(c);
	program_flush(&c->program);
	if (connection_is_over(c))
		return ERR_CLOSED;
	if (program_wants(&c->program))
		program.events |= POLLIN;
	if (program_unread(&c->program) > 0)
		program.events |= POLLOUT;
	if (handing_lapses(&c->hand) < deadline)
		deadline = handing_lapses(&c->hand);
	result = job_channel_wait(&c->hand.channel, &program, deadline);
	program_fill(&c->program);
	/* A program that has closed both ways hears nothing any more. */
	if ((program.revents & (POLLHUP | POLLERR)) != 0)
		c->program.lost = true;
	connection_answer(c);
	program_flush(&c->program);
	return connection_is_over(c) ? ERR_CLOSED : result;
}

/* connection_stalled - tell whether the program has done nothing for too
 * long */
bool
connection_stalled(struct connection *c)
{
	if (clock_remaining(c->program.moved + CONNECTION_STALL) != 0)
		return false;
	if (!c->program.lost)
		LOG_EVENT(EVENT_APP_REQUEST_REFUSED,
		    LOG_STRING("link", c->app.application->name),
		    LOG_STRING("reason", "no octet for 5 minutes"));
	c->program.lost = true;
	return true;
}

/* connection_put - write octets to the program */
int
connection_put(struct connection *c, struct slice octets)
{
	while (octets.len > 0) {
		size_t len =
		    octets.len < PROGRAM_UNREAD ? octets.len : PROGRAM_UNREAD;
		int error =
		    program_put(&c->program, slice_of(octets.data, len));

		if (error < 0)
			return error;
		octets = slice_of(octets.data + len, octets.len - len);
		if (program_unread(&c->program) > PROGRAM_UNREAD)
			program_flush(&c->program);
		while (program_unread(&c->program) > PROGRAM_UNREAD) {
			uint64_t stalls = c->program.moved + CONNECTION_STALL;

			(void)connection_stalled(c);
			if (connection_wait(c, stalls) == ERR_CLOSED)
				return ERR_CLOSED;
		}
	}
	return 0;
}
