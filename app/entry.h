/* SPDX-License-Identifier: ISC */
/*
 * entry.h - files that others put into the directory: names, opening, reading
 */
#ifndef FOURPOST_APP_ENTRY_H
#define FOURPOST_APP_ENTRY_H

#include <sys/stat.h>

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"

#define ENTRY_NAME_MAX 100 /* octets of the NAME of an object */
#define ENTRY_FILE_MAX 256 /* of a file's name, with its NUL */
#define ENTRY_JSON     ".json"

/* entry_id - read the queue id of ID.json; false: it is no such name */
bool entry_id(const char *file, uint64_t *id);

/* entry_name - read the NAME of NAME.json; false: it is no such name */
bool entry_name(const char *file, char name[ENTRY_NAME_MAX + 1]);

/* entry_is_of - tell whether a file's name begins with NAME and a dot, and has
 * no slash or character that is not printable */
bool entry_is_of(const char *file, const char *name);

/*
 * entry_open - open a file that another user made: a regular one with one name
 *
 * ERR_NOTFOUND; ERR_DENIED: it is something else, or may not be read.
 */
int entry_open(int directory, const char *file, int *fd, struct stat *st,
    struct diag *diag) WARN_UNUSED;

/* entry_read - append a whole file of at most max octets.  ERR_NOTFOUND,
 * ERR_DENIED, ERR_LIMIT, ERR_IO, ERR_NOMEM */
int entry_read(int directory, const char *file, size_t max, struct buffer *out,
    struct stat *st, struct diag *diag) WARN_UNUSED;

/* entry_exists - tell whether a directory has an entry of that name */
bool entry_exists(int directory, const char *file);

#endif
