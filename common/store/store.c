/* SPDX-License-Identifier: ISC */
/*
 * store.c - opening the queue, recovery, and the transaction as a whole
 *
 * See store.h for the contract and the legal states.  What is on disk is in
 * db.c and env.c; what is in memory is loaded here, follows each transaction
 * (undo.h), and is freed here.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "store/state.h"

/* A record being encoded: head, extra and a body that turns out not to fit. */
#define RECORD_MAX (4 * STORE_SLICE)

/* load_numbers - load the next numbers, or derive them */
static int
load_numbers(struct store *store, struct diag *diag)
{
	struct diag reason = {.code = 0};
	int rc = numbers_load(store, &reason);

	/* Only damage is repaired here; a version that is not ours must stop
	 * the start. */
	/* A queue of a later version says so here, and is refused. */
	if (rc != ERR_CORRUPT) {
		if (rc != 0)
			diag_set(diag, rc, "%s", diag_text(&reason));
		return rc;
	}
	db_trouble(&store->db, STORE_DERIVED,
	    "header: %s: the next numbers are made again", diag_text(&reason));
	rc = derive_numbers(store, diag);
	store->committed_numbers = store->numbers;
	return rc;
}

/* load_counts - load the counts, or derive them from the messages */
static int
load_counts(struct store *store, struct diag *diag)
{
	struct diag reason = {.code = 0};
	int rc = counts_load(store, &reason);

	if (!store_is_damage(rc)) {
		if (rc != 0)
			diag_set(diag, rc, "%s", diag_text(&reason));
		return rc;
	}
	db_trouble(&store->db, STORE_DERIVED,
	    "counts are made again from the messages: %s", diag_text(&reason));
	return counts_derive(store, diag);
}

/* load_all - load what is kept in memory */
static int
load_all(
    struct store *store, const struct store_options *options, struct diag *diag)
{
	int rc = load_numbers(store, diag);

	/* Another host's queue is left as it is, so this comes first. */
	if (rc == 0)
		rc = owner_judge(store, options, diag);
	if (rc == 0)
		rc = links_load(store, diag);
	if (rc == 0)
		rc = load_counts(store, diag);
	if (rc == 0)
		rc = sessions_load(store, diag);
	if (rc == 0)
		rc = intakes_load(store, diag);
	if (rc == 0)
		rc = contents_load(store, diag);
	return rc;
}

/* recover - bring what a crash left into the state to go on from */
static int
recover(struct store *store, const struct store_options *options)
{
	int64_t now = clock_wall();
	int rc = store_begin(store);

	/* Everything that a crash left is put right in one transaction, so that
	 * a second crash finds one of the two states. */
	if (rc != 0)
		return rc;
	/* A clock that is behind must not have them forgotten early. */
	if (now < store_newest(store))
		now = store_newest(store);
	/* Derived counts are written whole, since some of those on disk may be
	 * right and some may not. */
	if (store->counts.derived) {
		store->numbers.sources = 0;
		rc = counts_renew(store);
		tally_reset(store, &store->sources);
	}
	if (rc == 0 && store->numbers.sources == 0)
		rc = derive_sources(store);
	if (rc == 0)
		rc = contents_recover(store);
	if (rc == 0)
		rc = sessions_recover(store, now);
	if (rc == 0)
		rc = paged_recover(store, now);
	if (rc == 0)
		rc = db_entries(
		    &store->db, DB_BATCHES, &store->recovery.batches);
	owner_take(store, options, now);
	if (rc == 0)
		rc = store_commit(store);
	else
		store_abort(store);
	/* From now on there is something to lose: a queue without a header is
	 * damage and not a new one. */
	store->db.fresh = false;
	store->recovery.reap = store->reap_pending;
	return rc;
}

/* store_open - open the queue in a directory */
int
store_open(const char *directory, const struct store_options *options,
    struct store **store, struct diag *diag)
{
	struct store *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return diag_set(diag, ERR_NOMEM, "queue: out of memory");
	s->queue_size = options->queue_size;
	counts_init(s);
	sources_init(s);
	RB_INIT(&s->sessions.ids);
	RB_INIT(&s->sessions.names);
	RB_INIT(&s->sessions.links);
	RB_INIT(&s->sessions.claims);
	RB_INIT(&s->intakes.files);
	buffer_init(&s->record, RECORD_MAX);
	buffer_init(&s->body, STORE_ENVELOPE_MAX + STORE_INLINE_MAX);
	rc = db_open(&s->db, directory, options, diag);
	if (rc == 0)
		rc = load_all(s, options, diag);
	if (rc == 0 && options->mode == STORE_READ_WRITE)
		rc = recover(s, options);
	/* Made after the first commit, see identity.c. */
	if (rc == 0 && options->mode == STORE_READ_WRITE)
		rc = identity_make(options->identity, diag);
	if (rc != 0) {
		/* the first reason wins: where there is one this is ignored */
		diag_set(diag, rc, "queue %s: %s", directory, store_reason(s));
		store_close(s);
		return rc;
	}
	*store = s;
	return 0;
}

/* store_close - abort what is open, give back all */
void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	store_abort(store);
	tally_fini(&store->counts.table);
	tally_fini(&store->sources);
	sessions_fini(store);
	intakes_fini(store);
	links_fini(store);
	undo_fini(&store->undo);
	buffer_fini(&store->record);
	buffer_fini(&store->body);
	db_close(&store->db);
	free(store);
}

/* store_recovery - get what store_open found */
struct store_recovery
store_recovery(const struct store *store)
{
	return store->recovery;
}

/* store_begin - begin the transaction */
int
store_begin(struct store *store)
{
	return db_begin(&store->db);
}

/* undo_memory - put memory back as it was before store_begin */
static void
undo_memory(struct store *store)
{
	/* counts first: links that are new leave with the rest */
	passed_settle(store, PASSED_UNDONE);
	tally_undo(store, &store->counts.table);
	tally_undo(store, &store->sources);
	undo_aborted(&store->undo, store);
	store->numbers = store->committed_numbers;
}

/* store_commit - make it durable */
int
store_commit(struct store *store)
{
	int rc = db_writable(&store->db);

	if (rc != 0) {
		store_abort(store);
		return rc;
	}
	/* In this order: counts and numbers are written into the transaction
	 * before it is committed with them. */
	rc = tally_flush(store, &store->counts.table);
	if (rc == 0)
		rc = tally_flush(store, &store->sources);
	if (rc == 0)
		rc = passed_flush(store);
	if (rc == 0)
		rc = numbers_flush(store);
	if (rc != 0) {
		store_abort(store);
		return rc;
	}
	rc = db_commit(&store->db);
	if (rc != 0) {
		/* The transaction is gone and so are its numbers; the next one
		 * gives them again. */
		undo_memory(store);
		return rc;
	}
	/* Memory follows the disk and not the other way round: only now is it
	 * what was committed. */
	tally_committed(&store->counts.table);
	tally_committed(&store->sources);
	passed_settle(store, PASSED_COMMITTED);
	undo_committed(&store->undo, store);
	store->numbers.derived = false;
	store->committed_numbers = store->numbers;
	return 0;
}

/* store_abort - undo it, on disk and in memory */
void
store_abort(struct store *store)
{
	if (store->db.write == NULL)
		return;
	db_abort(&store->db);
	undo_memory(store);
}

/* store_staged - estimate the octets that the transaction writes and frees */
size_t
store_staged(const struct store *store)
{
	return store->db.write != NULL ? store->db.staged : 0;
}

/* store_dead - test whether nothing can be committed any more */
bool
store_dead(const struct store *store)
{
	return store->db.dead;
}
