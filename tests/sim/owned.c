/* SPDX-License-Identifier: ISC */
/*
 * owned.c - what the life has open: descriptors and maps
 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/sim/owned.h"
#include "tests/sim/side.h"

#define FDS  1024
#define MAPS 16

static bool kept[FDS];
static struct {
	void *at;
	size_t len;
} maps[MAPS];

/* owned_keep - note that a descriptor is the world's */
int
owned_keep(int fd)
{
	if (fd < 0 || fd >= FDS)
		sim_fail("no descriptor for the world");
	kept[fd] = true;
	return fd;
}

/* owned_drop - close and unmap all that is the life's */
void
owned_drop(void)
{
	unsigned from = 3;

	for (unsigned fd = 3; fd <= FDS; fd++) {
		if (fd < FDS && !kept[fd])
			continue;
		if (fd > from)
			syscall(SYS_close_range, from, fd - 1, 0);
		from = fd + 1;
	}
	for (int i = 0; i < MAPS; i++) {
		if (maps[i].at != NULL)
			syscall(SYS_munmap, maps[i].at, maps[i].len);
		maps[i].at = NULL;
	}
}

/* close - note that the descriptor is nobody's, and close it */
int
close(int fd)
{
	if (fd >= 0 && fd < FDS)
		kept[fd] = false;
	return (int)syscall(SYS_close, fd);
}

/* mmap - map, and note it if it is the life that does */
void *
mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	void *map =
	    (void *)syscall(SYS_mmap, at, len, protection, flags, fd, offset);

	if (side == SIDE_WORLD || map == MAP_FAILED)
		return map;
	for (int i = 0; i < MAPS; i++)
		if (maps[i].at == NULL) {
			maps[i].at = map;
			maps[i].len = len;
			return map;
		}
	sim_fail("too many maps");
}

/* munmap - unmap, and forget it */
int
munmap(void *at, size_t len)
{
	for (int i = 0; i < MAPS; i++)
		if (maps[i].at == at)
			maps[i].at = NULL;
	return (int)syscall(SYS_munmap, at, len);
}
