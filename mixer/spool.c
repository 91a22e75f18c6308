/* SPDX-License-Identifier: ISC */
/*
 * spool.c - a message that is read twice: its beginning in memory, the rest in
 * a file without a name
 *
 * Contract in spool.h.  The sandbox allows lseek, read, write and ftruncate.
 */
#include "mixer/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PATH_LENGTH 512

/* spool_init - begin without a file */
void
spool_init(struct spool *spool)
{
	*spool = (struct spool){.fd = -1};
	buffer_init(&spool->head, SPOOL_MEMORY);
}

/* spool_open - open the file */
int
spool_open(struct spool *spool, const char *directory, struct diag *diag)
{
	char path[PATH_LENGTH];

	/* Not every file system has files without a name. */
	spool->fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (spool->fd >= 0)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/spool.XXXXXX", directory);
	spool->fd = mkostemp(path, O_CLOEXEC);
	if (spool->fd < 0 || unlink(path) != 0)
		return diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	return 0;
}

/* write_all - write octets at the end of the file */
static int
write_all(struct spool *spool, struct slice octets)
{
	off_t at = (off_t)(spool->length - SPOOL_MEMORY);

	if (spool->fd < 0)
		return ERR_FULL;
	/* A write that failed half-way may have moved the end. */
	if (lseek(spool->fd, at, SEEK_SET) != at)
		return ERR_IO;
	while (octets.len > 0) {
		ssize_t len = write(spool->fd, octets.data, octets.len);

		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			return errno == ENOSPC || errno == EDQUOT ||
				errno == EFBIG
			    ? ERR_FULL
			    : ERR_IO;
		spool->length += (uint64_t)len;
		octets = slice_of(octets.data + len, octets.len - (size_t)len);
	}
	return 0;
}

/* spool_append - add octets to the message */
int
spool_append(struct spool *spool, struct slice octets)
{
	size_t room = SPOOL_MEMORY - buffer_length(&spool->head);
	size_t len = octets.len < room ? octets.len : room;
	int error = buffer_append(&spool->head, octets.data, len);

	if (error != 0)
		return error;
	spool->length += len;
	return len == octets.len
	    ? 0
	    : write_all(spool, slice_of(octets.data + len, octets.len - len));
}

/* read_file - read octets of the file */
static int
read_file(struct spool *spool, uint64_t offset, uint8_t *piece, size_t len,
    struct slice *octets)
{
	off_t at = (off_t)(offset - SPOOL_MEMORY);
	ssize_t got;

	if (lseek(spool->fd, at, SEEK_SET) != at)
		return ERR_IO;
	do
		got = read(spool->fd, piece, len);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return ERR_IO;
	*octets = slice_of(piece, (size_t)got);
	return 0;
}

/* spool_read - read octets from an offset on */
int
spool_read(struct spool *spool, uint64_t offset, uint8_t piece[SPOOL_PIECE],
    struct slice *octets)
{
	struct slice head = buffer_slice(&spool->head);
	uint64_t left = offset < spool->length ? spool->length - offset : 0;
	size_t len = left < SPOOL_PIECE ? (size_t)left : SPOOL_PIECE;

	*octets = slice_of(piece, 0);
	if (len == 0)
		return 0;
	if (offset >= head.len)
		return read_file(spool, offset, piece, len, octets);
	if (len > head.len - (size_t)offset)
		len = head.len - (size_t)offset;
	*octets = slice_of(head.data + offset, len);
	return 0;
}

/* spool_reset - forget the message */
void
spool_reset(struct spool *spool)
{
	/* A file that is not cut is overwritten, which costs less than to get
	 * its room anew; only its room stays taken. */
	if (spool->length > SPOOL_MEMORY + SPOOL_KEPT && spool->fd >= 0)
		(void)!ftruncate(spool->fd, 0);
	buffer_reset(&spool->head);
	spool->length = 0;
}
