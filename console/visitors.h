/* SPDX-License-Identifier: ISC */
/*
 * visitors.h - connections, and how long each may take
 *
 * A connection has so long for its next request to be complete, and so long to
 * read the answer, whatever it does meanwhile: slow ones are closed.  When
 * there are too many, the one that waits for longest gives way.
 */
#ifndef FOURPOST_CONSOLE_VISITORS_H
#define FOURPOST_CONSOLE_VISITORS_H

#include <sys/queue.h>

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#define VISITORS_MAX	 48 /* by one door */
#define VISITORS_ASK_MS	 15000
#define VISITORS_READ_MS 60000

struct visitor {
	TAILQ_ENTRY(visitor) entry;
	int fd; /* of the connection, borrowed */
	uint64_t deadline;
	bool answered; /* its request is complete */
	bool ended;    /* told to go */
};

struct visitors {
	TAILQ_HEAD(, visitor) list; /* who waits for longest first */
	unsigned count;		    /* who was not told to go */
};

/* visitors_init - begin without any */
void visitors_init(struct visitors *visitors);

/* visitors_enter - take note of a connection; NULL: no memory */
struct visitor *visitors_enter(struct visitors *visitors, int fd);

/* visitors_leave - forget a connection that is closed */
void visitors_leave(struct visitors *visitors, struct visitor *visitor);

/* visitors_asked - note that a request is complete */
void visitors_asked(struct visitors *visitors, struct visitor *visitor);

/* visitors_answered - note that an answer was read: the next may come */
void visitors_answered(struct visitors *visitors, struct visitor *visitor);

/* visitors_expire - close those whose time is over; returns when the next one's
 * will be, or CLOCK_NEVER */
uint64_t visitors_expire(struct visitors *visitors);

#endif
