/* SPDX-License-Identifier: ISC */
/*
 * question.h - a question to PostgreSQL, whose rows are read one by one
 *
 *	error = question_ask(&question, sql, parameters, count, &diag);
 *	while ((rc = question_next(&question, &diag)) == 1)
 *		... question_text(&question, 0) ...
 *
 * Parameters are sent beside the statement, never within it.  Errors are those
 * of postgresql.h.
 */
#ifndef FOURPOST_TRACKER_QUESTION_H
#define FOURPOST_TRACKER_QUESTION_H

#include "postgresql/postgresql.h"

#define QUESTION_PARAMETERS_MAX 8

struct question {
	struct postgresql *pg; /* borrowed, open */
	PGresult *row;	       /* owned; that question_next came to, or NULL */
};

/* question_ask - ask, with parameters $1, $2 ... as text */
int question_ask(struct question *question, const char *sql,
    const char *const *parameters, size_t count, struct diag *diag) WARN_UNUSED;

/* question_next - wait for the next row: 1, 0 there are no more, or an error */
int question_next(struct question *question, struct diag *diag) WARN_UNUSED;

/* question_skip - let the rest of an answer pass */
int question_skip(struct question *question, struct diag *diag) WARN_UNUSED;

/* question_text - get a column of the row as a text */
struct slice question_text(const struct question *question, int column);

/* question_number - get a column of the row as a number; 0: it is none */
int64_t question_number(const struct question *question, int column);

#endif
