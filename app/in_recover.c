/* SPDX-License-Identifier: ISC */
/*
 * in_recover.c - name the answers and reasons of objects that are gone
 *
 * A worker that ended after it had removed or moved an object has left what it
 * wrote for the program under a name that begins with a dot.  Where the object
 * is still there it is taken again, and all is written anew.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/in.h"

#define REASON_ENDING ".error.json"

/* object_of - compose the name of the object that a file of ours is about:
 * false if it is no such file */
static bool
object_of(const char *file, char object[ENTRY_FILE_MAX])
{
	char name[ENTRY_NAME_MAX + 1];
	size_t len = strlen(file), end = strlen(REASON_ENDING);

	if (file[0] != '.' || len >= ENTRY_FILE_MAX)
		return false;
	(void)strlcpy(object, file + 1, ENTRY_FILE_MAX);
	if (len - 1 > end && strcmp(object + len - 1 - end, REASON_ENDING) == 0)
		(void)strlcpy(object + len - 1 - end, ENTRY_JSON, end);
	return entry_name(object, name);
}

/* recover_place - name what a worker has left in a place */
static void
recover_place(struct in *in, enum directory_place place)
{
	int directory = in->app.directory.fd[place];
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	char object[ENTRY_FILE_MAX];

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL)
		if (object_of(entry->d_name, object) &&
		    !entry_exists(
			in->app.directory.fd[DIRECTORY_IN_NEW], object))
			(void)!renameat(directory, entry->d_name, directory,
			    entry->d_name + 1);
	closedir(dir);
}

/* in_recover - name the answers and reasons of objects that are gone */
void
in_recover(struct in *in)
{
	recover_place(in, DIRECTORY_IN_DONE);
	recover_place(in, DIRECTORY_IN_ERROR);
}
