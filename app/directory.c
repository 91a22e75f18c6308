/* SPDX-License-Identifier: ISC */
/*
 * directory.c - the directory in which an application and this MTA meet
 */
#include "app/directory.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/privilege.h"

#define OPEN_DIRECTORY (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* directory_name - name a place */
const char *
directory_name(enum directory_place place)
{
	static const char *const names[DIRECTORY_PLACES] = {
	    [DIRECTORY_OUT_TMP] = "out/tmp",
	    [DIRECTORY_OUT_NEW] = "out/new",
	    [DIRECTORY_OUT_CUR] = "out/cur",
	    [DIRECTORY_OUT_DONE] = "out/done",
	    [DIRECTORY_OUT_ERROR] = "out/error",
	    [DIRECTORY_IN_NEW] = "in/new",
	    [DIRECTORY_IN_DONE] = "in/done",
	    [DIRECTORY_IN_ERROR] = "in/error",
	};

	return names[place];
}

/* directory_init - begin with nothing open */
void
directory_init(struct directory *directory)
{
	*directory = (struct directory){.path = ""};
	for (size_t i = 0; i < DIRECTORY_PLACES; i++)
		directory->fd[i] = -1;
}

/* directory_close - close all */
void
directory_close(struct directory *directory)
{
	for (size_t i = 0; i < DIRECTORY_PLACES; i++) {
		if (directory->fd[i] != -1)
			close(directory->fd[i]);
		directory->fd[i] = -1;
	}
}

/* directory_mode - get the mode of a file of ours */
mode_t
directory_mode(const struct directory *directory)
{
	return directory->shared ? 0660 : 0600;
}

/* is_owned - tell whether a directory is of the user that we become */
static bool
is_owned(const struct stat *st)
{
	const char *user = getenv("FOURPOST_USER");
	const struct passwd *pw;

	if (user == NULL || *user == '\0' || !privilege_is_root())
		return st->st_uid == geteuid();
	pw = getpwnam(user);
	return pw != NULL && st->st_uid == pw->pw_uid;
}

/* directory_check - look whether a directory is there and the application's */
int
directory_check(
    const char *path, const struct conf_group *group, struct diag *diag)
{
	bool by_group = group->name[0] != '\0' && privilege_is_root();
	struct stat st;

	if (stat(path, &st) < 0)
		return diag_set(
		    diag, ERR_NOTFOUND, "%s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return diag_set(diag, ERR_DENIED, "%s: not a directory", path);
	/* The place where something is to be mounted has another owner, and
	 * messages must not get lost beneath the mount. */
	if (by_group && st.st_gid != group->id)
		return diag_set(diag, ERR_DENIED,
		    "%s: not of group %s; is it mounted?", path, group->name);
	if (!by_group && !is_owned(&st))
		return diag_set(diag, ERR_DENIED,
		    "%s: not of our user, and there is no group", path);
	return 0;
}

/* open_or_make - open a directory by its name, made if it is missing */
static int
open_or_make(const struct directory *directory, int parent, const char *name)
{
	/* With the bit of the group what the program makes in there is of its
	 * group too. */
	mode_t mode = directory->shared ? 02770 : 0700;
	int fd = openat(parent, name, OPEN_DIRECTORY);
	bool made;

	if (fd >= 0 || errno != ENOENT)
		return fd;
	made = mkdirat(parent, name, mode) == 0;
	if (!made && errno != EEXIST)
		return -1;
	fd = openat(parent, name, OPEN_DIRECTORY);
	if (fd < 0 || !made || fchmod(fd, mode) == 0)
		return fd;
	close(fd);
	return -1;
}

/* open_place - open a place, and the directory that it is in for a moment */
static int
open_place(struct directory *directory, int root, enum directory_place place)
{
	const char *name = directory_name(place);
	const char *slash = strchr(name, '/');
	char parent[8];
	int fd;

	(void)snprintf(
	    parent, sizeof(parent), "%.*s", (int)(slash - name), name);
	fd = open_or_make(directory, root, parent);
	if (fd < 0)
		return -1;
	directory->fd[place] = open_or_make(directory, fd, slash + 1);
	close(fd);
	return directory->fd[place];
}

/* directory_open - open all places, make what is missing */
int
directory_open(struct directory *directory, const char *path, bool shared,
    struct diag *diag)
{
	struct directory d;
	int root, error = 0;

	directory_init(&d);
	d.shared = shared;
	if (strlcpy(d.path, path, sizeof(d.path)) >= sizeof(d.path))
		return diag_set(diag, ERR_LIMIT, "%s: path too long", path);
	root = open(
	    *path == '\0' ? "/" : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	for (int i = 0; i < DIRECTORY_PLACES && error == 0; i++) {
		enum directory_place place = (enum directory_place)i;

		if (open_place(&d, root, place) < 0)
			error = diag_set(diag, ERR_IO, "%s/%s: %s", path,
			    directory_name(place), strerror(errno));
	}
	close(root);
	if (error < 0)
		directory_close(&d);
	else
		*directory = d;
	return error;
}

/* directory_intact - tell whether all places are still where they were */
bool
directory_intact(const struct directory *directory)
{
	struct stat open_st, path_st;
	char path[300];

	for (int i = 0; i < DIRECTORY_PLACES; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", directory->path,
		    directory_name((enum directory_place)i));
		if (directory->fd[i] < 0 ||
		    fstat(directory->fd[i], &open_st) < 0 ||
		    stat(path, &path_st) < 0 ||
		    open_st.st_ino != path_st.st_ino ||
		    open_st.st_dev != path_st.st_dev)
			return false;
	}
	return true;
}
