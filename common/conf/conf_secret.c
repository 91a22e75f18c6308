/* SPDX-License-Identifier: ISC */
/*
 * conf_secret.c - password files, and keys and certificates
 */
#include "conf/conf_secret.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"

#define NEWLINE_MAX 2 /* a carriage return too, from other systems */

/* check_mode - check for a plain file that is no less private than it must
 * be */
static int
check_mode(
    int fd, const char *path, enum conf_privacy privacy, struct diag *diag)
{
	mode_t denied = privacy == CONF_PRIVATE ? S_IROTH | S_IWOTH : S_IWOTH;
	struct stat st;

	if (fstat(fd, &st) < 0) {
		return diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	}
	/* A directory or device under the name is a mistake that must not be
	 * read as a password. */
	if (!S_ISREG(st.st_mode))
		return diag_set(diag, ERR_IO, "%s: not a file", path);
	if ((st.st_mode & denied) != 0) {
		return diag_set(diag, ERR_DENIED,
		    "%s: others can %s it (mode %03o)", path,
		    privacy == CONF_PRIVATE ? "read or write" : "write",
		    (unsigned)st.st_mode & 0777);
	}
	return 0;
}

/* read_all - read up to size octets: their number or ERR_IO */
static ssize_t
read_all(int fd, char *octets, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, octets + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ERR_IO;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* open_file - open a file that is private enough: a descriptor */
static int
open_file(const char *path, enum conf_privacy privacy, struct diag *diag)
{
	/* not to wait for a FIFO's writer */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int r;

	if (fd < 0)
		return diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	r = check_mode(fd, path, privacy, diag);
	if (r < 0)
		(void)close(fd);
	return r < 0 ? r : fd;
}

/* conf_secret_load - read a whole file, into the arena */
int
conf_secret_load(const char *path, enum conf_privacy privacy,
    struct arena *arena, struct slice *octets, struct diag *diag)
{
	int fd = open_file(path, privacy, diag), r = 0;
	char *room;
	ssize_t n;

	if (fd < 0)
		return fd;
	if ((room = malloc(CONF_PEM_MAX + 1)) == NULL) {
		(void)close(fd);
		return diag_set(diag, ERR_NOMEM, "%s: no memory", path);
	}
	n = read_all(fd, room, CONF_PEM_MAX + 1);
	if (n < 0)
		r = diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	else if (n == 0)
		r = diag_set(diag, ERR_VALUE, "%s: is empty", path);
	else if ((size_t)n > CONF_PEM_MAX)
		r = diag_set(diag, ERR_LIMIT, "%s: longer than %zu octets",
		    path, CONF_PEM_MAX);
	else if ((r = arena_slice(arena, slice_of(room, (size_t)n), octets)) <
	    0)
		(void)diag_set(diag, r, "%s: %s", path, arena_reason(arena));
	/* Keys must not remain in memory that is given back. */
	if (n > 0)
		explicit_bzero(room, (size_t)n);
	free(room);
	(void)close(fd);
	return r;
}

/* conf_secret_read - read the password in a file, into the arena */
int
conf_secret_read(const char *path, struct arena *arena, struct slice *password,
    struct diag *diag)
{
	char octets[CONF_PASSWORD_MAX + NEWLINE_MAX + 1];
	size_t len = 0;
	ssize_t n;
	int fd = open_file(path, CONF_PRIVATE, diag), r;

	if (fd < 0)
		return fd;
	n = read_all(fd, octets, sizeof(octets));
	if (n < 0) {
		r = diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
		goto out;
	}
	len = (size_t)n;
	/* An editor ends the last line; the newline is not part of the
	 * password. */
	if (len > 0 && octets[len - 1] == '\n')
		len--;
	if (len > 0 && len < (size_t)n && octets[len - 1] == '\r')
		len--;
	if (len == 0) {
		r = diag_set(diag, ERR_VALUE, "%s: is empty", path);
	} else if (len > CONF_PASSWORD_MAX) {
		r = diag_set(diag, ERR_VALUE, "%s: longer than %d octets", path,
		    CONF_PASSWORD_MAX);
	} else if (memchr(octets, '\0', len) != NULL) {
		/* Peers that end strings at NUL would compare a shorter
		 * password. */
		r = diag_set(diag, ERR_VALUE, "%s: has a NUL in it", path);
	} else if ((r = arena_slice(arena, slice_of(octets, len), password)) <
	    0) {
		(void)diag_set(diag, r, "%s: %s", path, arena_reason(arena));
	}
	explicit_bzero(octets, sizeof(octets));
out:
	(void)close(fd);
	return r;
}
