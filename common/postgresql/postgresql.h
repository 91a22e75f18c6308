/* SPDX-License-Identifier: ISC */
/*
 * postgresql.h - a connection to a database of PostgreSQL, by libpq
 *
 * Every wait is bounded: a call gives up when the patience of the connection is
 * over, and the connection is closed then, for nobody knows what the server did
 * with what it was sent.  It is closed too when it broke; after other errors it
 * is open, and a transaction has failed.
 *
 * Errors of all calls: ERR_NOMEM; ERR_TIMEOUT, ERR_CLOSED, ERR_CANCELLED and
 * what else wait returns (closed); ERR_DENIED (not who may do it), ERR_FULL (no
 * room on the server), ERR_BUSY (locked, or undone because of others),
 * ERR_VALUE (what was sent does not fit there), ERR_NOTFOUND (no such table,
 * schema or database), ERR_REFUSED (anything else that the server says).  diag
 * has the server's words.
 */
#ifndef FOURPOST_POSTGRESQL_POSTGRESQL_H
#define FOURPOST_POSTGRESQL_POSTGRESQL_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "postgresql/postgresql_url.h"

#define POSTGRESQL_ADDRESSES 8

/* A function that waits for a descriptor: for events of poll(2), until deadline
 * (monotonic ms).  0, or an error, which ends the call. */
struct postgresql_io {
	int (*wait)(void *arg, int fd, short events, uint64_t deadline);
	void *arg;
};

/* Where the database is, with what must be looked up before a process gives up
 * its privileges.  A host with several addresses stands there several times. */
struct postgresql_source {
	struct postgresql_url url;
	struct {
		const struct postgresql_host *host; /* of url */
		char address[64];		    /* numeric */
	} addresses[POSTGRESQL_ADDRESSES];
	size_t address_count;
	char password[POSTGRESQL_PASSWORD_MAX]; /* or empty */
	/* the file with the certificates of sslrootcert, as it is seen now */
	char root_certificate[POSTGRESQL_PATH_MAX];
};

/* The purpose of a connection. */
enum postgresql_use {
	POSTGRESQL_READS,
	POSTGRESQL_WRITES /* a standby is passed over */
};

struct postgresql {
	struct postgresql_io io;
	uint64_t patience;  /* ms, of one call */
	PGconn *connection; /* owned; NULL: closed */
};

/* postgresql_open - connect; the attempt decides which address is tried first.
 * ERR_DENIED: the server does not take us for the user, or wants a password;
 * ERR_CLOSED: it is not there, or has no place or no such database.  It is
 * closed after any error */
int
postgresql_open(struct postgresql *pg, const struct postgresql_source *source,
    enum postgresql_use use, unsigned attempt, struct diag *diag) WARN_UNUSED;

/* postgresql_close - close it; nothing if it is closed */
void postgresql_close(struct postgresql *pg);

/* postgresql_run - run statements whose results nobody wants */
int postgresql_run(
    struct postgresql *pg, const char *sql, struct diag *diag) WARN_UNUSED;

/* postgresql_end - end a transaction: commit it if rc, the result of what was
 * done in it, is 0; else undo it.  The result is rc, or an error of the commit
 */
int
postgresql_end(struct postgresql *pg, int rc, struct diag *diag) WARN_UNUSED;

/* postgresql_ask - run one statement with values ($1 ...), as text or NULL, and
 * get its rows, which the caller clears with PQclear */
int postgresql_ask(struct postgresql *pg, const char *sql, int count,
    const char *const *values, PGresult **result,
    struct diag *diag) WARN_UNUSED;

/*
 * postgresql_stream - run one statement with values, whose rows are had one by
 * one: however many they are, they need no memory
 *
 * postgresql_row - get the next of them, which the caller clears: 1, 0 after
 * the last, or an error, after which there are none.  All must be had before
 * the connection is used for anything else.
 */
int postgresql_stream(struct postgresql *pg, const char *sql, int count,
    const char *const *values, struct diag *diag) WARN_UNUSED;
int postgresql_row(
    struct postgresql *pg, PGresult **row, struct diag *diag) WARN_UNUSED;

/* postgresql_number - run one statement with values, and get one number of one
 * row; ERR_NOTFOUND too: there is no row, or it is NULL */
int postgresql_number(struct postgresql *pg, const char *sql, int count,
    const char *const *values, int64_t *number, struct diag *diag) WARN_UNUSED;

/* postgresql_copy - run a COPY ... FROM STDIN with its rows */
int postgresql_copy(struct postgresql *pg, const char *sql, struct slice rows,
    struct diag *diag) WARN_UNUSED;

/* postgresql_is_gone - tell whether an error left the connection closed */
bool postgresql_is_gone(const struct postgresql *pg);

#endif
