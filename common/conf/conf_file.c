/* SPDX-License-Identifier: ISC */
/*
 * conf_file.c - the files that a configuration is made of
 */
#include "conf/conf_file.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"

#define SUFFIX ".conf"

/* fail - say what the system says about a path */
static int
fail(const char *path, struct diag *diag)
{
	return diag_set(diag, errno == ENOENT ? ERR_NOTFOUND : ERR_IO, "%s: %s",
	    path, strerror(errno));
}

/* read_octets - read an open file to its end */
static int
read_octets(int fd, const char *path, struct conf_text *text, struct diag *diag)
{
	struct stat st;
	size_t size;
	ssize_t n = 1;

	if (fstat(fd, &st) < 0)
		return fail(path, diag);
	/* Directories can be opened and not read, with an error that tells an
	 * administrator little. */
	if (S_ISDIR(st.st_mode))
		return diag_set(diag, ERR_IO, "%s: is a directory", path);
	if (st.st_size > CONF_FILE_MAX)
		return diag_set(diag, ERR_LIMIT, "%s: too large", path);
	text->shared =
	    S_ISREG(st.st_mode) && (st.st_mode & (S_IROTH | S_IWOTH)) != 0;
	/* A pipe tells no size: read up to what is too large. */
	size = S_ISREG(st.st_mode) ? (size_t)st.st_size + 1
				   : (size_t)CONF_FILE_MAX + 1;
	text->octets = malloc(size);
	if (text->octets == NULL)
		return diag_set(diag, ERR_NOMEM, "out of memory");
	while (n != 0 && text->len < size) {
		n = read(fd, text->octets + text->len, size - text->len);
		if (n < 0 && errno != EINTR)
			return fail(path, diag);
		text->len += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* conf_file_read - read a file */
int
conf_file_read(const char *path, struct conf_text *text, struct diag *diag)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int r;

	*text = (struct conf_text){0};
	if (fd < 0)
		return fail(path, diag);
	r = read_octets(fd, path, text, diag);
	(void)close(fd);
	if (r < 0)
		conf_file_free(text);
	return r;
}

/* conf_file_free - give back the text, wiped */
void
conf_file_free(struct conf_text *text)
{
	if (text->octets != NULL)
		explicit_bzero(text->octets, text->len);
	free(text->octets);
	*text = (struct conf_text){0};
}

/* is_wanted - tell whether a file of a directory is included */
static int
is_wanted(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	/* Editors leave backups and hidden files beside the real ones. */
	return entry->d_name[0] != '.' && len > strlen(SUFFIX) &&
	    strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX) == 0;
}

/* by_octets - order the files of a directory, in whatever locale */
static int
by_octets(const struct dirent **a, const struct dirent **b)
{
	/* The locale must not decide which of two files is read first. */
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* join - make a path of a directory's and a name, in the arena; NULL: no
 * memory */
static const char *
join(const char *directory, int len, const char *name, struct arena *arena)
{
	size_t size = (size_t)len + strlen(name) + 2;
	char *path = arena_alloc(arena, size);

	if (path != NULL)
		(void)snprintf(path, size, "%.*s/%s", len, directory, name);
	return path;
}

/* resolve - make a path that begins at the directory of a file whole */
static const char *
resolve(const char *path, const char *includer, struct arena *arena)
{
	const char *slash = strrchr(includer, '/');

	/* Relative to the file that includes, so that a directory can be moved
	 * as a whole. */
	if (*path == '/' || slash == NULL)
		return arena_string(arena, slice_of_string(path));
	return join(includer, (int)(slash - includer), path, arena);
}

/* expand_directory - find the files of a directory */
static int
expand_directory(const char *directory, struct arena *arena,
    const char ***paths, size_t *count, struct diag *diag)
{
	struct dirent **entries;
	int found = scandir(directory, &entries, is_wanted, by_octets), r = 0;

	if (found < 0)
		return fail(directory, diag);
	*paths = arena_array(arena, (size_t)found, sizeof(**paths));
	*count = (size_t)found;
	if (found > CONF_FILES_MAX)
		r = diag_set(diag, ERR_LIMIT, "%s: more than %d files",
		    directory, CONF_FILES_MAX);
	for (int i = 0; i < found; i++) {
		if (r == 0 && *paths != NULL)
			(*paths)[i] = join(directory, (int)strlen(directory),
			    entries[i]->d_name, arena);
		if (r == 0 && (*paths == NULL || (*paths)[i] == NULL))
			r = diag_set(diag, arena_error(arena), "%s",
			    arena_reason(arena));
		free(entries[i]);
	}
	free(entries);
	return r;
}

/* conf_file_expand - find the files that "include" means */
int
conf_file_expand(const char *path, const char *includer, struct arena *arena,
    const char ***paths, size_t *count, struct diag *diag)
{
	const char *whole = resolve(path, includer, arena);
	struct stat st;

	*paths = arena_array(arena, 1, sizeof(**paths));
	if (whole == NULL || *paths == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	if (stat(whole, &st) < 0)
		return fail(whole, diag);
	if (S_ISDIR(st.st_mode))
		return expand_directory(whole, arena, paths, count, diag);
	(*paths)[0] = whole;
	*count = 1;
	return 0;
}
