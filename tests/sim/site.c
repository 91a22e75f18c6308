/* SPDX-License-Identifier: ISC */
/*
 * site.c - the places from which the life makes calls that may fail
 */
#include "tests/sim/site.h"

#include <execinfo.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/sim/side.h"

#define DEPTH	  48 /* frames that are compared */
#define SITES_MAX ((size_t)1 << 16)
#define FNV_BEGIN 0xcbf29ce484222325ULL
#define FNV_PRIME 0x100000001b3ULL

static uint64_t seen[SITES_MAX]; /* hashes; 0: free */
static size_t count;
static int list = -1;

/* site_list - write a struct site to fd for the first call from each place */
void
site_list(int fd)
{
	void *frames[1];

	list = fd;
	/* The first time it allocates, which no life may be asked to do. */
	(void)backtrace(frames, 1);
}

/* is_new - note a stack; false: it was noted before */
static bool
is_new(uint64_t stack)
{
	size_t at = (size_t)(stack % SITES_MAX);

	while (seen[at] != 0 && seen[at] != stack)
		at = (at + 1) % SITES_MAX;
	if (seen[at] == stack)
		return false;
	if (++count > SITES_MAX / 2)
		sim_fail("more places than are kept");
	seen[at] = stack;
	return true;
}

/* site_note - note a call, and from where it is made */
void
site_note(uint64_t number)
{
	struct site site = {.number = number, .stack = FNV_BEGIN};
	void *frames[DEPTH];
	int depth;

	if (list < 0)
		return;
	depth = backtrace(frames, DEPTH);
	for (int i = 0; i < depth; i++)
		site.stack =
		    (site.stack ^ (uint64_t)(uintptr_t)frames[i]) * FNV_PRIME;
	if (is_new(site.stack | 1) &&
	    syscall(SYS_write, list, &site, sizeof(site)) < 0)
		sim_fail("the list of places cannot be written");
}
