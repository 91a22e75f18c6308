/* SPDX-License-Identifier: ISC */
/*
 * question.c - a question to PostgreSQL, whose rows are read one by one
 */
#include "tracker/question.h"

#include <stdlib.h>

/* question_ask - ask */
int
question_ask(struct question *question, const char *sql,
    const char *const *parameters, size_t count, struct diag *diag)
{
	PQclear(question->row);
	question->row = NULL;
	return postgresql_stream(
	    question->pg, sql, (int)count, parameters, diag);
}

/* question_next - wait for the next row */
int
question_next(struct question *question, struct diag *diag)
{
	PQclear(question->row);
	question->row = NULL;
	return postgresql_row(question->pg, &question->row, diag);
}

/* question_skip - let the rest of an answer pass */
int
question_skip(struct question *question, struct diag *diag)
{
	int rc;

	do
		rc = question_next(question, diag);
	while (rc == 1);
	return rc;
}

/* question_text - get a column of the row as a text */
struct slice
question_text(const struct question *question, int column)
{
	return slice_of(PQgetvalue(question->row, 0, column),
	    (size_t)PQgetlength(question->row, 0, column));
}

/* question_number - get a column of the row as a number */
int64_t
question_number(const struct question *question, int column)
{
	return strtoll(PQgetvalue(question->row, 0, column), NULL, 10);
}
