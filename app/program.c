/* SPDX-License-Identifier: ISC */
/*
 * program.c - the connection of a program: lines, octets, answers
 */
#include "app/program.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define READ_SIZE ((size_t)64 * 1024)
#define OUT_MAX	  (2 * PROGRAM_LINE_MAX)

/* program_init - own a connected socket */
void
program_init(struct program *program, int fd)
{
	*program = (struct program){.fd = fd, .moved = clock_monotonic()};
	buffer_init(&program->in, PROGRAM_LINE_MAX + 2 * PROGRAM_AHEAD);
	buffer_init(&program->out, OUT_MAX);
}

/* program_fini - close it and free what it holds */
void
program_fini(struct program *program)
{
	if (program->fd >= 0)
		close(program->fd);
	program->fd = -1;
	buffer_fini(&program->in);
	buffer_fini(&program->out);
}

/* program_wants - tell whether more may be read now: a line that is not whole
 * may be long, all else is read when it is taken */
bool
program_wants(const struct program *program)
{
	size_t len = buffer_length(&program->in);

	return !program->ended && !program->lost &&
	    (len < PROGRAM_AHEAD ||
		(program->scanned == len && len <= PROGRAM_LINE_MAX));
}

/* program_fill - read what is there, as far as it may be */
void
program_fill(struct program *program)
{
	uint8_t *room;
	ssize_t n = 1;

	while (n > 0 && program_wants(program)) {
		if (buffer_reserve(&program->in, READ_SIZE, &room) < 0) {
			program->lost = true;
			return;
		}
		do
			n = recv(program->fd, room, READ_SIZE, MSG_DONTWAIT);
		while (n < 0 && errno == EINTR);
		if (n > 0) {
			buffer_commit(&program->in, (size_t)n);
			program->moved = clock_monotonic();
		}
		/* The rest, if there is any, is read with the next call. */
		if (n > 0 && (size_t)n < READ_SIZE)
			return;
	}
	if (n == 0)
		program->ended = true;
	else if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
		program->lost = true;
}

/* program_line - get the line that comes next */
int
program_line(struct program *program, struct slice *line)
{
	struct slice in = buffer_slice(&program->in);
	const uint8_t *end = in.len == program->scanned
	    ? NULL
	    : memchr(
		  in.data + program->scanned, '\n', in.len - program->scanned);

	if (end == NULL)
		program->scanned = in.len;
	if (end == NULL && in.len <= PROGRAM_LINE_MAX)
		return 0;
	if (end == NULL || (size_t)(end - in.data) > PROGRAM_LINE_MAX)
		return ERR_LIMIT;
	*line = slice_of(in.data, (size_t)(end - in.data));
	return 1;
}

/* program_take_line - take the line that was got */
void
program_take_line(struct program *program, struct slice line)
{
	buffer_consume(&program->in, line.len + 1);
	program->scanned = 0;
}

/* program_take - take octets that came */
size_t
program_take(struct program *program, uint8_t *room, size_t size)
{
	struct slice in = buffer_slice(&program->in);

	if (in.len < size)
		size = in.len;
	if (size == 0)
		return 0;
	if (room != NULL)
		memcpy(room, in.data, size);
	buffer_consume(&program->in, size);
	program->scanned = 0;
	return size;
}

/* program_put - append octets to what is written */
int
program_put(struct program *program, struct slice octets)
{
	return buffer_append(&program->out, octets.data, octets.len);
}

/* put_text - append text, as a callback of the writer */
static int
put_text(const char *text, size_t len, void *arg)
{
	return program_put(arg, slice_of(text, len)) == 0 ? 0 : -1;
}

/* program_put_line - append a JSON object and an end of line */
int
program_put_line(struct program *program, const json_t *object)
{
	return json_dump_callback(object, put_text, program, JSON_COMPACT) != 0
	    ? ERR_NOMEM
	    : program_put(program, slice_of("\n", 1));
}

/* program_unread - count the octets that are not written yet */
size_t
program_unread(const struct program *program)
{
	return buffer_length(&program->out);
}

/* program_flush - write what the socket takes */
void
program_flush(struct program *program)
{
	while (!program->lost && buffer_length(&program->out) > 0) {
		struct slice out = buffer_slice(&program->out);
		ssize_t n = send(program->fd, out.data, out.len,
		    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0) {
			buffer_consume(&program->out, (size_t)n);
			program->moved = clock_monotonic();
		} else if (n < 0 && errno == EINTR) {
			continue;
		} else {
			program->lost =
			    n < 0 && errno != EAGAIN && errno != EWOULDBLOCK;
			return;
		}
	}
}
