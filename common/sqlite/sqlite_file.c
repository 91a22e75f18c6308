/* SPDX-License-Identifier: ISC */
/*
 * sqlite_file.c - a database file of SQLite that one process keeps
 *
 * Contract in sqlite_file.h.
 */
#include "sqlite/sqlite_file.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/* An acknowledged transaction outlives a power cut by sqlite_file_sync, which
 * is not done for each.  There is no directory for temporary files. */
const char sqlite_file_settings[] = "PRAGMA auto_vacuum=INCREMENTAL;"
				    "PRAGMA journal_mode=WAL;"
				    "PRAGMA synchronous=NORMAL;"
				    "PRAGMA cache_size=-16384;"
				    "PRAGMA trusted_schema=OFF;"
				    "PRAGMA temp_store=MEMORY;"
				    "PRAGMA cell_size_check=ON;";

/* error_of - translate a result of SQLite */
static int
error_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FORMAT:
	case SQLITE_SCHEMA:
	/* A table or column is not there, or what is unique is not. */
	case SQLITE_ERROR:
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
		return ERR_CORRUPT;
	case SQLITE_FULL:
		return ERR_FULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_NOMEM:
		return ERR_NOMEM;
	case SQLITE_INTERRUPT:
		return ERR_TIMEOUT;
	default:
		return ERR_IO;
	}
}

/* sqlite_file_error - tell what the last call that failed means */
int
sqlite_file_error(sqlite3 *db)
{
	if (sqlite3_errcode(db) == SQLITE_IOERR &&
	    sqlite3_system_errno(db) == ENOSPC)
		return ERR_FULL;
	return error_of(sqlite3_errcode(db));
}

/* sqlite_file_number - get the number that a statement returns */
int
sqlite_file_number(sqlite3 *db, const char *sql, int64_t *value)
{
	sqlite3_stmt *statement = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(statement);
	if (rc == SQLITE_ROW)
		*value = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	return rc == SQLITE_ROW ? 0 : sqlite_file_error(db);
}

/* sqlite_file_note - note which file has that name */
int
sqlite_file_note(const char *name, struct sqlite_file *file)
{
	struct stat st;

	if (stat(name, &st) != 0)
		return ERR_IO;
	*file = (struct sqlite_file){st.st_dev, st.st_ino};
	return 0;
}

/* sqlite_file_is - tell whether the file still has that name */
bool
sqlite_file_is(const char *name, const struct sqlite_file *file)
{
	struct stat st;

	return stat(name, &st) == 0 && st.st_dev == file->device &&
	    st.st_ino == file->inode;
}

/* remove_beside - remove a file that SQLite keeps beside a database */
static int
remove_beside(const char *name, const char *suffix)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s%s", name, suffix);
	return unlink(path) != 0 && errno != ENOENT ? ERR_IO : 0;
}

/* sqlite_file_aside - rename a file that is closed */
int
sqlite_file_aside(const char *name, const char *aside)
{
	int error;

	if (rename(name, aside) != 0 && errno != ENOENT)
		return ERR_IO;
	/* The log of the old file would be taken for the new one's. */
	error = remove_beside(name, "-wal");
	return error != 0 ? error : remove_beside(name, "-shm");
}

/* sqlite_file_sync - make the transactions so far outlive a power cut */
int
sqlite_file_sync(const char *name)
{
	char path[PATH_MAX];
	int rc, fd;

	/* SQLite synchronizes the file itself before it begins the log
	 * again. */
	(void)snprintf(path, sizeof(path), "%s-wal", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : ERR_IO;
	rc = fdatasync(fd);
	(void)close(fd);
	if (rc != 0)
		return errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;
	return 0;
}
