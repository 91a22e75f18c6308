/* SPDX-License-Identifier: ISC */
/*
 * checkpoint.c - the checkpoints of a transfer, and when they are confirmed
 */
#include "traffic/incoming/checkpoint.h"

#include "base/log.h"
#include "traffic/incoming/mark.h"

#define DURABLE_AFTER 1000 /* ms: octets that took so long are worth keeping */

/* ms without octets until a peer that has checkpoints outstanding is taken to
 * wait for us: longer than the pauses of one that only writes slowly, because
 * a commit that nobody waits for costs all others */
#define QUIET 20

/* is_safe - tell whether nothing before a checkpoint need come again */
static bool
is_safe(const struct incoming_transfer *t, const struct incoming_checkpoint *c)
{
	const struct submission *s = &t->submission;

	/* Octets thrown away are not committed: the transfer is decided on,
	 * even if it is cut now. */
	if (s->too_long)
		return true;
	/* Nothing is committed before the end, so nothing may be confirmed: the
	 * peer would forget those octets. */
	if (t->commit == INCOMING_AT_END)
		return false;
	/* With marks only marked octets count: what is committed behind the
	 * last mark could not be continued by another process. */
	if (t->commit == INCOMING_MARKED)
		return s->marked > 0 && c->offset <= s->marked;
	/* An envelope is not committed before the end, and costs little to
	 * send again. */
	return c->offset <= s->committed || c->offset <= t->envelope_length;
}

/* checkpoint_confirm - confirm the checkpoints that are safe */
void
checkpoint_confirm(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	size_t done = 0;

	while (done < t->checkpoint_count && is_safe(t, &t->checkpoints[done]))
		done++;
	/* A refused transfer confirms nothing more; the peer is about to
	 * discard it. */
	if (done == 0 || t->state == INCOMING_REFUSED)
		return;
	/* An association that ended meanwhile shows that as an event. */
	(void)!association_confirm_checkpoint(
	    &traffic->association, t->checkpoints[done - 1].serial);
	t->checkpoint_count -= done;
	memmove(t->checkpoints, t->checkpoints + done,
	    t->checkpoint_count * sizeof(t->checkpoints[0]));
}

/*
 * must_commit - tell whether the peer needs a checkpoint confirmed, or what
 * came so far took long enough to be worth it
 */
static bool
must_commit(const struct traffic *traffic)
{
	const struct incoming_transfer *t = &traffic->in.transfer;

	if (t->too_large)
		return true;
	/* A commit for each checkpoint costs more than the octets do; the peer
	 * goes on with the other half of its window meanwhile. */
	if (t->commit != INCOMING_AT_END)
		return t->unmarked >= traffic->association.window / 2;
	/* Two fewer than the window, because the peer stops sending at the
	 * window and would wait for a commit that only its next octets
	 * cause. */
	return t->checkpoint_count + 2 >= traffic->association.window ||
	    clock_monotonic() - t->begun > DURABLE_AFTER;
}

/* checkpoint_note - note a checkpoint that the peer wants confirmed */
void
checkpoint_note(struct traffic *traffic, uint32_t serial)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	/* Nothing of an update is ever resumed, so each checkpoint is as safe
	 * as it will be. */
	if (t->routes) {
		(void)!association_confirm_checkpoint(
		    &traffic->association, serial);
		return;
	}
	/* The association holds the peer to the window, so more is a fault of
	 * ours. */
	if (t->checkpoint_count == CHECKPOINTS_MAX)
		panic("more checkpoints than the window allows");
	/* The reader stands exactly at the checkpoint only now. */
	if (!t->submission.too_long)
		mark_note(traffic);
	t->checkpoints[t->checkpoint_count++] =
	    (struct incoming_checkpoint){serial, t->mark_offset};
	t->unmarked++;
	if (t->submission.too_long)
		checkpoint_confirm(traffic);
	else if (must_commit(traffic))
		checkpoint_commit(traffic);
}

/* checkpoint_commit - have what came committed now */
void
checkpoint_commit(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	if (t->commit == INCOMING_AT_END)
		t->commit = INCOMING_AS_COMING;
	/* All before the checkpoint must reach qmgr, or its commit would not
	 * come.  If memory runs out the next piece fails too, and says so. */
	if (submission_flush(&traffic->in.submitter, &t->submission) != 0)
		return;
	/* Without a mark qmgr still commits, and the peer's checkpoints are
	 * confirmed; only another process could not go on from there. */
	t->unmarked = 0;
	t->commit =
	    mark_give(traffic) == 0 ? INCOMING_MARKED : INCOMING_AS_COMING;
	checkpoint_confirm(traffic);
}

/* checkpoint_due - tell when checkpoints that wait must be committed */
uint64_t
checkpoint_due(const struct traffic *traffic)
{
	const struct incoming_transfer *t = &traffic->in.transfer;
	uint64_t quiet = traffic->times.heard + QUIET;
	uint64_t late = t->begun + DURABLE_AFTER;

	if (t->state != INCOMING_COMING ||
	    (t->commit != INCOMING_AT_END && t->unmarked == 0) ||
	    t->submission.too_long || t->submission.state == SUBMISSION_ENDED ||
	    t->checkpoint_count == 0 || traffic->qmgr_gone)
		return CLOCK_NEVER;
	return quiet < late || t->commit != INCOMING_AT_END ? quiet : late;
}
