/* SPDX-License-Identifier: ISC */
/*
 * in_strays.c - files that an object may have named which cannot be read
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/in.h"

/* ends_in_json - tell whether a file may be an object, or the reason of one */
static bool
ends_in_json(const char *file)
{
	size_t len = strlen(file), end = strlen(ENTRY_JSON);

	return len >= end && strcmp(file + len - end, ENTRY_JSON) == 0;
}

/* is_claimed - tell whether an object that is there, other than NAME, may name
 * a file: a and a.b both may name a.b.part */
static bool
is_claimed(int new, const char *file, const char *name)
{
	char object[ENTRY_FILE_MAX + sizeof(ENTRY_JSON)];

	for (const char *dot = file; (dot = strchr(dot, '.')) != NULL; dot++) {
		size_t len = (size_t)(dot - file);

		if (len == strlen(name) && strncmp(file, name, len) == 0)
			continue;
		(void)snprintf(object, sizeof(object), "%.*s%s", (int)len, file,
		    ENTRY_JSON);
		if (entry_exists(new, object))
			return true;
	}
	return false;
}

/* came_before - tell whether a file was there before the object */
static bool
came_before(const struct stat *st, const struct stat *object)
{
	return st->st_ctim.tv_sec < object->st_ctim.tv_sec ||
	    (st->st_ctim.tv_sec == object->st_ctim.tv_sec &&
		st->st_ctim.tv_nsec <= object->st_ctim.tv_nsec);
}

/* is_stray - tell whether a file goes with the object NAME */
static bool
is_stray(int new, const char *file, const char *name, const struct stat *object)
{
	struct stat st;

	return entry_is_of(file, name) && !ends_in_json(file) &&
	    fstatat(new, file, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISDIR(st.st_mode) && came_before(&st, object) &&
	    !is_claimed(new, file, name);
}

/* in_move_strays - move what an object may have named to in/error */
void
in_move_strays(struct in *in, const struct in_object *object)
{
	int new = in->app.directory.fd[DIRECTORY_IN_NEW];
	int error = in->app.directory.fd[DIRECTORY_IN_ERROR];
	int fd = openat(new, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char json[ENTRY_FILE_MAX];
	const struct dirent *entry;
	struct stat st;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	(void)snprintf(json, sizeof(json), "%s%s", object->name, ENTRY_JSON);
	if (fstatat(new, json, &st, AT_SYMLINK_NOFOLLOW) == 0)
		while ((entry = readdir(dir)) != NULL) {
			worker_tick(&in->app.worker);
			/* A file that cannot be moved stays: the object and its
			 * reason matter more. */
			if (is_stray(new, entry->d_name, object->name, &st))
				(void)!renameat(
				    new, entry->d_name, error, entry->d_name);
		}
	closedir(dir);
}
