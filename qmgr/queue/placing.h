/* SPDX-License-Identifier: ISC */
/*
 * placing.h - records that are to enter the queue in one transaction
 *
 * What a message becomes (a copy for each route, reports) is made ready
 * outside of the transaction and then only written, again if need be.  A large
 * envelope, or content of a report, is an object of the store, which may be
 * written before by placing_stage.h.
 */
#ifndef FOURPOST_QMGR_PLACING_H
#define FOURPOST_QMGR_PLACING_H

#include "base/buffer.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/queue/verdicts.h"
#include "store/message.h"

/* A run of octets in placing.octets, which may move while it grows. */
struct placed_part {
	size_t at, len;
};

/* The object of the store that a part of a record goes to. */
struct placed_object {
	uint64_t id;   /* 0: there is none yet */
	size_t staged; /* octets of the part that it has, committed */
};

struct placed {
	struct store_message message; /* its slices are set when written */
	struct placed_part envelope, mts_id;
	struct placed_part names;   /* named.h */
	struct placed_part content; /* where own_content */
	struct placed_part told;    /* that it is queued, with its recipients */
	struct placed_object envelope_object, content_object;
	bool own_content;
	uint32_t storm; /* a non-delivery report: storm_key; else 0 */
};

/* The content that the records without their own share. */
struct placing_content {
	uint64_t id; /* an object, sealed by the time of placing_write; or 0 */
	uint64_t length;
	struct slice octets; /* where id is 0 */
};

/* A message whose place, and number, the first record takes. */
struct placing_old {
	uint64_t id;			/* 0: there is none */
	const struct track_record *why; /* told of it; or NULL */
};

struct placing {
	struct buffer octets;
	struct placed *items;
	size_t count, capacity;
	struct placing_old old;
	struct verdicts verdicts; /* what is logged after the commit */
	struct buffer told;	  /* what tracking tells beside them: told.h */
	struct buffer told_later; /* likewise, after the commit */
	uint64_t pending_id;	  /* placing_stage.c: in its transaction */
	size_t pending_len;
};

/* Envelopes of more octets are objects. */
#define PLACING_LARGE STORE_BRIEF_MAX

/* placing_init - begin without records */
void placing_init(struct placing *placing);

/* placing_fini - give the memory back */
void placing_fini(struct placing *placing);

/* placing_reset - forget all records, and an old message; keep the memory
 * unless it is much */
void placing_reset(struct placing *placing);

/* placing_forget - forget all records and verdicts, but not what happened to
 * the message before */
void placing_forget(struct placing *placing);

/*
 * placing_add - add one more record, zeroed but for its MTS identifier
 *
 * The caller appends its envelope, and its content if it has its own, to
 * placing->octets and notes where.  The pointer is valid until the next call.
 * ERR_LIMIT, ERR_NOMEM.
 */
int placing_add(struct placing *placing, const char *mts_id,
    struct placed **added) WARN_UNUSED;

/* placing_name - keep with a record who sent it to whom, as named.h has it.
 * ERR_LIMIT, ERR_NOMEM */
int placing_name(struct placing *placing, struct placed *item,
    struct slice names) WARN_UNUSED;

/* placing_open, placing_close - begin and end a part, which is what is appended
 * between them */
size_t placing_open(const struct placing *placing);
struct placed_part placing_close(const struct placing *placing, size_t at);

/*
 * placing_write - write all records into the store, within its transaction
 *
 * Sets the id of each record.  May be done again after an abort.  What an old
 * message points to must not lie in the map.
 */
int placing_write(struct qmgr *qmgr, struct placing *placing,
    const struct placing_content *content) WARN_UNUSED;

/* placing_committed - tell the links of the records that they have work, log
 * and count what was decided; once, after the commit */
void placing_committed(struct qmgr *qmgr, struct placing *placing);

/* placing_size - estimate how many octets the records will take beyond what is
 * staged */
uint64_t placing_size(const struct placing *placing);

/* placing_octets - give the octets of a part, valid until more is placed */
struct slice
placing_octets(const struct placing *placing, struct placed_part part);

#endif
