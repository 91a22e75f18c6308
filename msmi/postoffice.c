/* SPDX-License-Identifier: ISC */
/*
 * postoffice.c - the directories of a shadow postoffice
 *
 * Contract in postoffice.h.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/privilege.h"
#include "msmi/postoffice.h"

#define OPEN_DIRECTORY (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

/* postoffice_name - name a directory */
const char *
postoffice_name(enum postoffice_directory directory)
{
	static const char *const names[PO_DIRECTORIES] = {
	    "P1", "OUT", "BAD", "ATT"};

	return names[directory];
}

/* postoffice_init - begin with nothing open */
void
postoffice_init(struct postoffice *postoffice)
{
	*postoffice = (struct postoffice){.path = ""};
	for (size_t i = 0; i < PO_DIRECTORIES; i++)
		postoffice->fd[i] = -1;
}

/* postoffice_close - close all */
void
postoffice_close(struct postoffice *postoffice)
{
	for (size_t i = 0; i < PO_DIRECTORIES; i++) {
		if (postoffice->fd[i] != -1)
			close(postoffice->fd[i]);
		postoffice->fd[i] = -1;
	}
}

/* give_away - give a directory that root made to the user of the worker */
static int
give_away(int fd)
{
	const char *user = getenv("FOURPOST_USER");
	const char *group = getenv("FOURPOST_GROUP");
	const struct group *gr = NULL;
	const struct passwd *pw;
	struct stat st;

	if (user == NULL || *user == '\0' || !privilege_is_root())
		return 0;
	if ((pw = getpwnam(user)) == NULL)
		return -1;
	/* Users of the postoffice may have put another directory there. */
	if (fstat(fd, &st) < 0 || st.st_uid != 0 || st.st_nlink > 2)
		return -1;
	if (group != NULL && *group != '\0' && (gr = getgrnam(group)) == NULL)
		return -1;
	return fchown(fd, pw->pw_uid, gr != NULL ? gr->gr_gid : pw->pw_gid);
}

/* open_one - open a directory, or make it */
static int
open_one(int root, const char *name)
{
	int fd = openat(root, name, OPEN_DIRECTORY | O_NOFOLLOW);
	bool made;

	if (fd >= 0 || errno != ENOENT)
		return fd;
	made = mkdirat(root, name, 0770) == 0;
	if (!made && errno != EEXIST)
		return -1;
	fd = openat(root, name, OPEN_DIRECTORY | O_NOFOLLOW);
	if (fd >= 0 && made && give_away(fd) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* any_there - tell whether a directory has any of the four: an empty one is a
 * share that is not mounted */
static bool
any_there(int root)
{
	struct stat st;

	for (size_t i = 0; i < PO_DIRECTORIES; i++) {
		if (fstatat(root, postoffice_name((enum postoffice_directory)i),
			&st, AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	}
	return false;
}

/* postoffice_open - open all, make what is missing */
int
postoffice_open(
    struct postoffice *postoffice, const char *path, struct diag *diag)
{
	struct postoffice po;
	int root, error = 0;

	postoffice_init(&po);
	if ((size_t)snprintf(po.path, sizeof(po.path), "%s", path) >=
	    sizeof(po.path))
		return diag_set(diag, ERR_LIMIT, "%s: path too long", path);
	root = open(*path == '\0' ? "/" : path, OPEN_DIRECTORY);
	if (root < 0)
		return diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	if (!any_there(root))
		error = diag_set(diag, ERR_NOTFOUND,
		    "%s: no directory P1 in it; is it mounted?", path);
	for (size_t i = 0; i < PO_DIRECTORIES && error == 0; i++) {
		const char *name =
		    postoffice_name((enum postoffice_directory)i);

		po.fd[i] = open_one(root, name);
		if (po.fd[i] < 0)
			error = diag_set(diag, ERR_IO, "%s/%s: %s", path, name,
			    strerror(errno));
	}
	close(root);
	if (error < 0) {
		postoffice_close(&po);
		return error;
	}
	*postoffice = po;
	return 0;
}

/* postoffice_rooted - note that the postoffice has become the root */
void
postoffice_rooted(struct postoffice *postoffice)
{
	postoffice->path[0] = '\0';
}

/* postoffice_intact - tell whether P1 and OUT are still where they were */
bool
postoffice_intact(const struct postoffice *postoffice)
{
	struct stat open_st, path_st;
	char path[300];

	for (size_t i = PO_P1; i <= PO_OUT; i++) {
		if (postoffice->fd[i] == -1)
			return false;
		(void)snprintf(path, sizeof(path), "%s/%s", postoffice->path,
		    postoffice_name((enum postoffice_directory)i));
		if (fstat(postoffice->fd[i], &open_st) < 0 ||
		    stat(path, &path_st) < 0 ||
		    open_st.st_ino != path_st.st_ino ||
		    open_st.st_dev != path_st.st_dev)
			return false;
	}
	return true;
}
