/* SPDX-License-Identifier: ISC */
/*
 * out_files.c - names of an object's files, and their removal
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "app/entry.h"
#include "app/out.h"

/* out_name - compose the name of a file of an object */
void
out_name(char name[OUT_NAME_MAX], uint64_t id, const char *ending)
{
	(void)snprintf(
	    name, OUT_NAME_MAX, "%llu%s", (unsigned long long)id, ending);
}

/* out_own_name - compose a name of ours for a file of an object */
void
out_own_name(char name[OUT_NAME_MAX], uint64_t id, const char *ending)
{
	(void)snprintf(
	    name, OUT_NAME_MAX, ".%llu%s", (unsigned long long)id, ending);
}

/* remove_matching - remove the entries of a directory that are of an object */
static void
remove_matching(int directory, const char *prefix)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
			(void)!unlinkat(directory, entry->d_name, 0);
	closedir(dir);
}

/* out_remove - remove all files of an object */
void
out_remove(struct out *out, uint64_t id)
{
	const int *fd = out->app.directory.fd;
	char name[OUT_NAME_MAX];

	/* The answer goes last: as long as it is there a next worker knows that
	 * the object was answered. */
	out_name(name, id, ENTRY_JSON);
	(void)!unlinkat(fd[DIRECTORY_OUT_NEW], name, 0);
	(void)!unlinkat(fd[DIRECTORY_OUT_CUR], name, 0);
	out_name(name, id, ".");
	remove_matching(fd[DIRECTORY_OUT_NEW], name);
	out_own_name(name, id, ".");
	remove_matching(fd[DIRECTORY_OUT_TMP], name);
}
