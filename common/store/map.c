/* SPDX-License-Identifier: ISC */
/*
 * map.c - where the database is in our memory
 *
 * LMDB does not tell where it mapped the file, so the kernel is asked once,
 * when the queue is opened.  A process has one queue open for long.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <inttypes.h>
#include <lmdb.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "store/state.h"

static uintptr_t map_from, map_to;

/* map_note - note where the file of an environment is mapped */
void
map_note(MDB_env *env)
{
	uintptr_t from, to;
	uintmax_t inode;
	unsigned major_number, minor_number;
	char line[512];
	struct stat st;
	FILE *maps;
	int fd;

	/* Without the place every fault in memory is taken for the program's
	 * own. */
	if (mdb_env_get_fd(env, &fd) != 0 || fstat(fd, &st) != 0)
		return;
	maps = fopen("/proc/self/maps", "re");
	if (maps == NULL)
		return;
	while (fgets(line, sizeof(line), maps) != NULL) {
		/* LMDB does not tell where it maps its file; the kernel
		 * does. */
		if (sscanf(line,
			"%" SCNxPTR "-%" SCNxPTR " %*s %*x %x:%x %" SCNuMAX,
			&from, &to, &major_number, &minor_number,
			&inode) != 5 ||
		    inode != st.st_ino ||
		    makedev(major_number, minor_number) != st.st_dev)
			continue;
		map_from = from;
		map_to = to;
		break;
	}
	(void)fclose(maps);
}

/* store_fault_is_page - test whether an address lies in the database */
bool
store_fault_is_page(const void *address)
{
	return (uintptr_t)address >= map_from && (uintptr_t)address < map_to;
}
