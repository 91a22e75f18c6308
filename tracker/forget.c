/* SPDX-License-Identifier: ISC */
/*
 * forget.c - take what is too old out of the database
 */
#include "tracker/forget.h"

#include "tracker/recent.h"

/* The deletion of what was selected into temp.old, in this order. */
static const char *const forget[] = {
    "CREATE TEMP TABLE IF NOT EXISTS old(item INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS gone(address INTEGER PRIMARY KEY)",
    "DELETE FROM temp.old",
    "DELETE FROM temp.gone",
    NULL, /* the selection, which has values */
    "INSERT OR IGNORE INTO temp.gone SELECT p.address FROM temp.old o"
    " JOIN party p ON p.item=o.item",
    "INSERT OR IGNORE INTO temp.gone SELECT i.originator FROM temp.old o"
    " JOIN item i ON i.id=o.item WHERE i.originator IS NOT NULL",
    "DELETE FROM copy WHERE message IN(SELECT e.message FROM temp.old o"
    " JOIN event e ON e.item=o.item) AND item IN(SELECT item FROM temp.old)",
    "DELETE FROM event_recipient WHERE event IN(SELECT e.id FROM temp.old o"
    " JOIN event e ON e.item=o.item)",
    "DELETE FROM event WHERE item IN(SELECT item FROM temp.old)",
    "DELETE FROM party WHERE item IN(SELECT item FROM temp.old)",
    "DELETE FROM item WHERE id IN(SELECT item FROM temp.old)",
    "DELETE FROM address WHERE id IN(SELECT address FROM temp.gone)"
    " AND NOT EXISTS(SELECT 1 FROM party p WHERE p.address=address.id)"
    " AND NOT EXISTS(SELECT 1 FROM item i WHERE i.originator=address.id)",
};

/* select_old - select the items that are to be forgotten */
static int
select_old(struct database *db, int64_t before, int most)
{
	sqlite3_stmt *s = NULL;
	int rc;

	if (sqlite3_prepare_v2(db->db,
		"INSERT INTO temp.old SELECT id FROM item WHERE time<?1"
		" AND last<?1 ORDER BY time LIMIT ?2",
		-1, &s, NULL) != SQLITE_OK)
		return database_error(db);
	(void)sqlite3_bind_int64(s, 1, before);
	(void)sqlite3_bind_int(s, 2, most);
	rc = database_run(db, s);
	(void)sqlite3_finalize(s);
	return rc == 0 ? sqlite3_changes(db->db) : rc;
}

/* forget_selected - run the statements of a deletion, in a transaction */
static int
forget_selected(struct database *db, int64_t before, int most)
{
	int count = 0;

	for (size_t i = 0; i < sizeof(forget) / sizeof(forget[0]); i++) {
		if (forget[i] == NULL) {
			count = select_old(db, before, most);
			if (count <= 0)
				return count;
		} else if (sqlite3_exec(db->db, forget[i], NULL, NULL, NULL) !=
		    SQLITE_OK)
			return database_error(db);
	}
	return count;
}

/* forget_items - take old items out */
int
forget_items(struct database *db, int64_t before, int most)
{
	int count, rc = database_begin(db);

	if (rc != 0)
		return rc;
	count = forget_selected(db, before, most);
	/* Numbers of rows that are gone may be given again. */
	if (count != 0)
		recent_forget(db->recent);
	if (count > 0)
		rc = database_commit(db);
	if (count <= 0 || rc != 0) {
		database_rollback(db);
		return rc != 0 ? rc : count;
	}
	/* Pages that became free go back to the disk, as far as that is quick:
	 * the rest is used again. */
	if (sqlite3_exec(db->db, "PRAGMA incremental_vacuum(64)", NULL, NULL,
		NULL) != SQLITE_OK)
		return database_error(db);
	return count;
}
