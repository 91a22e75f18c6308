/* SPDX-License-Identifier: ISC */
/*
 * taking_source.c - the octets of a message file, and of the files it names
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "msmi/taking.h"

#define TAIL_MAX  512
#define OPEN_FILE (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* taking_piece - get octets of a source */
int
taking_piece(struct taking *t, const struct taking_source *source,
    uint64_t done, struct slice *piece)
{
	uint64_t left = source->length - done, at = source->offset + done;
	size_t len = left < TAKING_PIECE ? (size_t)left : TAKING_PIECE;
	int error;

	/* The head was read already; most messages are not longer. */
	if (source->fd == t->fd && at + len <= t->head.len) {
		*piece = slice_of(t->head.data + at, len);
		return 0;
	}
	if ((error = pickup_read_at(source->fd, t->octets, len, at)) < 0)
		return error;
	*piece = slice_of(t->octets, len);
	return 0;
}

/* open_physical - open a file that XTEXT or XATTACH names */
static int
open_physical(struct taking *t, struct slice name, unsigned line,
    struct taking_source *source)
{
	char *path = arena_string(&t->pickup->arena, name);
	struct stat st;
	int fd;

	if (path == NULL)
		return arena_error(&t->pickup->arena);
	/* Relative to ATT, by flags that follow no link: the name is the
	 * sender's. */
	fd = openat(t->pickup->msmi.postoffice.fd[PO_ATT], path, OPEN_FILE);
	if (fd < 0)
		return mmff_fail(&t->diag, MMFF_OPEN, line, "ATT/%s: %s", path,
		    strerror(errno));
	source->fd = fd;
	/* A FIFO or a device there would block or never end. */
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return mmff_fail(
		    &t->diag, MMFF_OPEN, line, "ATT/%s: not a file", path);
	source->length = (uint64_t)st.st_size;
	return 0;
}

/* list_sources - list text and attachments with their places */
static int
list_sources(struct taking *t)
{
	const struct mmff *m = &t->mmff;
	uint64_t offset = m->contents;
	int error;

	t->count = 1 + m->attachment_count;
	t->sources =
	    arena_array(&t->pickup->arena, t->count, sizeof(*t->sources));
	t->parts = arena_array(&t->pickup->arena, t->count, sizeof(*t->parts));
	if (t->sources == NULL || t->parts == NULL) {
		t->count = 0;
		return arena_error(&t->pickup->arena);
	}
	/* Set before any file is opened, so that closing finds a descriptor in
	 * each. */
	for (size_t i = 0; i < t->count; i++)
		t->sources[i].fd = t->fd;
	for (size_t i = 0; i < t->count; i++) {
		struct taking_source *s = &t->sources[i];
		const struct mmff_attachment *a =
		    i > 0 ? &m->attachments[i - 1] : NULL;
		struct slice physical = a != NULL ? a->physical : m->text_file;

		error = 0;
		if (physical.len > 0) {
			error = open_physical(
			    t, physical, a != NULL ? a->line : m->lines, s);
		} else {
			s->offset = offset;
			s->length = a != NULL ? a->size : m->text_size;
			offset += s->length;
		}
		if (error < 0)
			return error;
	}
	return 0;
}

/*
 * check_size - refuse what the queue can never hold
 *
 * By the sizes that the files have, before a single octet of them is read: one
 * with holes may be of any size.
 */
static int
check_size(struct taking *t)
{
	uint64_t most = t->pickup->msmi.conf->mta.queue_size, all = 0;

	for (size_t i = 0; i < t->count; i++) {
		/* Compared before it is added, so that no sum overflows. */
		if (t->sources[i].length > most - all)
			return mmff_fail(&t->diag, MMFF_TOO_BIG, t->mmff.lines,
			    "text and attachments are larger than the queue, "
			    "%llu octets",
			    (unsigned long long)most);
		all += t->sources[i].length;
	}
	return 0;
}

/* check_tail - refuse more than padding after the last attachment */
static int
check_tail(struct taking *t)
{
	uint64_t end = t->mmff.contents + t->mmff.text_size;
	uint64_t size = t->submission->file.size;
	uint8_t tail[TAIL_MAX];
	size_t len;
	int error;

	for (size_t i = 0; i < t->mmff.attachment_count; i++)
		end += t->mmff.attachments[i].size;
	len = size - end < TAIL_MAX ? (size_t)(size - end) : TAIL_MAX;
	if ((error = pickup_read_at(t->fd, tail, len, end)) < 0)
		return error;
	/* Padding is allowed, for some senders write whole blocks. */
	if (len == TAIL_MAX && size - end > TAIL_MAX)
		return mmff_fail(&t->diag, MMFF_PARSER, t->mmff.lines,
		    "%llu octets after text and attachments",
		    (unsigned long long)(size - end));
	return mmff_tail_check(slice_of(tail, len), &t->mmff, &t->diag);
}

/* taking_find_sources - find where text and attachments are */
int
taking_find_sources(struct taking *t)
{
	int error = check_tail(t);

	if (error == 0)
		error = list_sources(t);
	return error == 0 ? check_size(t) : error;
}

/* taking_close_sources - close the files that the message names */
void
taking_close_sources(struct taking *t)
{
	for (size_t i = 0; t->sources != NULL && i < t->count; i++) {
		if (t->sources[i].fd != t->fd)
			close(t->sources[i].fd);
	}
}
