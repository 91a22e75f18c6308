/* SPDX-License-Identifier: ISC */
/*
 * check.c - the offline check of a queue
 *
 * See check.h.  Everything is read in the order of its keys, so that a queue
 * larger than memory is read once from its beginning to its end.
 */
#include <stdlib.h>

#include "check/check_state.h"

/* trouble_found - report what loading tells as a finding */
static void
trouble_found(void *arg, enum store_trouble kind, const char *text)
{
	struct check *check = arg;

	(void)kind;
	check_finding(check, "queue", 0, "%s", text);
}

/* check_header - check that no number would be given twice */
void
check_header(struct check *check)
{
	static const char *const kind[NEXT_COUNT] = {
	    [NEXT_MESSAGE] = "message",
	    [NEXT_CONTENT] = "content",
	    [NEXT_SESSION] = "session",
	    [NEXT_BATCH] = "batch",
	    [NEXT_NOTE] = "intake note",
	};
	struct diag diag = {.code = 0};
	unsigned i;
	int rc = numbers_load(&check->store, &diag);

	if (rc != 0) {
		check_finding(
		    check, "header", 0, "%s", check_reason(check, &diag));
		return;
	}
	for (i = 0; i < NEXT_COUNT; i++)
		if (check->seen[i] >= check->store.numbers.next[i])
			check_finding(check, "header", 0,
			    "%s %llu would be given again", kind[i],
			    (unsigned long long)check->seen[i]);
}

/* run_passes - run all passes over the records, within one read transaction */
static void
run_passes(struct check *check)
{
	if (db_enter(&check->store.db) != 0) {
		check_finding(check, "queue", 0, "cannot be read: %s",
		    store_reason(&check->store));
		return;
	}
	check_links(check);
	check_objects(check);
	if (!check->nomem)
		check_messages(check);
	check_contents(check);
	check_sessions(check);
	check_notes(check);
	check_header(check);
	check_sources(check);
	db_leave(&check->store.db);
}

/* close_check - give back what the check took */
static void
close_check(struct check *check)
{
	tally_fini(&check->store.counts.table);
	tally_fini(&check->store.sources);
	links_fini(&check->store);
	buffer_fini(&check->store.record);
	free(check->object);
	db_close(&check->store.db);
}

/* try_open - open the queue as qmgr does, for what only loading all of it
 * finds */
static void
try_open(struct check *check, const char *directory)
{
	struct store_options options = {.mode = STORE_READ_ONLY,
	    .trouble = trouble_found,
	    .trouble_arg = check};
	struct diag diag = {.code = 0};
	struct store *store;

	if (store_open(directory, &options, &store, &diag) != 0)
		check_finding(check, "queue", 0, "cannot be opened: %s",
		    diag_text(&diag));
	else
		store_close(store);
}

/* run - check what could be opened, and close it */
static int
run(struct check *check, const char *directory)
{
	/* The environment is closed before try_open: LMDB allows it to be open
	 * once in a process. */
	run_passes(check);
	close_check(check);
	if (check->nomem)
		return ERR_NOMEM;
	/* With findings the store would refuse for a reason told already. */
	if (check->result.findings == 0)
		try_open(check, directory);
	if (check->result.findings != 0)
		check->result.verdict = STORE_NEEDS_REPAIR;
	return 0;
}

/* check_records - open the queue and check what is in it */
static int
check_records(struct check *check, const char *directory,
    const struct store_options *options, struct diag *reason)
{
	int rc = db_open(&check->store.db, directory, options, reason);

	if (rc == 0)
		return run(check, directory);
	close_check(check);
	/* An I/O error or a queue in use says nothing about the queue. */
	if (rc != ERR_CORRUPT && rc != ERR_UNSUPPORTED)
		return rc;
	check_finding(check, "queue", 0, "%s", reason->text);
	check->result.verdict = STORE_UNUSABLE;
	return 0;
}

/* store_check - check the queue in a directory */
int
store_check(const char *directory, store_check_row row, void *arg,
    struct store_check_result *result, struct diag *diag)
{
	struct check *check = calloc(1, sizeof(*check));
	struct store_options options = {.mode = STORE_READ_ONLY,
	    .trouble = trouble_found,
	    .trouble_arg = check};
	struct diag reason = {.code = 0};
	int rc;

	if (check == NULL)
		return diag_set(diag, ERR_NOMEM, "check: out of memory");
	check->row = row;
	check->arg = arg;
	counts_init(&check->store);
	sources_init(&check->store);
	check->store.db.lock = check->store.db.directory = -1;
	/* Pages first: LMDB follows a damaged pointer wherever it leads, so the
	 * file is walked by our own code before LMDB maps it. */
	rc = check_pages(check, directory, &reason);
	if (rc == 0 && check->result.findings > 0)
		check->result.verdict = STORE_NEEDS_REPAIR;
	else if (rc == 0)
		rc = check_records(check, directory, &options, &reason);
	if (rc == 0)
		*result = check->result;
	else
		diag_set(diag, rc, "%s", diag_text(&reason));
	free(check);
	return rc;
}

/* store_verdict_name - get the name of a verdict */
const char *
store_verdict_name(enum store_verdict verdict)
{
	switch (verdict) {
	case STORE_CLEAN:
		return "clean";
	case STORE_NEEDS_REPAIR:
		return "needs repair";
	case STORE_UNUSABLE:
		return "unusable";
	}
	return "unknown";
}
