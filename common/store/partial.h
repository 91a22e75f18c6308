/* SPDX-License-Identifier: ISC */
/*
 * partial.h - transfers that came in part and can be continued
 *
 * A content that nobody uses yet may bear a mark: which transfer it is of,
 * how far that came, and what is needed to go on.  A content with a mark
 * outlives the process; its owner discards it (store_content_discard) when
 * the recovery timeout is over.
 *
 * Changes need a transaction.  Errors as in message.h.
 */
#ifndef FOURPOST_STORE_PARTIAL_H
#define FOURPOST_STORE_PARTIAL_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "store/message.h"

struct store;

/* Octets of envelope and state together, so that a mark fits one page. */
#define STORE_MARK_MAX ((size_t)3800)

struct store_partial {
	uint64_t content; /* its id */
	uint64_t session;
	uint64_t activity;
	uint64_t old_session; /* the name it was resumed by; 0: none */
	uint64_t old_activity;
	uint32_t link;
	uint32_t source; /* given out, not taken: of its content */
	enum mts_kind kind;
	int64_t time;	       /* of the mark; wall clock ms */
	uint64_t offset;       /* of the body, where the mark stands */
	struct slice envelope; /* as it is to be stored */
	struct slice state;    /* the receiver's own */
};

/* store_partial_mark - give a content its mark, in place of any it has.
 * ERR_NOTFOUND (it is not partial), ERR_LIMIT, ERR_VALUE */
int store_partial_mark(
    struct store *store, const struct store_partial *partial) WARN_UNUSED;

/* store_partial_next - get the next content with a mark, in order of content,
 * begin with after = 0; slices lie in the arena.  ERR_NOTFOUND at the end */
int store_partial_next(struct store *store, uint64_t after, struct arena *arena,
    struct store_partial *partial) WARN_UNUSED;

/* store_partial_find - find the content of this activity of this session, by
 * either name. ERR_NOTFOUND */
int store_partial_find(struct store *store, uint64_t session, uint64_t activity,
    struct arena *arena, struct store_partial *partial) WARN_UNUSED;

/* The contents of a source that no message uses yet. */
struct store_partial_total {
	uint64_t contents;
	uint64_t octets;
	int64_t oldest; /* mark, wall clock ms; 0: none has one */
};

/*
 * store_partial_sum - add up the partial contents of each source
 *
 * totals has count entries, by the number of the source; what is of none of
 * these is left out, and what cannot be read.  Reads all partial contents.
 */
int store_partial_sum(struct store *store, struct store_partial_total *totals,
    uint32_t count) WARN_UNUSED;

#endif
