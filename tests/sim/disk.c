/* SPDX-License-Identifier: ISC */
/*
 * disk.c - the disk of the simulator
 *
 * The file itself is real, because LMDB reads it through a map.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/sim/clock.h"
#include "tests/sim/disk.h"
#include "tests/sim/fault.h"
#include "tests/sim/owned.h"
#include "tests/sim/side.h"

#define SECTOR	     512
#define FDS	     1024
#define SLOTS	     ((size_t)1 << 15)
#define UNSYNCED_MAX (SLOTS / 2)

enum kind {
	KIND_OTHER,
	KIND_DATA,
	KIND_DATA_SYNC /* each write is flushed (O_DSYNC) */
};

/* A sector that was written and not flushed. */
struct sector {
	uint64_t number;
	unsigned char before[SECTOR];
};

static enum kind kinds[FDS];
static struct sector unsynced[UNSYNCED_MAX];
static size_t unsynced_count;
static uint32_t slots[SLOTS]; /* index + 1 into unsynced */
static off_t size_synced;
static int reader = -1; /* of what the disk holds */

/* slot_of - find the slot of a sector: its own, or one that is free */
static size_t
slot_of(uint64_t number)
{
	size_t at = (size_t)(number * 0x9e3779b97f4a7c15ULL >> 40) % SLOTS;

	while (slots[at] != 0 && unsynced[slots[at] - 1].number != number)
		at = (at + 1) % SLOTS;
	return at;
}

/* remember - remember what the disk holds where something is written */
static void
remember(off_t offset, size_t len)
{
	uint64_t first = (uint64_t)offset / SECTOR;
	uint64_t last = ((uint64_t)offset + len - 1) / SECTOR;

	for (uint64_t n = first; n <= last; n++) {
		size_t at = slot_of(n);
		struct sector *sector;

		if (slots[at] != 0)
			continue;
		if (unsynced_count == UNSYNCED_MAX)
			sim_fail("more is unsynced than is remembered");
		sector = &unsynced[unsynced_count++];
		slots[at] = (uint32_t)unsynced_count;
		sector->number = n;
		memset(sector->before, 0, SECTOR);
		if (syscall(SYS_pread64, reader, sector->before, SECTOR,
			(off_t)(n * SECTOR)) < 0)
			sim_fail("the disk cannot be read");
	}
}

/* flushed - forget what was not flushed: it is */
static void
flushed(int fd)
{
	struct stat st;

	if (unsynced_count > 0)
		memset(slots, 0, sizeof(slots));
	unsynced_count = 0;
	if (fstat(fd, &st) == 0)
		size_synced = st.st_size;
}

/* flushed_part - forget one write of a descriptor that flushes each */
static void
flushed_part(off_t offset, size_t len)
{
	uint64_t first = (uint64_t)offset / SECTOR;
	uint64_t last = ((uint64_t)offset + len - 1) / SECTOR;

	/* The disk holds now what the file holds. */
	for (uint64_t n = first; n <= last; n++) {
		size_t at = slot_of(n);

		if (slots[at] != 0)
			unsynced[slots[at] - 1].number = UINT64_MAX - n;
	}
	memset(slots, 0, sizeof(slots));
	for (size_t i = 0, kept = 0; i <= unsynced_count; i++) {
		if (i == unsynced_count) {
			unsynced_count = kept;
			break;
		}
		if (unsynced[i].number > UINT64_MAX / 2)
			continue;
		if (kept != i)
			unsynced[kept] = unsynced[i];
		kept++;
		slots[slot_of(unsynced[kept - 1].number)] = (uint32_t)kept;
	}
}

/* disk_forget - forget which descriptors are of the database's file */
void
disk_forget(void)
{
	memset(kinds, 0, sizeof(kinds));
	memset(slots, 0, sizeof(slots));
	unsynced_count = 0;
	size_synced = 0;
	if (reader >= 0)
		close(reader);
	reader = -1;
}

/* lose - put back what the disk held, or keep what was written, by chance */
static off_t
lose(int fd, uint64_t mode)
{
	off_t end = size_synced;

	for (size_t i = 0; i < unsynced_count; i++) {
		const struct sector *s = &unsynced[i];
		off_t at = (off_t)(s->number * SECTOR);
		bool kept = mode == 0 ? false
		    : mode == 1	      ? true
				      : chance_one_in(2);

		if (kept && at + SECTOR > end)
			end = at + SECTOR;
		if (!kept &&
		    syscall(SYS_pwrite64, fd, s->before, SECTOR, at) < 0)
			sim_fail("the disk cannot be written");
	}
	return end;
}

/* disk_crash - lose a random part of what was not flushed */
void
disk_crash(const char *path)
{
	struct stat st;
	off_t end;
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR, 0);

	if (fd >= 0 && unsynced_count > 0) {
		trace_note("unsynced", unsynced_count, 0);
		end = lose(fd, chance_number(4));
		if (fstat(fd, &st) == 0 && st.st_size > end &&
		    syscall(SYS_ftruncate, fd, end) < 0)
			sim_fail("the disk cannot be cut");
	}
	if (fd >= 0)
		syscall(SYS_close, fd);
	disk_forget();
}

/* kind_of - tell what a descriptor is of */
static enum kind
kind_of(int fd)
{
	return side == SIDE_LIFE && fd >= 0 && fd < FDS ? kinds[fd]
							: KIND_OTHER;
}

/* write_data - write to the database's file, as the faults have it */
static ssize_t
write_data(int fd, const void *octets, size_t len, off_t offset)
{
	ssize_t rc;
	int error;

	trace_note("write", (uint64_t)offset, len);
	fault_point(FAULT_AT_FILE);
	error = fault_write();
	if (error == FAULT_SHORT)
		len /= 2;
	else if (error != 0) {
		trace_note("write fails", (uint64_t)offset, len);
		errno = error;
		return -1;
	}
	remember(offset, len);
	rc = syscall(SYS_pwrite64, fd, octets, len, offset);
	/* It may die within the write, too. */
	fault_point(FAULT_AT_FILE);
	if (kinds[fd] == KIND_DATA_SYNC && rc > 0) {
		sim_spend(chance_between(100, 600) * 1000);
		flushed_part(offset, (size_t)rc);
	}
	return rc;
}

/* pwrite - write as the faults have it */
ssize_t
pwrite(int fd, const void *octets, size_t len, off_t offset)
{
	return kind_of(fd) == KIND_OTHER
	    ? syscall(SYS_pwrite64, fd, octets, len, offset)
	    : write_data(fd, octets, len, offset);
}

/* writev - write likewise where the file stands */
ssize_t
writev(int fd, const struct iovec *parts, int count)
{
	off_t offset;
	ssize_t done = 0, rc;

	if (kind_of(fd) == KIND_OTHER)
		return syscall(SYS_writev, fd, parts, count);
	offset = lseek(fd, 0, SEEK_CUR);
	for (int i = 0; i < count; i++) {
		rc = write_data(
		    fd, parts[i].iov_base, parts[i].iov_len, offset + done);
		if (rc < 0)
			return rc;
		done += rc;
		if ((size_t)rc < parts[i].iov_len)
			break;
	}
	(void)lseek(fd, offset + done, SEEK_SET);
	return done;
}

/* fdatasync - flush as the faults have it */
int
fdatasync(int fd)
{
	int error;

	if (kind_of(fd) == KIND_OTHER)
		return 0;
	trace_note("flush", unsynced_count, 0);
	fault_point(FAULT_AT_FILE);
	/* Now and then a disk takes long. */
	sim_spend(chance_one_in(50) ? chance_between(1, 300) * SIM_MS
				    : chance_between(100, 900) * 1000);
	error = fault_flush();
	if (error != 0) {
		trace_note("flush fails", 0, 0);
		errno = error;
		return -1;
	}
	flushed(fd);
	fault_point(FAULT_AT_FILE);
	return 0;
}

/* fsync - flush likewise */
int
fsync(int fd)
{
	return fdatasync(fd);
}

/* is_data - tell whether a path is of the database's file */
static bool
is_data(const char *path)
{
	size_t len = strlen(path);

	return len >= 8 && strcmp(path + len - 8, "data.mdb") == 0;
}

/* open - note which descriptors are of the database */
int
open(const char *path, int flags, ...)
{
	struct stat st;
	mode_t mode = 0;
	va_list ap;
	int fd;

	va_start(ap, flags);
	if ((flags & (O_CREAT | O_TMPFILE)) != 0)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags & ~O_DSYNC, mode);
	if (fd < 0 || fd >= FDS || side == SIDE_WORLD || !is_data(path))
		return fd;
	kinds[fd] = (flags & O_DSYNC) != 0 ? KIND_DATA_SYNC : KIND_DATA;
	if (reader < 0)
		reader = owned_keep((int)syscall(
		    SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0));
	if (fstat(fd, &st) == 0 && unsynced_count == 0)
		size_synced = st.st_size;
	return fd;
}
