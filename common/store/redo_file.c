/* SPDX-License-Identifier: ISC */
/*
 * redo_file.c - the file of the journal: made, opened, appended to, read
 *
 * See redo.h.
 */
#include <sys/random.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "store/redo.h"

/* redo_init - allocate the memory */
int
redo_init(struct redo *redo)
{
	int rc;

	*redo = (struct redo){.fd = -1, .reading = malloc(REDO_RECORD_MAX)};
	rc = redo_turn_init(&redo->turn);
	return redo->reading == NULL ? ERR_NOMEM : rc;
}

/* redo_close - close the file, if it is open */
void
redo_close(struct redo *redo)
{
	if (redo->fd >= 0)
		(void)close(redo->fd);
	redo->fd = -1;
}

/* redo_fini - free it, and close the file */
void
redo_fini(struct redo *redo)
{
	if (redo->reading != NULL)
		redo_close(redo);
	redo_turn_fini(&redo->turn);
	free(redo->reading);
	*redo = (struct redo){.fd = -1};
}

/* redo_identify - give a journal a new identity */
int
redo_identify(struct redo *redo)
{
	struct redo_stamp *stamp = &redo->stamp;

	*stamp = (struct redo_stamp){.known = true};
	return getrandom(stamp->identity, REDO_IDENTITY, 0) == REDO_IDENTITY
	    ? 0
	    : ERR_IO;
}

/* redo_name - write the name of the file that belongs to a stamp */
void
redo_name(const struct redo_stamp *stamp, char name[REDO_NAME_MAX])
{
	size_t at = (size_t)snprintf(name, REDO_NAME_MAX, "journal.");

	for (size_t i = 0; i < REDO_IDENTITY; i++, at += 2)
		(void)snprintf(
		    name + at, REDO_NAME_MAX - at, "%02x", stamp->identity[i]);
}

/* file_error - note that a call failed for the file */
static int
file_error(const struct redo *redo, struct diag *diag)
{
	int code = ERR_IO;

	if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
		code = ERR_FULL;
	else if (errno == EACCES || errno == EPERM || errno == EROFS)
		code = ERR_DENIED;
	return diag_set(diag, code, "%s: %s", redo->name, strerror(errno));
}

/* write_all - write octets at an offset: 0, or errno */
static int
write_all(int fd, const uint8_t *octets, size_t len, uint64_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, octets, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : ENOSPC;
		octets += n;
		len -= (size_t)n;
		at += (uint64_t)n;
	}
	return 0;
}

/* write_zeros - write zeros all over the file, and flush them: 0, or errno */
static int
write_zeros(struct redo *redo)
{
	int rc = 0;

	memset(redo->reading, 0, REDO_RECORD_MAX);
	for (uint64_t at = 0; at < REDO_FILE && rc == 0;
	     at += REDO_RECORD_MAX) {
		size_t len = REDO_FILE - at < REDO_RECORD_MAX
		    ? (size_t)(REDO_FILE - at)
		    : REDO_RECORD_MAX;

		rc = write_all(redo->fd, redo->reading, len, at);
	}
	/* The size, too, which fdatasync need not flush where it did not
	 * change. */
	return rc == 0 && fsync(redo->fd) != 0 ? errno : rc;
}

/* redo_create - make the file in a directory */
int
redo_create(struct redo *redo, int directory, struct diag *diag)
{
	int rc;

	redo_name(&redo->stamp, redo->name);
	redo->fd = openat(directory, redo->name,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (redo->fd < 0)
		return file_error(redo, diag);
	rc = write_zeros(redo);
	/* The name, too, before a stamp relies on it. */
	if (rc == 0 && fsync(directory) != 0)
		rc = errno;
	redo->place = (struct redo_place){.offset = 0};
	if (rc == 0)
		return 0;
	errno = rc;
	rc = file_error(redo, diag);
	redo_close(redo);
	return rc;
}

/* read_block - read up to len octets at an offset: their number, or -1 */
static ssize_t
read_block(const struct redo *redo, size_t len, uint64_t at)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = pread(redo->fd, redo->reading + got, len - got,
		    (off_t)(at + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

/* judge - tell whether the file is of the stamp's time, by its beginning */
static int
judge(struct redo *redo, bool *pending, struct diag *diag)
{
	const struct redo_stamp *stamp = &redo->stamp;
	ssize_t len = read_block(redo, REDO_HEAD, 0);
	struct redo_head head = {.epoch = 0};

	if (len < 0)
		return file_error(redo, diag);
	if (len < REDO_HEAD ||
	    redo_head_read(redo->reading, stamp, &head) == REDO_OTHER)
		return diag_set(diag, ERR_CORRUPT,
		    "the beginning of %s is damaged: run x4check --repair",
		    redo->name);
	redo->begun = *pending = head.epoch == stamp->epoch;
	if (head.epoch == stamp->epoch || head.epoch == stamp->written)
		return 0;
	return diag_set(diag, ERR_CORRUPT,
	    "%s is of another time than data.mdb (epoch %llu, not %llu): bring "
	    "back both as they were at one time, or run x4check --repair",
	    redo->name, (unsigned long long)head.epoch,
	    (unsigned long long)stamp->epoch);
}

/* flush_beginning - have on disk what is read at the file's beginning */
static int
flush_beginning(struct redo *redo, struct diag *diag)
{
	ssize_t len = read_block(redo, REDO_BLOCK, 0);
	int rc = len < 0 ? errno : 0;

	/* Written again: after a flush that failed the system takes what it did
	 * not write for written. */
	if (rc == 0)
		rc = write_all(redo->fd, redo->reading, (size_t)len, 0);
	if (rc == 0 && fdatasync(redo->fd) != 0)
		rc = errno;
	errno = rc;
	return rc == 0 ? 0 : file_error(redo, diag);
}

/* redo_open - open the file that belongs to the stamp */
int
redo_open(struct redo *redo, int directory, enum redo_access access,
    bool *pending, struct diag *diag)
{
	const int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	int rc;

	*pending = false;
	redo_name(&redo->stamp, redo->name);
	redo->fd = access == REDO_READ
	    ? openat(directory, redo->name, O_RDONLY | flags)
	    : openat(directory, redo->name, O_RDWR | flags);
	if (redo->fd < 0 && errno == ENOENT)
		return diag_set(diag, ERR_CORRUPT,
		    "%s, which belongs to data.mdb, is missing: bring back "
		    "both as they were at one time, or run x4check --repair",
		    redo->name);
	if (redo->fd < 0)
		return file_error(redo, diag);
	redo_rewind(redo);
	rc = judge(redo, pending, diag);
	/* Whoever died before may not have flushed what is read now, and the
	 * next stamp says that it is there. */
	if (rc == 0 && *pending && access == REDO_READ_WRITE)
		rc = flush_beginning(redo, diag);
	if (rc != 0)
		redo_close(redo);
	return rc;
}

/* redo_append - write the turn as the next record, and flush it */
int
redo_append(struct redo *redo)
{
	struct redo_place place = redo->place;
	struct slice record = redo_turn_seal(&redo->turn, &redo->stamp, &place);
	int rc =
	    write_all(redo->fd, record.data, record.len, redo->place.offset);

	if (rc == 0 && fdatasync(redo->fd) != 0)
		rc = errno;
	if (rc != 0)
		return rc;
	redo->place = place;
	redo->begun = true;
	return 0;
}

/* look_behind - check that no whole record stands behind one that is not: such
 * a one was confirmed, and so was what is not whole */
static int
look_behind(struct redo *redo, struct diag *diag)
{
	struct redo_head head;

	for (uint64_t at = redo->place.offset + REDO_BLOCK; at < REDO_FILE;
	     at += REDO_BLOCK) {
		ssize_t len = read_block(redo, REDO_HEAD, at);

		if (len < 0)
			return file_error(redo, diag);
		if (len < REDO_HEAD)
			break;
		if (redo_head_read(redo->reading, &redo->stamp, &head) ==
			REDO_WHOLE &&
		    head.epoch == redo->stamp.epoch &&
		    head.number > redo->place.number + 1)
			return diag_set(diag, ERR_CORRUPT,
			    "%s: record %llu is damaged, and %llu behind it is "
			    "not: run x4check --repair",
			    redo->name,
			    (unsigned long long)redo->place.number + 1,
			    (unsigned long long)head.number);
	}
	return 0;
}

/* redo_next - read the next record to be applied */
int
redo_next(struct redo *redo, struct slice *changes, struct diag *diag)
{
	ssize_t len = read_block(redo, REDO_RECORD_MAX, redo->place.offset);

	if (len < 0)
		return file_error(redo, diag);
	if (redo_record_read(slice_of(redo->reading, (size_t)len), &redo->stamp,
		&redo->place, changes))
		return 1;
	return look_behind(redo, diag);
}

/* redo_rewind - go to the first record again */
void
redo_rewind(struct redo *redo)
{
	redo->place = (struct redo_place){.offset = 0};
}

/* redo_restart - go on in a new epoch */
void
redo_restart(struct redo *redo, const struct redo_stamp *stamp)
{
	redo->stamp = *stamp;
	redo->begun = false;
	redo_rewind(redo);
}
