/* SPDX-License-Identifier: ISC */
/*
 * trouble.c - tell the owner of the queue what is found wrong in it
 *
 * See store.h.  The store writes no log itself: qmgr makes events of what it
 * is told, a tool prints it, a test counts it.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/escape.h"
#include "store/state.h"

#define TEXT_MAX 256

/* db_trouble - report what is wrong */
void
db_trouble(struct db *db, enum store_trouble kind, const char *fmt, ...)
{
	char raw[TEXT_MAX], text[TEXT_MAX];
	va_list ap;

	db->troubles[kind]++;
	/* Without a listener only the count is kept, which the checker
	 * reads. */
	if (db->trouble == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	/* The text holds octets from the file, which a log must not take as
	 * they are. */
	escape_text(text, sizeof(text), slice_of_string(raw));
	db->trouble(db->trouble_arg, kind, text);
}

/* store_troubles - count how often a trouble was reported since store_open */
uint64_t
store_troubles(const struct store *store, enum store_trouble kind)
{
	return store->db.troubles[kind];
}

/* store_error - note a reason in words and return code */
int
store_error(struct store *store, int code, const char *fmt, ...)
{
	struct diag *reason = &store->db.reason;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason->text, sizeof(reason->text), fmt, ap);
	va_end(ap);
	reason->code = code;
	return code;
}

/* store_reason - get what the last failure was, in words */
const char *
store_reason(const struct store *store)
{
	return diag_text(&store->db.reason);
}
