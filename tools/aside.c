/* SPDX-License-Identifier: ISC */
/*
 * aside.c - have a file taken again that the interchange set aside
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/aside.h"

#define NAME_LEN_MAX 240

/* refuse_file - say what the system said about the file */
static int
refuse_file(const char *name, struct diag *diag)
{
	switch (errno) {
	case ENOENT:
		return diag_set(diag, ERR_NOTFOUND, "no file BAD/%s", name);
	case EEXIST:
		return diag_set(
		    diag, ERR_EXISTS, "P1 has a file %s already", name);
	case EACCES:
	case EPERM:
		return diag_set(
		    diag, ERR_DENIED, "%s: %s", name, strerror(errno));
	default:
		return diag_set(diag, ERR_IO, "%s: %s", name, strerror(errno));
	}
}

/* check_name - refuse all but a plain name, which is not that of a reason */
static int
check_name(const char *name, struct diag *diag)
{
	size_t len = strlen(name);

	/* The name is used within two directories, and must not lead out of
	 * them. */
	if (len == 0 || len > NAME_LEN_MAX || strchr(name, '/') != NULL ||
	    name[0] == '.')
		return diag_set(diag, ERR_VALUE, "not the name of a file");
	if (len > 4 && strcmp(name + len - 4, ".why") == 0)
		return diag_set(diag, ERR_VALUE,
		    "%s is a reason: name the file beside it", name);
	return 0;
}

/* open_directory - open one of a postoffice's directories */
static int
open_directory(const struct conf_msmail *msmail, const char *name, int *fd,
    struct diag *diag)
{
	char path[512];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", msmail->postoffice,
		name) >= sizeof(path))
		return diag_set(diag, ERR_LIMIT, "postoffice: too long");
	*fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0)
		return diag_set(diag, errno == EACCES ? ERR_DENIED : ERR_IO,
		    "%s: %s", path, strerror(errno));
	return 0;
}

/* move_file - move a file from one to the other; its reason goes, both are on
 * disk */
static int
move_file(int bad, int p1, const char *name, struct diag *diag)
{
	char why[NAME_LEN_MAX + 8];

	/* A file of this name in P1 is another message, which must not be
	 * lost. */
	if (renameat2(bad, name, p1, name, RENAME_NOREPLACE) != 0)
		return refuse_file(name, diag);
	(void)snprintf(why, sizeof(why), "%s.why", name);
	(void)unlinkat(bad, why, 0);
	/* Both directories, so that after a crash the file is in one of them at
	 * least. */
	if (fsync(p1) != 0 || fsync(bad) != 0)
		return refuse_file(name, diag);
	return 0;
}

/* aside_take_back - move BAD/name of a postoffice to P1/name */
int
aside_take_back(
    const struct conf_msmail *msmail, const char *name, struct diag *diag)
{
	int bad = -1, p1 = -1, error;

	error = check_name(name, diag);
	if (error == 0)
		error = open_directory(msmail, "BAD", &bad, diag);
	if (error == 0)
		error = open_directory(msmail, "P1", &p1, diag);
	if (error == 0)
		error = move_file(bad, p1, name, diag);
	if (bad >= 0)
		(void)close(bad);
	if (p1 >= 0)
		(void)close(p1);
	return error;
}
