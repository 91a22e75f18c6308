/* SPDX-License-Identifier: ISC */
/*
 * entry.c - files that others put into the directory: names, opening, reading
 */
#include "app/entry.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPEN_FILE (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
/* A NAME with this ending could not be told from the reason beside another. */
#define ERROR_ENDING ".error"
#define PIECE	     (64 * 1024)

/* ends_with - tell whether a text ends so, and return how long the rest is */
static bool
ends_with(const char *text, const char *ending, size_t *rest)
{
	size_t len = strlen(text), end = strlen(ending);

	if (len <= end || strcmp(text + len - end, ending) != 0)
		return false;
	*rest = len - end;
	return true;
}

/* entry_id - read the queue id of ID.json */
bool
entry_id(const char *file, uint64_t *id)
{
	char digits[24];
	const char *error;
	size_t len;

	/* Numbers are written in one way, so that an object has one name. */
	if (!ends_with(file, ENTRY_JSON, &len) || len >= sizeof(digits) ||
	    strspn(file, "0123456789") != len || file[0] == '0')
		return false;
	memcpy(digits, file, len);
	digits[len] = '\0';
	*id = (uint64_t)strtonum(digits, 1, INT64_MAX, &error);
	return error == NULL;
}

/* entry_name - read the NAME of NAME.json */
bool
entry_name(const char *file, char name[ENTRY_NAME_MAX + 1])
{
	size_t len, rest;

	if (file[0] == '.' || !ends_with(file, ENTRY_JSON, &len) ||
	    len > ENTRY_NAME_MAX)
		return false;
	memcpy(name, file, len);
	name[len] = '\0';
	return strspn(name,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		   "0123456789._-") == len &&
	    !ends_with(name, ERROR_ENDING, &rest);
}

/* entry_is_of - tell whether a file's name begins with NAME and a dot */
bool
entry_is_of(const char *file, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(file, name, len) != 0 || file[len] != '.' ||
	    strlen(file) >= ENTRY_FILE_MAX)
		return false;
	for (const char *c = file; *c != '\0'; c++)
		if (*c == '/' || iscntrl((unsigned char)*c))
			return false;
	return true;
}

/* check_file - check that an open file is a regular one with one name */
static int
check_file(const char *file, const struct stat *st, struct diag *diag)
{
	if (!S_ISREG(st->st_mode))
		return diag_set(diag, ERR_DENIED, "%s: %s, not a file", file,
		    S_ISDIR(st->st_mode) ? "a directory"
					 : "a device, pipe or socket");
	/* A second name could be of a file that its owner may not read. */
	if (st->st_nlink != 1)
		return diag_set(
		    diag, ERR_DENIED, "%s: it has other names", file);
	return 0;
}

/* entry_open - open a file that another user made */
int
entry_open(int directory, const char *file, int *fd, struct stat *st,
    struct diag *diag)
{
	int error = 0, opened = openat(directory, file, OPEN_FILE);

	if (opened < 0 && errno == ENOENT)
		return diag_set(diag, ERR_NOTFOUND, "%s: no such file", file);
	if (opened < 0)
		return diag_set(diag, ERR_DENIED, "%s: %s", file,
		    errno == ELOOP ? "a symbolic link" : strerror(errno));
	if (fstat(opened, st) < 0)
		error =
		    diag_set(diag, ERR_DENIED, "%s: %s", file, strerror(errno));
	if (error == 0)
		error = check_file(file, st, diag);
	if (error < 0)
		close(opened);
	else
		*fd = opened;
	return error;
}

/* read_all - append what a descriptor has, at most max octets */
static int
read_all(int fd, size_t max, struct buffer *out)
{
	for (;;) {
		uint8_t *room;
		ssize_t n;
		int error = buffer_reserve(out, PIECE, &room);

		if (error < 0)
			return error;
		n = read(fd, room, PIECE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? ERR_IO : 0;
		buffer_commit(out, (size_t)n);
		if (buffer_length(out) > max)
			return ERR_LIMIT;
	}
}

/* entry_read - append a whole file of at most max octets */
int
entry_read(int directory, const char *file, size_t max, struct buffer *out,
    struct stat *st, struct diag *diag)
{
	int fd, error = entry_open(directory, file, &fd, st, diag);

	if (error < 0)
		return error;
	error = read_all(fd, max, out);
	if (error == ERR_LIMIT)
		(void)diag_set(
		    diag, error, "%s: more than %zu octets", file, max);
	else if (error < 0)
		(void)diag_set(
		    diag, error, "%s: %s", file, error_strerror(error));
	close(fd);
	return error;
}

/* entry_exists - tell whether a directory has an entry of that name */
bool
entry_exists(int directory, const char *file)
{
	struct stat st;

	return fstatat(directory, file, &st, AT_SYMLINK_NOFOLLOW) == 0;
}
