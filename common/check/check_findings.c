/* SPDX-License-Identifier: ISC */
/*
 * check_findings.c - findings, and what all passes of the check walk by
 *
 * See check_state.h.
 */
#include <stdarg.h>
#include <stdio.h>

#include "check/check_state.h"

#define FINDINGS_MAX 10000

/* finding - count and tell a finding */
static void
finding(struct check *check, const char *kind, uint64_t number, const char *fmt,
    va_list ap)
{
	char object[64], problem[256];

	check->result.findings++;
	/* A queue of a million damaged records is not told line by line; all
	 * are counted. */
	if (check->row == NULL || check->result.findings > FINDINGS_MAX)
		return;
	if (number == 0)
		snprintf(object, sizeof(object), "%s", kind);
	else
		snprintf(object, sizeof(object), "%s %llu", kind,
		    (unsigned long long)number);
	vsnprintf(problem, sizeof(problem), fmt, ap);
	check->row(check->arg, object, problem);
}

/* check_finding - count and tell a finding */
void
check_finding(struct check *check, const char *kind, uint64_t number,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	finding(check, kind, number, fmt, ap);
	va_end(ap);
}

/* check_follow_up - tell a finding, unless a cause that was found already
 * explains it */
void
check_follow_up(struct check *check, enum check_cause cause, const char *kind,
    uint64_t number, const char *fmt, ...)
{
	va_list ap;

	if ((check->causes & (unsigned)cause) != 0) {
		check->result.follow_ups++;
		return;
	}
	va_start(ap, fmt);
	finding(check, kind, number, fmt, ap);
	va_end(ap);
}

/* check_reason - get why something could not be read: our reason or LMDB's */
const char *
check_reason(const struct check *check, const struct diag *diag)
{
	return diag->code != 0 ? diag_text(diag) : store_reason(&check->store);
}

/* check_walk - call row for every entry */
void
check_walk(struct check *check, enum db_name name, store_load_row row)
{
	struct diag diag = {.code = 0};
	int rc = store_load(&check->store, name, row, &diag);

	/* Records of a table that cannot be read are missing everywhere they
	 * are referred to, and are told once, as this table. */
	if (rc != 0 && name == DB_MESSAGES)
		check_causes(check, CHECK_MESSAGES);
	if (rc != 0 && name == DB_OBJECTS)
		check_causes(check, CHECK_OBJECTS);
	if (rc != 0)
		check_finding(check, db_name(name), 0, "cannot be read: %s",
		    check_reason(check, &diag));
}

/* check_seen - note that a number of a kind was found in use */
void
check_seen(struct check *check, enum store_number kind, uint64_t number)
{
	if (number > check->seen[kind])
		check->seen[kind] = number;
}

/* check_exists - test whether a database has a key */
bool
check_exists(struct check *check, enum db_name name, const struct db_key *key)
{
	struct slice value;

	return db_get(&check->store.db, name, key, &value) == 0;
}
