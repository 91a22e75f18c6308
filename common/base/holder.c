/* SPDX-License-Identifier: ISC */
/*
 * holder.c - who holds the lock of a file
 *
 * See holder.h.  A lock on a directory has no file in which its holder could
 * have written its pid; the kernel knows it.
 */
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <inttypes.h>
#include <stdio.h>

#include "base/holder.h"

/* holder_of - find the process that took the flock(2) of an open file */
pid_t
holder_of(int fd)
{
	unsigned device_major, device_minor;
	uintmax_t inode;
	char line[256];
	struct stat st;
	long pid, found = 0;
	FILE *locks;

	if (fstat(fd, &st) != 0)
		return 0;
	locks = fopen("/proc/locks", "re");
	if (locks == NULL)
		return 0;
	while (found == 0 && fgets(line, sizeof(line), locks) != NULL)
		if (sscanf(line, "%*d: FLOCK %*s %*s %ld %x:%x:%" SCNuMAX, &pid,
			&device_major, &device_minor, &inode) == 4 &&
		    inode == st.st_ino &&
		    makedev(device_major, device_minor) == st.st_dev)
			found = pid;
	(void)fclose(locks);
	return found > 0 ? (pid_t)found : 0;
}
