/* SPDX-License-Identifier: ISC */
/*
 * limit.c - what the system may give a process at most
 */
#include <sys/resource.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/limit.h"
#include "base/sanitize.h"

/* refused - note which call the system refused */
static int
refused(struct diag *diag, const char *call)
{
	return diag_set(diag, ERR_IO, "%s: %s", call, strerror(errno));
}

/* limit_memory - allow at most octets of private memory (RLIMIT_DATA) */
int
limit_memory(uint64_t octets, struct diag *diag)
{
	struct rlimit limit;

	if (SANITIZE_ADDRESS)
		return 0;
	if (getrlimit(RLIMIT_DATA, &limit) != 0)
		return refused(diag, "getrlimit(RLIMIT_DATA)");
	if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > octets)
		limit.rlim_max = (rlim_t)octets;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_DATA, &limit) != 0)
		return refused(diag, "setrlimit(RLIMIT_DATA)");
	return 0;
}

/* limit_core - prevent core files: they hold messages and passwords */
int
limit_core(struct diag *diag)
{
	struct rlimit limit = {0, 0};

	if (setrlimit(RLIMIT_CORE, &limit) != 0)
		return refused(diag, "setrlimit(RLIMIT_CORE)");
	return 0;
}

/* limit_files - allow at least count descriptors, if the hard limit lets us */
int
limit_files(unsigned count, struct diag *diag)
{
	struct rlimit limit, more;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return refused(diag, "getrlimit(RLIMIT_NOFILE)");
	if (limit.rlim_cur < count) {
		more = limit;
		more.rlim_cur = count;
		if (more.rlim_max < count)
			more.rlim_max = count;
		if (setrlimit(RLIMIT_NOFILE, &more) != 0) {
			more.rlim_max = more.rlim_cur = limit.rlim_max;
			if (setrlimit(RLIMIT_NOFILE, &more) != 0)
				return refused(
				    diag, "setrlimit(RLIMIT_NOFILE)");
		}
		limit = more;
	}
	return limit.rlim_cur > INT_MAX ? INT_MAX : (int)limit.rlim_cur;
}
