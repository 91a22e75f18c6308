/* SPDX-License-Identifier: ISC */
/*
 * in_scan.c - find the objects in in/new, oldest first
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/in.h"
#include "base/clock.h"
#include "base/log.h"

#define ANSWER_WAIT 60000 /* ms between looks at qmgr */

struct found {
	char name[ENTRY_NAME_MAX + 1];
	struct timespec modified;
};

/* is_outstanding - tell whether an object awaits its answer */
static bool
is_outstanding(const struct in *in, const char *name)
{
	for (size_t i = 0; i < LIMITS_FILES; i++)
		if (in->objects[i].busy &&
		    strcmp(in->objects[i].name, name) == 0)
			return true;
	return false;
}

/* may_grow - tell whether a file was written so lately that its writer may not
 * have finished */
static bool
may_grow(const struct stat *st)
{
	int64_t age = clock_wall() - (int64_t)st->st_mtim.tv_sec * 1000 -
	    st->st_mtim.tv_nsec / 1000000;

	/* A date ahead of our clock says nothing. */
	return age >= 0 && age < IN_SETTLE;
}

/* by_age - compare by age, then by name */
static int
by_age(const void *left, const void *right)
{
	const struct found *a = left, *b = right;
	int order = clock_compare(&a->modified, &b->modified);

	return order != 0 ? order : strcmp(a->name, b->name);
}

/* list_objects - list the objects there are; *soon if one may still grow */
static size_t
list_objects(struct in *in, struct found *found, bool *soon)
{
	int new = in->app.directory.fd[DIRECTORY_IN_NEW];
	int fd = openat(new, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	struct stat st;
	size_t count = 0;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while (count < IN_SCAN_MAX && (entry = readdir(dir)) != NULL) {
		struct found *next = &found[count];

		if (!entry_name(entry->d_name, next->name) ||
		    is_outstanding(in, next->name) ||
		    fstatat(new, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    in_is_stuck(in, next->name, &st))
			continue;
		if (may_grow(&st)) {
			*soon = true;
			continue;
		}
		next->modified = st.st_mtim;
		count++;
	}
	closedir(dir);
	qsort(found, count, sizeof(*found), by_age);
	return count;
}

/* may_go_on - tell whether the next object may be taken */
static bool
may_go_on(const struct in *in)
{
	return !in->gone && !in->unavailable && !in->app.worker.stopping;
}

/* wait_for_free - wait until an object is free; NULL: the scan ends */
static struct in_object *
wait_for_free(struct in *in)
{
	struct in_object *object = NULL;

	while (may_go_on(in) && (object = in_free(in)) == NULL) {
		if (in_wait(in, IN_WAIT_QMGR, clock_after(ANSWER_WAIT)) ==
		    ERR_CLOSED)
			return NULL;
		in_settle(in);
	}
	return may_go_on(in) ? object : NULL;
}

/* in_scan - take the objects there are, oldest first */
void
in_scan(struct in *in)
{
	struct found *found = calloc(IN_SCAN_MAX, sizeof(*found));
	struct in_object *object;
	bool soon = false;
	size_t count;

	in->next_scan = clock_after(IN_INTERVAL);
	if (found == NULL)
		return;
	count = list_objects(in, found, &soon);
	for (size_t i = 0; i < count; i++) {
		if ((object = wait_for_free(in)) == NULL)
			break;
		in_take(in, object, found[i].name);
		/* Answers that came meanwhile, without waiting for more. */
		if (in_wait(in, IN_WAIT_QMGR, 0) == ERR_CLOSED)
			break;
		in_settle(in);
	}
	free(found);
	if (count == IN_SCAN_MAX)
		in->next_scan = 0;
	else if (soon)
		in->next_scan = clock_after(IN_SETTLE);
}
