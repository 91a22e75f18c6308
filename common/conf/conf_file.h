/* SPDX-License-Identifier: ISC */
/*
 * conf_file.h - the files that a configuration is made of
 */
#ifndef FOURPOST_CONF_CONF_FILE_H
#define FOURPOST_CONF_CONF_FILE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

/* A file as it was read. */
struct conf_text {
	char *octets; /* owned */
	size_t len;
	bool shared; /* others can read or write it */
};

/* conf_file_read - read a file of at most CONF_FILE_MAX octets, or a pipe.
 * ERR_NOTFOUND, ERR_IO, ERR_LIMIT, ERR_NOMEM */
int conf_file_read(
    const char *path, struct conf_text *text, struct diag *diag) WARN_UNUSED;

/* conf_file_free - give back the text, wiped */
void conf_file_free(struct conf_text *text);

/*
 * conf_file_expand - find the files that "include" means
 *
 * A path that is not absolute begins at the directory of the file that includes
 * it.  A directory stands for the files in it whose names end with .conf and
 * do not begin with a dot, in the order of their octets.  Paths lie in the
 * arena.  ERR_IO, ERR_LIMIT (more than CONF_FILES_MAX), ERR_NOMEM.
 */
int
conf_file_expand(const char *path, const char *includer, struct arena *arena,
    const char ***paths, size_t *count, struct diag *diag) WARN_UNUSED;

#endif
