/* SPDX-License-Identifier: ISC */
/*
 * repair_journal.c - apply the journal of a damaged queue to the new database
 *
 * See repair_state.h.  What the journal has is newer than what was found in the
 * database's file.  Its records are octets as good as those: each entry is
 * checked as one of the tree.  What is derived is left out.
 */
#include "check/repair_state.h"

/* is_copied - tell whether a database is copied, and not derived */
static bool
is_copied(unsigned database)
{
	static const enum db_name derived[] = {
	    DB_READY, DB_DEFERRED, DB_HELD, DB_EXPIRING, DB_COUNTS};

	for (unsigned i = 0; i < sizeof(derived) / sizeof(derived[0]); i++)
		if (database == derived[i])
			return false;
	return database < DB_COUNT;
}

/* delete_entry - delete an entry, which may be one that was not found */
static int
delete_entry(struct repair *repair, enum db_name name, struct slice key)
{
	struct db_key at = {.len = key.len};
	int rc;

	if (key.len > KEY_MAX)
		return 0;
	memcpy(at.octets, key.data, key.len);
	rc = db_delete(&repair->store.db, name, &at);
	if (rc == 0)
		rc = repair_stage(repair);
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* apply - apply the changes of one record */
static int
apply(struct repair *repair, struct slice changes)
{
	struct redo_change change;
	int rc;

	while ((rc = redo_change_next(&changes, &change)) == 1) {
		enum db_name name = (enum db_name)change.database;

		if (!is_copied(change.database))
			continue;
		rc = change.value.data == NULL
		    ? delete_entry(repair, name, change.key)
		    : repair_take(repair, name, change.key, change.value);
		if (rc != 0)
			return rc;
	}
	return rc;
}

/* apply_all - apply all records, as far as they are whole */
static int
apply_all(struct repair *repair, struct redo *redo, struct diag *diag)
{
	struct slice changes;
	int rc;

	while ((rc = redo_next(redo, &changes, diag)) == 1) {
		rc = apply(repair, changes);
		if (rc != 0)
			return rc;
	}
	return rc;
}

/* lose - tell that changes are lost: any message may have left since */
static void
lose(struct repair *repair, const char *why)
{
	repair->result.lost = true;
	repair->all_held = true;
	repair_tell(repair, "journal",
	    "%s: what was changed last may be lost, and all messages are held",
	    why);
}

/* repair_journal - apply the old journal to the new database */
int
repair_journal(struct repair *repair, int directory)
{
	struct diag diag = {.code = 0};
	struct redo redo;
	bool pending;
	int rc;

	/* Where the stamp cannot be read the time of a journal is not known; a
	 * queue of an older release has neither. */
	if (!repair->stamp.known && repair_files_has_journal(repair, directory))
		lose(repair, "nothing says which one belongs to the database");
	if (!repair->stamp.known || repair->stamp.epoch == 0)
		return 0;
	rc = redo_init(&redo);
	redo.stamp = repair->stamp;
	if (rc == 0)
		rc = redo_open(&redo, directory, REDO_READ, &pending, &diag);
	if (rc == 0 && pending)
		rc = apply_all(repair, &redo, &diag);
	redo_fini(&redo);
	if (diag.code == 0 || rc == ERR_NOMEM)
		return rc;
	/* As much as is whole was applied. */
	lose(repair, diag_text(&diag));
	return 0;
}
