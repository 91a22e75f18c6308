/* SPDX-License-Identifier: ISC */
/*
 * slow_disk.c - a disk that takes its time, for one program of a suite
 *
 * Loaded by LD_PRELOAD (build/peers/slow_disk.so), which master hands on:
 *
 *	SLOW_DISK_PROGRAM  the name of the program; without it, every one
 *	SLOW_DISK_MS       so long each flush takes beside what it takes anyway
 *	SLOW_DISK_STOPPED  a file: while it is there, no flush ends
 *	SLOW_DISK_COUNT    a file of 8 octets, in which flushes are counted
 *
 * A flush is fsync, fdatasync, msync, or a pwrite to a descriptor that is
 * opened with O_DSYNC, as LMDB's is for its first pages.
 */
#include <sys/mman.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 5 /* between two looks for the file */

static const char *stopped;
static long delay; /* ms */
static _Atomic uint64_t *count;

/* map_count - map the file in which flushes are counted */
static void
map_count(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	void *place;

	if (fd < 0)
		return;
	place = mmap(
	    NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (place != MAP_FAILED)
		count = place;
	(void)close(fd);
}

/* begin - read the environment, before titles of processes overwrite it */
static void __attribute__((constructor)) begin(void)
{
	const char *program = getenv("SLOW_DISK_PROGRAM");
	const char *text = getenv("SLOW_DISK_MS");
	const char *file = getenv("SLOW_DISK_STOPPED");
	const char *counted = getenv("SLOW_DISK_COUNT");

	if (program != NULL &&
	    strcmp(program, program_invocation_short_name) != 0)
		return;
	if (text != NULL)
		delay = strtol(text, NULL, 10);
	if (file != NULL)
		stopped = strdup(file);
	if (counted != NULL)
		map_count(counted);
}

/* pass - let milliseconds pass */
static void
pass(long milliseconds)
{
	struct timespec left = {.tv_sec = milliseconds / 1000,
	    .tv_nsec = milliseconds % 1000 * 1000000};

	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

/* flush - take the time of a flush */
static void
flush(void)
{
	int saved = errno;

	if (count != NULL)
		++*count;
	if (delay > 0)
		pass(delay);
	while (stopped != NULL && access(stopped, F_OK) == 0)
		pass(LOOK_MS);
	errno = saved;
}

/* fsync - flush a file, slowly */
int
fsync(int fd)
{
	flush();
	return (int)syscall(SYS_fsync, fd);
}

/* fdatasync - flush the data of a file, slowly */
int
fdatasync(int fd)
{
	flush();
	return (int)syscall(SYS_fdatasync, fd);
}

/* msync - flush a mapping, slowly */
int
msync(void *address, size_t length, int flags)
{
	if (flags & MS_SYNC)
		flush();
	return (int)syscall(SYS_msync, address, length, flags);
}

/* write_at - write at a place, slowly if that flushes */
static ssize_t
write_at(int fd, const void *data, size_t length, off_t offset)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0 && (flags & O_DSYNC) != 0)
		flush();
	return syscall(SYS_pwrite64, fd, data, length, offset);
}

/* pwrite, pwrite64 - write at a place, by both names that programs know */
ssize_t
pwrite(int fd, const void *data, size_t length, off_t offset)
{
	return write_at(fd, data, length, offset);
}

ssize_t
pwrite64(int fd, const void *data, size_t length, off64_t offset)
{
	return write_at(fd, data, length, offset);
}
