/* SPDX-License-Identifier: ISC */
/*
 * machine.c - how machines are called in the database of many
 */
#include "tracker/machine.h"

#include <string.h>
#include <unistd.h>

/* machine_here - get the name of this machine */
int
machine_here(struct question *question, const char *mta,
    char name[MACHINE_NAME_MAX], struct diag *diag)
{
	static const char sql[] =
	    "SELECT " MACHINE " FROM(SELECT $1::text AS host,$2::text AS mta)q";
	char host[256] = "";
	const char *const values[] = {host, mta};
	int rc;

	(void)gethostname(host, sizeof(host) - 1);
	rc = question_ask(question, sql, values, 2, diag);
	if (rc == 0)
		rc = question_next(question, diag);
	if (rc != 1)
		return rc < 0 ? rc : diag_set(diag, ERR_PROTOCOL, "no row");
	(void)strlcpy(name, (const char *)question_text(question, 0).data,
	    MACHINE_NAME_MAX);
	return question_skip(question, diag);
}
