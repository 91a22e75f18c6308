/* SPDX-License-Identifier: ISC */
/*
 * settle_large.c - make what an outcome leaves of a message with a large
 * envelope in steps
 */
#include "qmgr/sending/settle_large.h"

#include <stdlib.h>

#include "qmgr/queue/placing_stage.h"
#include "qmgr/sending/alternate.h"
#include "store/store.h"

#define STEP_RECIPIENTS 2000 /* that one step decodes or judges */
#define STEP_OCTETS	((size_t)1024 * 1024) /* of the envelope, read */

enum phase {
	PHASE_READ,
	PHASE_DECODE,
	PHASE_JUDGE,
	PHASE_ALTERNATES,
	PHASE_REPORT,
	PHASE_STAGE
};

struct settle_large {
	struct commit_member member; /* of a piece that is staged */
	struct settling s;
	enum phase phase;
	struct arena arena; /* of what is decoded */
	struct buffer envelope;
	struct p1_decoding decoding;
	size_t looked;	 /* verdicts that are looked at for alternates */
	size_t reported; /* verdicts */
	bool full;	 /* a piece could not be staged */
};

/* begin - begin with an outcome: its message without envelope */
static int
begin(struct qmgr *qmgr, struct outcome *outcome)
{
	struct settle_large *large = calloc(1, sizeof(*large));
	struct store_message *m;
	struct buffer content;
	int rc;

	if (large == NULL)
		return ERR_NOMEM;
	outcome->large = large;
	large->s = (struct settling){.qmgr = qmgr, .outcome = outcome};
	arena_init(&large->arena, qmgr->arena.max);
	buffer_init(&large->envelope, STORE_ENVELOPE_MAX);
	m = &large->s.message;
	rc = store_message_get(
	    qmgr->store, outcome->message, STORE_HEAD, &large->arena, m);
	if (rc < 0 || m->content_id != 0)
		return rc;
	/* A small content lies behind the envelope. */
	buffer_init(&content, STORE_INLINE_MAX);
	rc = store_message_content(
	    qmgr->store, m->id, 0, STORE_INLINE_MAX, &content);
	if (rc == 0)
		rc = arena_slice(
		    &large->arena, buffer_slice(&content), &m->content);
	buffer_fini(&content);
	return rc;
}

/* read_some - read the next octets of the envelope: 1, there are more */
static int
read_some(struct settle_large *large)
{
	const struct store_message *m = &large->s.message;
	size_t at = buffer_length(&large->envelope);
	size_t left = m->envelope_length - at;
	int rc = store_message_envelope(large->s.qmgr->store, m->id, at,
	    left < STEP_OCTETS ? left : STEP_OCTETS, &large->envelope);

	if (rc < 0)
		return rc;
	if (left > STEP_OCTETS)
		return 1;
	large->phase = PHASE_DECODE;
	return p1_decode_begin(m->kind, buffer_slice(&large->envelope),
	    &large->arena, &large->decoding, NULL);
}

/* decode_some - decode the next recipients */
static int
decode_some(struct settle_large *large)
{
	int rc = p1_decode_some(
	    &large->decoding, STEP_RECIPIENTS, &large->arena, NULL);

	if (rc != 0)
		return rc;
	large->s.envelope = large->decoding.envelope;
	settle_keep_text(&large->s);
	large->phase = PHASE_JUDGE;
	return settle_room(&large->s, &large->arena);
}

/* place_alternates - place copies for alternates */
static int
place_alternates(struct settle_large *large, struct alternate *alternate)
{
	struct settling *s = &large->s;
	struct qmgr *qmgr = s->qmgr;
	struct arena scratch = qmgr->arena;
	int rc;

	/* Reports are on the names that recipients get here. */
	qmgr->arena = large->arena;
	rc = alternate_place(qmgr, alternate, &s->outcome->reports);
	large->arena = qmgr->arena;
	qmgr->arena = scratch;
	s->verdict_count = alternate->verdict_count;
	return rc;
}

/* look_for_alternates - look whether the next verdicts want alternates, and
 * place copies for all at the first that does */
static int
look_for_alternates(struct settle_large *large)
{
	struct settling *s = &large->s;
	struct alternate alternate = {.message = &s->message,
	    .envelope = &s->envelope,
	    .verdicts = s->verdicts,
	    .verdict_count = s->verdict_count};
	size_t until = large->looked + STEP_RECIPIENTS;

	/* An administrator who returns a message wants its originator to know,
	 * not somebody else to get it. */
	if (s->outcome->kind == OUTCOME_RETURNED)
		large->looked = s->verdict_count;
	for (; large->looked < s->verdict_count && large->looked < until;
	     large->looked++) {
		if (!alternate_is_wanted(
			s->qmgr, &alternate, &s->verdicts[large->looked]))
			continue;
		large->phase = PHASE_REPORT;
		return place_alternates(large, &alternate);
	}
	if (large->looked >= s->verdict_count)
		large->phase = PHASE_REPORT;
	return 0;
}

/* report_some - place the next report */
static int
report_some(struct settle_large *large)
{
	struct settling *s = &large->s;
	struct report_subject subject = {.envelope = &s->envelope,
	    .message = s->message.id,
	    .arrival = s->message.arrival,
	    .source = store_source_of(&s->message)};
	size_t count = s->verdict_count - large->reported;
	int rc;

	if (count > REPORT_RECIPIENTS_MAX)
		count = REPORT_RECIPIENTS_MAX;
	arena_reset(&s->qmgr->arena);
	settle_content(s, &subject.content);
	rc = report_add(s->qmgr, &subject, s->verdicts + large->reported, count,
	    &s->outcome->reports);
	if (rc < 0)
		return rc;
	large->reported += count;
	if (large->reported == s->verdict_count)
		large->phase = PHASE_STAGE;
	return 0;
}

/* settle_stage_apply - write a piece, within the transaction */
static int
settle_stage_apply(struct qmgr *qmgr, struct commit_member *member)
{
	const struct settle_large *large = (struct settle_large *)member;

	return placing_stage(qmgr, &large->s.outcome->reports);
}

/* settle_stage_done - note that a piece is committed */
static void
settle_stage_done(struct qmgr *qmgr, struct commit_member *member, int result)
{
	struct settle_large *large = (struct settle_large *)member;

	/* A piece that cannot be written is tried once more with the
	 * records. */
	if (result < 0)
		large->full = true;
	else
		placing_staged(&large->s.outcome->reports);
	qmgr->again = true;
}

/* stage_some - have the next piece staged: 0, all are */
static int
stage_some(struct settle_large *large)
{
	struct qmgr *qmgr = large->s.qmgr;

	if (large->member.queued)
		return 1;
	if (large->full || !placing_stage_due(&large->s.outcome->reports))
		return 0;
	large->member.order = COMMIT_BACKGROUND;
	large->member.apply = settle_stage_apply;
	large->member.done = settle_stage_done;
	commit_add(qmgr, &large->member);
	return 1;
}

/* prepare - take a step: 1, there is more to do */
static int
prepare(struct settle_large *large)
{
	int rc = 0;

	switch (large->phase) {
	case PHASE_READ:
		rc = read_some(large);
		break;
	case PHASE_DECODE:
		rc = decode_some(large);
		break;
	case PHASE_JUDGE:
		if (!settle_judge(&large->s, STEP_RECIPIENTS))
			large->phase = PHASE_ALTERNATES;
		break;
	case PHASE_ALTERNATES:
		rc = look_for_alternates(large);
		break;
	case PHASE_REPORT:
		rc = report_some(large);
		break;
	case PHASE_STAGE:
		return stage_some(large);
	}
	return rc < 0 ? rc : 1;
}

/* settle_large - have what an outcome leaves made in steps */
void
settle_large(struct qmgr *qmgr, struct outcome *outcome)
{
	placing_reset(&outcome->reports);
	TAILQ_INSERT_TAIL(&qmgr->settling, &outcome->member, entry);
	qmgr->again = true;
}

/* commit_first - have the first take part in the next transaction */
static void
commit_first(struct qmgr *qmgr)
{
	struct commit_member *member = TAILQ_FIRST(&qmgr->settling);

	TAILQ_REMOVE(&qmgr->settling, member, entry);
	commit_add(qmgr, member);
}

/* do_at_once - have all be done in one step for an outcome */
static void
do_at_once(struct qmgr *qmgr, struct outcome *outcome)
{
	settle_large_undo(qmgr, outcome);
	outcome->at_once = true;
}

/* settle_large_fini - have all that wait settled in one step each */
void
settle_large_fini(struct qmgr *qmgr)
{
	struct commit_member *member;

	while ((member = TAILQ_FIRST(&qmgr->settling)) != NULL) {
		do_at_once(qmgr, outcome_of(member));
		commit_first(qmgr);
	}
}

/* settle_large_step - take a step of the first that waits */
void
settle_large_step(struct qmgr *qmgr)
{
	struct commit_member *member = TAILQ_FIRST(&qmgr->settling);
	struct outcome *outcome;
	int rc;

	if (member == NULL)
		return;
	outcome = outcome_of(member);
	/* If the process ends here, this message may be why. */
	qmgr_item(qmgr, outcome->message);
	rc = outcome->large == NULL ? begin(qmgr, outcome) : 1;
	if (rc >= 0)
		rc = prepare(outcome->large);
	qmgr->again = true;
	if (rc > 0)
		return;
	/* Without memory, or with an envelope that is not in our own form, all
	 * is done in one step. */
	if (rc < 0)
		do_at_once(qmgr, outcome);
	commit_first(qmgr);
}

/* settle_large_got - get what was found of a message that is prepared */
const struct settling *
settle_large_got(const struct settle_large *large)
{
	return &large->s;
}

/* settle_large_undo - give up what was made for an outcome */
void
settle_large_undo(struct qmgr *qmgr, struct outcome *outcome)
{
	/* A piece may be about to be staged. */
	if (outcome->large != NULL)
		commit_remove(qmgr, &outcome->large->member);
	placing_unstage(qmgr, &outcome->reports);
	placing_reset(&outcome->reports);
	settle_large_free(outcome->large);
	outcome->large = NULL;
}

/* settle_large_free - free it */
void
settle_large_free(struct settle_large *large)
{
	if (large == NULL)
		return;
	arena_fini(&large->arena);
	buffer_fini(&large->envelope);
	free(large);
}
