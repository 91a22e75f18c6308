/* SPDX-License-Identifier: ISC */
/*
 * cpu.c - what a master and its processes have used of the CPU; see cpu.h
 */
#include "tests/bench/cpu.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/suite.h"
#include "tests/unit/test.h"

/* used - read the clock ticks of a process, and whose child it is */
static double
used(pid_t pid, pid_t *parent)
{
	char path[64], *text, *end;
	unsigned long own = 0, kernel = 0;
	long waited = 0, waited_kernel = 0;

	*parent = 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	text = suite_read_proc(path);
	end = text == NULL ? NULL : strrchr(text, ')');
	if (end != NULL &&
	    sscanf(end,
		") %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld",
		parent, &own, &kernel, &waited, &waited_kernel) != 5)
		own = kernel = 0;
	free(text);
	return (double)own + (double)kernel + (double)waited +
	    (double)waited_kernel;
}

double
cpu_of(pid_t master)
{
	pid_t parent;
	double ticks = used(master, &parent);
	DIR *proc = opendir("/proc");
	const struct dirent *entry;

	ck_assert_ptr_nonnull(proc);
	while ((entry = readdir(proc)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		double one = pid > 1 ? used(pid, &parent) : 0;

		if (pid > 1 && parent == master)
			ticks += one;
	}
	(void)closedir(proc);
	return ticks / (double)sysconf(_SC_CLK_TCK);
}
