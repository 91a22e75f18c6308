/* SPDX-License-Identifier: ISC */
/*
 * program.h - the connection of a program: lines, octets, answers
 *
 * Nothing here waits, and no memory grows with what a program sends: a line has
 * PROGRAM_LINE_MAX octets, and of what follows it PROGRAM_AHEAD are read.
 */
#ifndef FOURPOST_APP_PROGRAM_H
#define FOURPOST_APP_PROGRAM_H

#include <jansson.h>

#include "base/buffer.h"
#include "json/object.h"

#define PROGRAM_LINE_MAX OBJECT_TEXT_MAX
#define PROGRAM_AHEAD	 ((size_t)256 * 1024)
#define PROGRAM_UNREAD	 ((size_t)256 * 1024) /* answers that it may not read */

struct program {
	int fd; /* owned; -1: none */
	struct buffer in, out;
	size_t scanned; /* octets of in that have no end of line */
	bool ended;	/* it sends no more */
	bool lost;	/* it reads no more either */
	uint64_t moved; /* monotonic ms: octets went either way */
};

/* program_init - own a connected socket that does not block; program_fini
 * closes */
void program_init(struct program *program, int fd);
void program_fini(struct program *program);

/* program_wants - tell whether more may be read now */
bool program_wants(const struct program *program);

/* program_fill - read what is there, as far as it may be */
void program_fill(struct program *program);

/*
 * program_line - get the line that comes next, without its end: 1, or 0 if it
 * is not whole yet
 *
 * It is there until something is read or taken.  A last line without an end is
 * none.  ERR_LIMIT: it is too long.
 */
int program_line(struct program *program, struct slice *line) WARN_UNUSED;

/* program_take_line - take the line that was got */
void program_take_line(struct program *program, struct slice line);

/* program_take - take octets that came, at most size, into room, which may be
 * NULL: how many */
size_t program_take(struct program *program, uint8_t *room, size_t size);

/* program_put - append octets to what is written.  ERR_NOMEM, ERR_LIMIT */
int program_put(struct program *program, struct slice octets) WARN_UNUSED;

/* program_put_line - append a JSON object and an end of line, likewise */
int program_put_line(struct program *program, const json_t *object) WARN_UNUSED;

/* program_unread - count the octets that are not written yet */
size_t program_unread(const struct program *program);

/* program_flush - write what the socket takes */
void program_flush(struct program *program);

#endif
