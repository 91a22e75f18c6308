/* SPDX-License-Identifier: ISC */
/*
 * disk.c - the disk of the simulator: what the life calls
 */
#include "tests/sim/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/sim/clock.h"
#include "tests/sim/disk_file.h"
#include "tests/sim/fault.h"
#include "tests/sim/side.h"

#define FDS 1024

/* The file that a descriptor of the life's is of. */
struct handle {
	enum disk_kind kind;
	unsigned file;
	bool each;	/* each write is flushed (O_DSYNC) */
	bool directory; /* the queue's */
};

static struct handle handles[FDS];
static const struct handle none;

/* disk_power_cut - lose a random part of what was not flushed */
void
disk_power_cut(void)
{
	disk_file_lose();
	disk_name_lose();
}

/* disk_left - note that the life has ended */
void
disk_left(void)
{
	memset(handles, 0, sizeof(handles));
	disk_file_left();
}

/* disk_closed - note that a descriptor is of nothing any more */
void
disk_closed(int fd)
{
	if (fd >= 0 && fd < FDS)
		handles[fd] = none;
}

/* handle_of - find the file that a descriptor is of */
static const struct handle *
handle_of(int fd)
{
	return side == SIDE_LIFE && fd >= 0 && fd < FDS ? &handles[fd] : &none;
}

/* word - choose the word of the trace for a file */
static const char *
word(const struct handle *handle, const char *data, const char *journal)
{
	return handle->kind == DISK_DATA ? data : journal;
}

/* passes - pass a point where the life may die, and draw whether a call that
 * writes len octets fails: false, and errno; *len may become less */
static bool
passes(const struct handle *handle, size_t *len)
{
	int error;

	fault_point(FAULT_AT_FILE);
	error = fault_write(handle->kind == DISK_DATA);
	if (error == FAULT_SHORT && *len > 1)
		*len /= 2;
	else if (error != 0) {
		trace_note("write fails", (uint64_t)error, *len);
		errno = error == FAULT_SHORT ? EIO : error;
		return false;
	}
	return true;
}

/* write_file - write to a file of the queue, as the faults have it */
static ssize_t
write_file(const struct handle *handle, int fd, const void *octets, size_t len,
    off_t offset)
{
	ssize_t rc;

	trace_note(word(handle, "write", "journal"), (uint64_t)offset, len);
	if (!passes(handle, &len))
		return -1;
	disk_file_change(handle->file, offset, (off_t)len);
	rc = syscall(SYS_pwrite64, fd, octets, len, offset);
	/* It may die within the write, too. */
	fault_point(FAULT_AT_FILE);
	if (handle->each && rc > 0) {
		sim_spend(chance_between(100, 600) * 1000);
		disk_file_flush_part(handle->file, offset, rc);
	}
	return rc;
}

/* pwrite - write as the faults have it */
ssize_t
pwrite(int fd, const void *octets, size_t len, off_t offset)
{
	const struct handle *handle = handle_of(fd);

	return handle->kind == DISK_OTHER
	    ? syscall(SYS_pwrite64, fd, octets, len, offset)
	    : write_file(handle, fd, octets, len, offset);
}

/* write_parts - write parts from an offset on */
static ssize_t
write_parts(const struct handle *handle, int fd, const struct iovec *parts,
    int count, off_t offset)
{
	ssize_t done = 0, rc;

	for (int i = 0; i < count; i++) {
		rc = write_file(handle, fd, parts[i].iov_base, parts[i].iov_len,
		    offset + done);
		if (rc < 0)
			return done > 0 ? done : rc;
		done += rc;
		if ((size_t)rc < parts[i].iov_len)
			break;
	}
	return done;
}

/* pwritev - write likewise */
ssize_t
pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
	const struct handle *handle = handle_of(fd);

	return handle->kind == DISK_OTHER
	    ? syscall(SYS_pwritev, fd, parts, count, offset, 0)
	    : write_parts(handle, fd, parts, count, offset);
}

/* writev - write likewise where the file stands */
ssize_t
writev(int fd, const struct iovec *parts, int count)
{
	const struct handle *handle = handle_of(fd);
	ssize_t done;
	off_t offset;

	if (handle->kind == DISK_OTHER)
		return syscall(SYS_writev, fd, parts, count);
	offset = lseek(fd, 0, SEEK_CUR);
	done = write_parts(handle, fd, parts, count, offset);
	if (done > 0)
		(void)lseek(fd, offset + done, SEEK_SET);
	return done;
}

/* flush_directory - have the names be flushed, unless it fails */
static int
flush_directory(void)
{
	int error;

	trace_note("flush names", 0, 0);
	fault_point(FAULT_AT_FILE);
	error = fault_flush();
	if (error != 0) {
		errno = error;
		return -1;
	}
	disk_name_flush();
	return 0;
}

/* flush_file - flush a file of the queue, unless it fails */
static int
flush_file(const struct handle *handle)
{
	int error;

	trace_note(word(handle, "flush", "flush journal"),
	    disk_file_unflushed(handle->file), 0);
	fault_point(FAULT_AT_FILE);
	/* It would succeed, and tell nothing.  Of the database a checkpoint for
	 * which there was no room is tried again, with each page written
	 * again. */
	if (handle->kind == DISK_JOURNAL && disk_file_failed(handle->file))
		sim_fail("flushed again, after a flush that failed");
	if (handle->kind == DISK_JOURNAL && !disk_file_begins_flushed())
		sim_fail("the journal goes on from what is not on the disk");
	/* Now and then a disk takes long. */
	sim_spend(chance_one_in(50) ? chance_between(1, 300) * SIM_MS
				    : chance_between(100, 900) * 1000);
	error = fault_flush();
	if (error != 0) {
		trace_note("flush fails", 0, 0);
		disk_file_flush_fails(handle->file);
		errno = error;
		return -1;
	}
	disk_file_flush(handle->file);
	fault_point(FAULT_AT_FILE);
	return 0;
}

/* fdatasync - flush as the faults have it */
int
fdatasync(int fd)
{
	const struct handle *handle = handle_of(fd);

	if (handle->directory)
		return flush_directory();
	return handle->kind == DISK_OTHER ? 0 : flush_file(handle);
}

/* fsync - flush likewise */
int
fsync(int fd)
{
	return fdatasync(fd);
}

/* ftruncate - cut a file off, or lengthen it */
int
ftruncate(int fd, off_t len)
{
	const struct handle *handle = handle_of(fd);
	size_t none_of_it = 0;
	struct stat st;

	if (handle->kind != DISK_OTHER) {
		trace_note("cut", (uint64_t)len, 0);
		if (!passes(handle, &none_of_it))
			return -1;
		if (fstat(fd, &st) == 0 && st.st_size > len)
			disk_file_change(handle->file, len, st.st_size - len);
	}
	return (int)syscall(SYS_ftruncate, fd, len);
}

/* fallocate - give a file room, or none */
int
fallocate(int fd, int mode, off_t offset, off_t len)
{
	const struct handle *handle = handle_of(fd);
	size_t none_of_it = 0;

	if (handle->kind != DISK_OTHER) {
		trace_note("room", (uint64_t)offset, (uint64_t)len);
		if (!passes(handle, &none_of_it))
			return -1;
	}
	return (int)syscall(SYS_fallocate, fd, mode, offset, len);
}

/* posix_fallocate - give a file room likewise; the error */
int
posix_fallocate(int fd, off_t offset, off_t len)
{
	return fallocate(fd, 0, offset, len) == 0 ? 0 : errno;
}

/* is_queue - tell whether a path is of the queue's directory */
static bool
is_queue(const char *path)
{
	size_t len = strlen(path);

	return len >= 6 && strcmp(path + len - 6, "/queue") == 0;
}

/* open_at - open, and note what of the queue it is */
static int
open_at(int at, const char *path, int flags, mode_t mode)
{
	enum disk_kind kind = side == SIDE_LIFE ? disk_kind(path) : DISK_OTHER;
	bool fresh = false;
	size_t none_of_it = 0;
	int fd;

	if (kind != DISK_OTHER && (flags & O_CREAT) != 0 &&
	    syscall(SYS_faccessat, at, path, F_OK) != 0) {
		trace_note("made", kind, 0);
		fresh = true;
		if (!passes(&(struct handle){.kind = kind}, &none_of_it))
			return -1;
	}
	fd = (int)syscall(SYS_openat, at, path, flags & ~O_DSYNC, mode);
	if (fd < 0 || fd >= FDS || side == SIDE_WORLD)
		return fd;
	handles[fd] = (struct handle){.kind = kind,
	    .each = (flags & O_DSYNC) != 0,
	    .directory = is_queue(path)};
	if (kind != DISK_OTHER)
		handles[fd].file = disk_file_know(fd, at, path, fresh);
	if (fresh)
		disk_name_made(path);
	return fd;
}

/* open - open likewise */
int
open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if ((flags & (O_CREAT | O_TMPFILE)) != 0)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	return open_at(AT_FDCWD, path, flags, mode);
}

/* openat - open likewise, from a directory */
int
openat(int at, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if ((flags & (O_CREAT | O_TMPFILE)) != 0)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	return open_at(at, path, flags, mode);
}

/* __openat_2 - open likewise: what libc's header makes of a call whose flags it
 * cannot see */
int __openat_2(int at, const char *path, int flags);
int
__openat_2(int at, const char *path, int flags)
{
	return open_at(at, path, flags, 0);
}

/* changes_name - tell whether a call changes a name of the queue, and pass what
 * may go wrong; *rc < 0: it does */
static bool
changes_name(const char *path, int *rc)
{
	size_t none_of_it = 0;
	enum disk_kind kind = side == SIDE_LIFE ? disk_kind(path) : DISK_OTHER;

	*rc = 0;
	if (kind == DISK_OTHER)
		return false;
	trace_note("name", kind, 0);
	if (!passes(&(struct handle){.kind = kind}, &none_of_it))
		*rc = -1;
	return true;
}

/* unlinkat - remove a name */
int
unlinkat(int at, const char *path, int flags)
{
	int rc;

	if (!changes_name(path, &rc))
		return (int)syscall(SYS_unlinkat, at, path, flags);
	return rc == 0 ? disk_name_remove(path) : rc;
}

/* renameat - give another name */
int
renameat(int at, const char *path, int other_at, const char *other)
{
	int rc;

	if (!changes_name(path, &rc) && !changes_name(other, &rc))
		return (int)syscall(SYS_renameat, at, path, other_at, other);
	return rc == 0 ? disk_name_give(path, other) : rc;
}

/* unlink, rename - likewise, from where the process is */
int
unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

int
rename(const char *path, const char *other)
{
	return renameat(AT_FDCWD, path, AT_FDCWD, other);
}
