/* SPDX-License-Identifier: ISC */
/*
 * directory.c - make directories as root without being led astray
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "master/directory.h"

#define OPEN_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

/* directory_refuse - note which call failed on which path */
static int
directory_refuse(const char *path, const char *call, struct diag *diag)
{
	int code = errno == ENOTDIR || errno == ELOOP ? ERR_EXISTS : ERR_IO;

	return diag_set(diag, code, "%s: %s: %s", path, call, strerror(errno));
}

/* check_trusted - refuse a directory in which others than root could put
 * something else in the place of what we are about to use */
static int
check_trusted(int fd, const char *path, struct diag *diag)
{
	struct stat st;

	if (geteuid() != 0)
		return 0;
	if (fstat(fd, &st) != 0)
		return directory_refuse(path, "stat", diag);
	/* The sticky bit is enough, as in /tmp: there others may add names but
	 * neither rename nor remove ours. */
	if (st.st_uid == 0 &&
	    ((st.st_mode & 022) == 0 || (st.st_mode & S_ISVTX) != 0))
		return 0;
	return diag_set(diag, ERR_DENIED,
	    "%s: a directory above it can be changed by others than root",
	    path);
}

/* open_part - open a part of a path, which may be a link of root's or of our
 * own */
static int
open_part(int parent, const char *part)
{
	int flags = OPEN_FLAGS | O_NOFOLLOW;
	struct stat st;

	/* A link of another user could be turned while root follows it; a link
	 * of root's, such as /var/run, is part of the system. */
	if (fstatat(parent, part, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode) && (st.st_uid == 0 || st.st_uid == geteuid()))
		flags = OPEN_FLAGS;
	return openat(parent, part, flags);
}

/* enter - open the directory part of parent, made if it is missing */
static int
enter(int parent, const char *part)
{
	int fd = open_part(parent, part);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	/* The directory is opened with O_NOFOLLOW even though it was just made:
	 * between the two calls another may have put a link there. */
	if (mkdirat(parent, part, 0700) != 0)
		return -1;
	fd = openat(parent, part, OPEN_FLAGS | O_NOFOLLOW);
	/* The umask is for files of master alone, but workers of other users
	 * pass through this directory. */
	if (fd >= 0 && geteuid() == 0)
		(void)fchmod(fd, 0755);
	return fd;
}

/* open_above - open the directory above path, whose name there is *last */
static int
open_above(const char *path, const char **last, struct diag *diag)
{
	char part[NAME_MAX + 1];
	int fd = open("/", OPEN_FLAGS), next, error = 0;
	const char *end;

	for (;;) {
		path += strspn(path, "/");
		end = path + strcspn(path, "/");
		*last = path;
		if (fd < 0)
			return directory_refuse(path, "open", diag);
		error = check_trusted(fd, path, diag);
		if (error != 0 || end[strspn(end, "/")] == '\0')
			break;
		if ((size_t)(end - path) >= sizeof(part)) {
			error = diag_set(diag, ERR_LIMIT, "%s: too long", path);
			break;
		}
		memcpy(part, path, (size_t)(end - path));
		part[end - path] = '\0';
		next = enter(fd, part);
		(void)close(fd);
		fd = next;
		path = end;
	}
	if (error == 0)
		return fd;
	(void)close(fd);
	return error;
}

/* adapt - give a directory its owner and mode, unless it is somebody else's */
static int
adapt(int fd, const char *path, const struct directory_owner *owner,
    struct diag *diag)
{
	uid_t user = owner->user == (uid_t)-1 ? geteuid() : owner->user;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return directory_refuse(path, "stat", diag);
	/* Only a directory that is ours already, or was in an older release,
	 * changes hands: root giving away a directory of a third user would
	 * hand over what is in it. */
	if (st.st_uid != user && st.st_uid != geteuid() &&
	    (owner->former == (uid_t)-1 || st.st_uid != owner->former))
		return diag_set(diag, ERR_DENIED,
		    "%s: belongs to user %u; it must be user %u's", path,
		    (unsigned)st.st_uid, (unsigned)user);
	if (owner->user != (uid_t)-1 &&
	    (st.st_uid != user || st.st_gid != owner->group) &&
	    fchown(fd, user, owner->group) != 0)
		return directory_refuse(path, "chown", diag);
	if ((st.st_mode & 07777) != owner->mode && fchmod(fd, owner->mode) != 0)
		return directory_refuse(path, "chmod", diag);
	return 0;
}

/* directory_make - open a directory, made if need be, with what is above it */
int
directory_make(
    const char *path, const struct directory_owner *owner, struct diag *diag)
{
	const char *last;
	int parent = open_above(path, &last, diag), fd, error;
	char name[NAME_MAX + 1];

	if (parent < 0)
		return parent;
	/* The directory is born closed to all and opened by adapt(), when the
	 * owner is right: nobody else gets a descriptor of it before. */
	(void)strlcpy(name, last, sizeof(name));
	name[strcspn(name, "/")] = '\0';
	if (mkdirat(parent, name, 0700) != 0 && errno != EEXIST)
		error = directory_refuse(path, "mkdir", diag);
	else
		error = 0;
	fd = error != 0 ? -1 : open_part(parent, name);
	(void)close(parent);
	if (error != 0)
		return error;
	if (fd < 0)
		return directory_refuse(path, "open", diag);
	error = adapt(fd, path, owner, diag);
	if (error == 0)
		return fd;
	(void)close(fd);
	return error;
}
