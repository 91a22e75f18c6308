/* SPDX-License-Identifier: ISC */
/*
 * visitors.c - connections, and how long each may take
 */
#include "console/visitors.h"

#include <sys/socket.h>

#include <stdlib.h>

#include "base/clock.h"

/* visitors_init - begin without any */
void
visitors_init(struct visitors *visitors)
{
	TAILQ_INIT(&visitors->list);
	visitors->count = 0;
}

/* set_time - give a visitor time, and put it behind those who wait longer */
static void
set_time(struct visitors *visitors, struct visitor *visitor, uint64_t ms)
{
	visitor->deadline = clock_after(ms);
	TAILQ_REMOVE(&visitors->list, visitor, entry);
	TAILQ_INSERT_TAIL(&visitors->list, visitor, entry);
}

/* end_visitor - have a connection closed: the daemon sees its end */
static void
end_visitor(struct visitors *visitors, struct visitor *visitor)
{
	if (visitor->ended)
		return;
	visitor->ended = true;
	visitors->count--;
	(void)shutdown(visitor->fd, SHUT_RDWR);
}

/* make_room - have the connection closed that waits for longest, one whose
 * request is not complete before one that reads its answer */
static void
make_room(struct visitors *visitors)
{
	struct visitor *visitor, *oldest = NULL;

	TAILQ_FOREACH(visitor, &visitors->list, entry) {
		if (visitor->ended)
			continue;
		if (!visitor->answered) {
			end_visitor(visitors, visitor);
			return;
		}
		if (oldest == NULL)
			oldest = visitor;
	}
	if (oldest != NULL)
		end_visitor(visitors, oldest);
}

/* visitors_enter - take note of a connection */
struct visitor *
visitors_enter(struct visitors *visitors, int fd)
{
	struct visitor *visitor = calloc(1, sizeof(*visitor));

	if (visitor == NULL)
		return NULL;
	if (visitors->count >= VISITORS_MAX)
		make_room(visitors);
	visitor->fd = fd;
	visitor->deadline = clock_after(VISITORS_ASK_MS);
	TAILQ_INSERT_TAIL(&visitors->list, visitor, entry);
	visitors->count++;
	return visitor;
}

/* visitors_leave - forget a connection that is closed */
void
visitors_leave(struct visitors *visitors, struct visitor *visitor)
{
	TAILQ_REMOVE(&visitors->list, visitor, entry);
	if (!visitor->ended)
		visitors->count--;
	free(visitor);
}

/* visitors_asked - note that a request is complete */
void
visitors_asked(struct visitors *visitors, struct visitor *visitor)
{
	visitor->answered = true;
	set_time(visitors, visitor, VISITORS_READ_MS);
}

/* visitors_answered - note that an answer was read */
void
visitors_answered(struct visitors *visitors, struct visitor *visitor)
{
	visitor->answered = false;
	set_time(visitors, visitor, VISITORS_ASK_MS);
}

/* visitors_expire - close those whose time is over */
uint64_t
visitors_expire(struct visitors *visitors)
{
	uint64_t now = clock_monotonic(), next = CLOCK_NEVER;
	struct visitor *visitor;

	TAILQ_FOREACH(visitor, &visitors->list, entry) {
		if (visitor->ended)
			continue;
		if (visitor->deadline <= now)
			end_visitor(visitors, visitor);
		else if (visitor->deadline < next)
			next = visitor->deadline;
	}
	return next;
}
