/* SPDX-License-Identifier: ISC */
/*
 * remember.h - values under keys, in a file of SQLite
 *
 * The table note has for each key (mixer/memory_note.h) its kind, which is the
 * first octet, the value, and when it was noted last.  Errors: sqlite_file.h;
 * ERR_UNSUPPORTED: the file is of a newer release.
 */
#ifndef FOURPOST_MIXER_MEMORY_REMEMBER_H
#define FOURPOST_MIXER_MEMORY_REMEMBER_H

#include "base/arena.h"
#include "base/slice.h"
#include "sqlite/sqlite_file.h"

#define REMEMBER_FILE	 "memory.db"
#define REMEMBER_ASIDE	 "memory.db.damaged"
#define REMEMBER_VERSION 1

enum remember_statement {
	REMEMBER_BEGIN,
	REMEMBER_COMMIT,
	REMEMBER_ROLLBACK,
	REMEMBER_PUT,
	REMEMBER_FIND,
	REMEMBER_NEWEST,
	REMEMBER_FORGET,
	REMEMBER_STATEMENTS
};

struct remember {
	sqlite3 *db; /* owned; NULL: closed */
	sqlite3_stmt *statements[REMEMBER_STATEMENTS];
	struct sqlite_file file;
	void (*tick)(void *arg); /* called while long work is done, or NULL */
	void *tick_arg;
};

/* remember_open - open the file in the working directory, made if it is not
 * there; nothing stays open after an error */
int remember_open(struct remember *remember, struct diag *diag) WARN_UNUSED;

/* remember_close - close it; nothing if it is closed */
void remember_close(struct remember *remember);

/* remember_words - get the words of the last call that failed */
const char *remember_words(const struct remember *remember);

/* remember_begin, remember_commit, remember_rollback - a transaction */
int remember_begin(struct remember *remember) WARN_UNUSED;
int remember_commit(struct remember *remember) WARN_UNUSED;
void remember_rollback(struct remember *remember);

/* remember_put - note a value, in the place of an earlier one; time: wall clock
 * ms */
int remember_put(struct remember *remember, struct slice key,
    struct slice value, int64_t time) WARN_UNUSED;

/* remember_find - find a value, which is copied into the arena.
 * ERR_NOTFOUND */
int remember_find(struct remember *remember, struct slice key,
    struct arena *arena, struct slice *value) WARN_UNUSED;

/* remember_newest - find when something was noted last; 0: never */
int remember_newest(struct remember *remember, int64_t *time) WARN_UNUSED;

/* remember_forget - forget notes of a kind from before then, a step of them:
 * how many, or an error */
#define REMEMBER_STEP 500
int remember_forget(
    struct remember *remember, char kind, int64_t before) WARN_UNUSED;

#endif
