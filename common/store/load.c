/* SPDX-License-Identifier: ISC */
/*
 * load.c - calling a function for every entry of a database
 *
 * See state.h.  This is how memory is filled when the queue is opened, how what
 * is redundant is derived again, and how the checker walks a queue.
 */
#include "store/state.h"

/* A row of store_load_each. */
struct each {
	store_load_row row;
	enum db_name name;
};

/* each_row - call the row of store_load_each, tell what is damaged */
static int
each_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct diag reason = {.code = 0};
	int rc = store->each->row(store, key, value, &reason);

	/* Lack of memory ends the loading; a damaged entry only costs
	 * itself. */
	if (rc == 0 || !store_is_damage(rc)) {
		if (rc != 0)
			diag_set(diag, rc, "%s", diag_text(&reason));
		return rc;
	}
	db_trouble(&store->db, STORE_RECORD_DAMAGED, "%s: %s",
	    db_name(store->each->name), diag_text(&reason));
	return 0;
}

/* store_load - call row for every entry of a database */
int
store_load(struct store *store, enum db_name name, store_load_row row,
    struct diag *diag)
{
	struct db_key at = {.len = 1};
	struct slice key, value;
	struct MDB_cursor *cursor;
	int rc = db_enter(&store->db);

	if (rc != 0)
		return rc;
	rc = db_cursor(&store->db, name, &cursor);
	/* A database that an older release did not have is empty. */
	if (rc != 0) {
		db_leave(&store->db);
		return rc == ERR_NOTFOUND ? 0 : rc;
	}
	/* no key is empty, and a zero octet is before all of them */
	rc = db_seek(&store->db, cursor, &at, &key, &value);
	while (rc == 0) {
		rc = row(store, key, value, diag);
		if (rc == 0)
			rc = db_step(&store->db, cursor, &key, &value);
	}
	db_cursor_close(cursor);
	db_leave(&store->db);
	if (rc == ERR_NOTFOUND)
		return 0;
	diag_prefix(diag, "%s", db_name(name));
	return rc;
}

/* store_load_each - call row for every entry, leave out damaged ones */
int
store_load_each(struct store *store, enum db_name name, store_load_row row,
    struct diag *diag)
{
	struct each each = {.row = row, .name = name};
	int rc;

	/* Passed by the store, as the row's own argument is the store. */
	store->each = &each;
	rc = store_load(store, name, each_row, diag);
	store->each = NULL;
	return rc;
}
