/* SPDX-License-Identifier: ISC */
/*
 * owner.c - work in a queue as the user whose it is, not as root
 */
#include "tools/owner.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/privilege.h"

/* find_owner - find whom a queue belongs to; false: to us, or to root alone */
static bool
find_owner(const char *directory, struct stat *st)
{
	char above[PATH_MAX];

	(void)snprintf(above, sizeof(above), "%s/..", directory);
	/* A queue that does not exist yet will belong to the owner of the
	 * directory above. */
	return privilege_is_root() &&
	    (stat(directory, st) == 0 || stat(above, st) == 0) &&
	    st->st_uid != 0;
}

/* owner_become - give up root for the owner of a directory */
int
owner_become(const char *directory, struct diag *diag)
{
	const struct passwd *user;
	struct stat st;

	if (!find_owner(directory, &st))
		return 0;
	user = getpwuid(st.st_uid);
	if (user == NULL)
		return diag_set(diag, ERR_NOTFOUND,
		    "%s belongs to user %u, who does not exist", directory,
		    (unsigned)st.st_uid);
	return privilege_drop(
	    user->pw_name, NULL, PRIVILEGE_USERS_GROUPS, NULL, diag);
}

/* owner_make - make a directory for the owner of a queue's */
int
owner_make(const char *queue, const char *path, int *fd, struct diag *diag)
{
	struct stat st;
	int made;

	if (!find_owner(queue, &st)) {
		*fd = -1;
		return 0;
	}
	/* 0700 until the owner has it. */
	if (mkdir(path, 0700) != 0)
		return diag_set(diag, errno == EEXIST ? ERR_EXISTS : ERR_IO,
		    "%s: %s", path, strerror(errno));
	made = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (made < 0 || fchown(made, st.st_uid, st.st_gid) != 0) {
		(void)diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
		if (made >= 0)
			close(made);
		/* A directory that root left behind could not be used by the
		 * owner. */
		(void)rmdir(path);
		return ERR_IO;
	}
	*fd = made;
	return 0;
}
