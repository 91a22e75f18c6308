/* SPDX-License-Identifier: ISC */
/*
 * sqlite_file.h - a database file of SQLite that one process keeps
 *
 * Names are those of files in the working directory.
 */
#ifndef FOURPOST_SQLITE_SQLITE_FILE_H
#define FOURPOST_SQLITE_SQLITE_FILE_H

#include <sys/types.h>

#include <sqlite3.h>
#include <stdbool.h>

#include "base/error.h"

/* Statements that set up a connection: a log is written ahead, and a
 * transaction outlives a power cut by sqlite_file_sync, not by itself. */
extern const char sqlite_file_settings[];

/* The file that a connection has open. */
struct sqlite_file {
	dev_t device;
	ino_t inode;
};

/*
 * sqlite_file_error - tell what the last call that failed means: never 0
 *
 * ERR_CORRUPT, ERR_FULL, ERR_BUSY (another process has it locked), ERR_IO,
 * ERR_NOMEM; ERR_TIMEOUT: it was interrupted.
 */
int sqlite_file_error(sqlite3 *db);

/* sqlite_file_number - get the number that a statement without values
 * returns */
int
sqlite_file_number(sqlite3 *db, const char *sql, int64_t *value) WARN_UNUSED;

/* sqlite_file_note - note which file has that name.  ERR_IO */
int sqlite_file_note(const char *name, struct sqlite_file *file) WARN_UNUSED;

/* sqlite_file_is - tell whether the file still has that name */
bool sqlite_file_is(const char *name, const struct sqlite_file *file);

/* sqlite_file_aside - rename a file that is closed, so that the next open makes
 * a new one.  ERR_IO */
int sqlite_file_aside(const char *name, const char *aside) WARN_UNUSED;

/* sqlite_file_sync - make the transactions so far outlive a power cut.  ERR_IO,
 * ERR_FULL */
int sqlite_file_sync(const char *name) WARN_UNUSED;

#endif
