/* SPDX-License-Identifier: ISC */
/*
 * outcome.c - what became of a job
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"
#include "mhs/mts_kind.h"
#include "mhs/report.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/assoc_retire.h"
#include "qmgr/links/job.h"
#include "qmgr/links/link.h"
#include "qmgr/links/ready.h"
#include "qmgr/links/schedule.h"
#include "qmgr/queue/deferred.h"
#include "qmgr/queue/named.h"
#include "qmgr/sending/batch.h"
#include "qmgr/sending/dispatch_job.h"
#include "qmgr/sending/doubtful.h"
#include "qmgr/sending/outcome.h"
#include "qmgr/sending/outcome_apply.h"
#include "qmgr/sending/outcome_told.h"
#include "qmgr/sending/settle_large.h"
#include "qmgr/sending/suspect.h"
#include "qmgr/sending/tagging.h"
#include "store/store.h"

static void
outcome_done(struct qmgr *qmgr, struct commit_member *member, int result);

/* outcome_new - make the outcome of a message, or NULL */
static struct outcome *
outcome_new(enum outcome_kind kind, struct job *job)
{
	struct outcome *outcome = calloc(1, sizeof(*outcome));

	if (outcome == NULL)
		return NULL;
	outcome->kind = kind;
	outcome->job = job;
	/* An outcome without a job is on a message that nobody holds: a crash
	 * of another process, or a record found damaged. */
	if (job != NULL) {
		outcome->link = job->link;
		outcome->message = job->message;
		outcome->job_number = job->id;
	}
	outcome->diagnostic = DIAGNOSTIC_NONE;
	outcome->why = outcome->text;
	placing_init(&outcome->reports);
	outcome->member.order = COMMIT_OUTCOME;
	outcome->member.apply = outcome_apply;
	outcome->member.done = outcome_done;
	return outcome;
}

/* outcome_free - free an outcome, and let go of its client */
static void
outcome_free(struct outcome *outcome)
{
	/* The client was kept from being freed while its outcome was on its way
	 * to the disk. */
	if (outcome->client != NULL)
		outcome->client->waiting--;
	settle_large_free(outcome->large);
	placing_fini(&outcome->reports);
	fates_fini(&outcome->fates);
	free(outcome);
}

/* log_sent - log that a message has left */
static void
log_sent(struct qmgr *qmgr, const struct outcome *outcome)
{
	const struct job *job = outcome->job;
	const struct link *from = link_get(&qmgr->links, job->from_link);

	LOG_EVENT(EVENT_MESSAGE_SENT, LOG_INT("id", job->message),
	    LOG_STRING("mts_id", job->mts_id),
	    LOG_STRING("kind", mts_kind_name(job->kind)),
	    LOG_STRING("from", from == NULL ? "local" : from->name),
	    LOG_STRING("to", job->link->name), named_originator(job->names),
	    named_recipients(job->names), LOG_INT("size", job->content_length),
	    LOG_STRING("priority", store_priority_name(job->priority)),
	    LOG_INT("delay_queue_ms", job->dispatched - job->arrival),
	    LOG_INT("delay_association_ms", outcome->association_delay),
	    LOG_INT("delay_transfer_ms", outcome->transfer_delay),
	    LOG_STRING("reason", outcome_remark(outcome)));
}

/* log_fate - log what was done with a message that was not transferred */
static void
log_fate(const struct outcome *outcome)
{
	static const char *const fates[] = {
	    [FATE_LEFT] = "ended",
	    [FATE_DEFERRED] = "deferred",
	    [FATE_BEHIND] = "goes after the others",
	    [FATE_HELD] = "held",
	    [FATE_QUARANTINED] = "quarantined",
	    [FATE_COUNTED] = "counted",
	    [FATE_GONE] = "gone",
	    [FATE_PREPARES] = "not ended",
	};

	/* Part of the failure of its link, which is counted. */
	if (outcome->kind == OUTCOME_INTERRUPTED &&
	    (outcome->fate == FATE_DEFERRED || outcome->fate == FATE_BEHIND) &&
	    outcome->link->unproven)
		return;
	LOG_EVENT(outcome->fate == FATE_QUARANTINED ? EVENT_QUARANTINED
						    : EVENT_TRANSFER_FAILED,
	    LOG_INT("id", outcome->message),
	    LOG_STRING(
		"mts_id", outcome->job == NULL ? NULL : outcome->job->mts_id),
	    LOG_STRING(
		"link", outcome->link == NULL ? NULL : outcome->link->name),
	    LOG_INT("tries", outcome->tries),
	    LOG_STRING("reason", outcome->why),
	    LOG_STRING("message", fates[outcome->fate]));
}

/* count_sent - count what has left, for those that failed before it */
static void
count_sent(const struct outcome *outcome)
{
	struct link *link = outcome->link;

	link->counters.messages_out++;
	link->counters.last_out = clock_wall();
	if (link->kind == LINK_MSMAIL)
		link->counters.converted++;
	link->refused = 0;
}

/* note_refused - note for administrators that a peer does not take what it is
 * sent */
static void
note_refused(const struct outcome *outcome)
{
	struct link *link = outcome->link;

	if (link == NULL ||
	    (outcome->kind != OUTCOME_TRANSIENT &&
		outcome->kind != OUTCOME_INTERRUPTED &&
		outcome->kind != OUTCOME_REFUSED))
		return;
	link->refused++;
	(void)strlcpy(
	    link->refused_why, outcome->text, sizeof(link->refused_why));
}

/* is_answered - tell whether a relay has refused a message: that is an answer
 * of SMTP, and says nothing against the session */
static bool
is_answered(const struct outcome *outcome)
{
	return outcome->kind == OUTCOME_REFUSED && outcome->link != NULL &&
	    outcome->link->kind == LINK_MIXER;
}

/* settle_assoc - release the association of an outcome, if it was to */
static void
settle_assoc(const struct outcome *outcome)
{
	struct assoc *assoc =
	    outcome->client == NULL ? NULL : outcome->client->assoc;

	if (assoc == NULL)
		return;
	/* The end of the association may have waited for this commit: the peer
	 * forgets what it took when it is released. */
	assoc->finishing--;
	if (outcome_succeeds(outcome) || outcome->kind == OUTCOME_LATER ||
	    is_answered(outcome))
		assoc_proved(assoc);
	assoc_settled(assoc);
}

/* done_note - let msmi-out go on */
static void
done_note(struct outcome *outcome, int result)
/* The record goes straight to the client: no job need be looked up, since
 * msmi-out may have ended the job meanwhile. */
{
	struct ipc_record record = {.type = IPC_DELIVERY_NOTE};

	if (outcome->client->closing)
		/* No worker is left to go on; the note is on disk for the next
		 * worker. */
		return;
	/* A worker that went on without its note could deliver twice after a
	 * crash. */
	if (result < 0) {
		client_close(outcome->client, "its note could not be kept");
		return;
	}
	record.delivery_note.job = outcome->job_number;
	record.delivery_note.note = slice_of(outcome->text, outcome->note_len);
	client_send(outcome->client, &record);
}

/*
 * outcome_put_off - keep an outcome that could not be committed for later
 *
 * A record that cannot even be set aside stays active, so that nobody takes
 * it again before a restart; a crash that was not counted was not counted.
 */
static void
outcome_put_off(struct qmgr *qmgr, struct outcome *outcome)
{
	bool again = outcome->kind != OUTCOME_UNUSABLE &&
	    outcome->kind != OUTCOME_CRASHED;

	LOG_EVENT(EVENT_UNEXPECTED, LOG_INT("id", outcome->message),
	    LOG_STRING("reason", store_reason(qmgr->store)),
	    LOG_STRING("message",
		again ? "its outcome is kept for later"
		      : "it cannot be changed"));
	if (again)
		TAILQ_INSERT_TAIL(&qmgr->put_off, &outcome->member, entry);
	else
		outcome_free(outcome);
}

/* cancel_quarantined - take a message back that a worker has again already */
static void
cancel_quarantined(struct qmgr *qmgr, const struct outcome *outcome)
{
	struct job *job = job_of(&qmgr->active, outcome->message);

	/* Another worker was given the message before its crashes were
	 * counted. */
	if (outcome->fate == FATE_QUARANTINED && outcome->job == NULL &&
	    job != NULL)
		dispatch_cancel(job);
}

/*
 * release_job - end the job of an outcome
 *
 * One that failed is a suspect from here on.  Where there is no memory for that
 * it is ready like any other.
 */
static void
release_job(struct qmgr *qmgr, const struct outcome *outcome)
{
	struct job *job = outcome->job;
	struct link *link = job->link;
	enum store_priority priority = job->priority;
	/* Only messages that stay queued can be suspects; one whose recipients
	 * may have it later did not fail. */
	bool stays = (outcome->kind == OUTCOME_TRANSIENT ||
			 outcome->kind == OUTCOME_INTERRUPTED) &&
	    (outcome->fate == FATE_DEFERRED || outcome->fate == FATE_BEHIND);
	struct suspect *suspect = NULL;

	dispatch_release(qmgr, job);
	if (stays)
		suspect = suspect_note(link, outcome->message, priority,
		    outcome->octets,
		    outcome->pending ? SUSPECT_PENDING : SUSPECT_COUNTED);
	else
		/* A message that is gone, or refused, speaks for or against
		 * nobody any more. */
		suspect_forget(link, outcome->message);
	if (suspect != NULL)
		/* A suspect that waits is taken from the suspects' list, not
		 * from the one read ahead. */
		suspect->waits = outcome->fate == FATE_BEHIND;
	else if (outcome->fate == FATE_BEHIND)
		ready_again(link, priority, outcome->message);
}

/* settles_fate - tell whether the peer need not be asked for a message again */
static bool
settles_fate(const struct outcome *outcome)
{
	return outcome->fate == FATE_LEFT || outcome->fate == FATE_GONE ||
	    outcome->kind == OUTCOME_REFUSED || outcome->kind == OUTCOME_HELD ||
	    outcome_succeeds(outcome) || outcome->kind == OUTCOME_LATER ||
	    ((outcome->kind == OUTCOME_TRANSIENT ||
		 outcome->kind == OUTCOME_INTERRUPTED) &&
		!outcome->doubtful);
}

/* gives_up - tell whether a message left that its peer may have, and without
 * the peer's word */
static bool
gives_up(const struct outcome *outcome)
{
	return outcome->fate == FATE_LEFT &&
	    (outcome->kind == OUTCOME_EXPIRED ||
		outcome->kind == OUTCOME_RETURNED ||
		outcome->kind == OUTCOME_UNROUTABLE || outcome->doubtful);
}

/* confirm - tell a worker that its outcome is committed, if it wants to know */
static void
confirm(const struct outcome *outcome)
{
	const struct ipc_record record = {.type = IPC_OUTCOME,
	    .outcome = {.job = outcome->job_number, .result = outcome->said}};

	if (outcome->confirm && !outcome->client->closing)
		client_send(outcome->client, &record);
}

/* outcome_done - do what follows from an outcome that is committed */
static void
outcome_done(struct qmgr *qmgr, struct commit_member *member, int result)
{
	struct outcome *outcome = outcome_of(member);

	if (outcome->kind == OUTCOME_NOTE) {
		done_note(outcome, result);
		outcome_free(outcome);
		return;
	}
	/* Reports that were made in steps are not wanted where the message
	 * stays, and are made again for the next try. */
	if (outcome->large != NULL && (result < 0 || !outcome->settled))
		settle_large_undo(qmgr, outcome);
	/* Nothing was changed on disk. The message remains active, so that no
	 * worker gets it before its outcome is known. */
	if (result < 0) {
		outcome_put_off(qmgr, outcome);
		return;
	}
	if (outcome->fate == FATE_PREPARES) {
		settle_large(qmgr, outcome);
		return;
	}
	if (outcome->served > 0 && outcome->job != NULL &&
	    outcome->fate == FATE_LEFT) {
		log_sent(qmgr, outcome);
		count_sent(outcome);
	} else {
		note_refused(outcome);
		log_fate(outcome);
	}
	placing_committed(qmgr, &outcome->reports);
	if (gives_up(outcome))
		doubtful_given_up(
		    qmgr, outcome->message, outcome->link, outcome->text);
	/* Only now may the old name be forgotten: before the commit a crash
	 * would leave the message queued, and its name is what stops a second
	 * delivery. */
	if (settles_fate(outcome))
		batch_end(qmgr, outcome->message);
	cancel_quarantined(qmgr, outcome);
	if (outcome->fate == FATE_DEFERRED)
		/* A sleeping timer may have been set for a later message. */
		deferred_until(qmgr, outcome->next_try);
	confirm(outcome);
	/* Before the job is released, since the association may wait for just
	 * this commit to be closed. */
	settle_assoc(outcome);
	if (outcome->link != NULL) {
		tagging_learnt(qmgr, outcome->link);
		link_touch(qmgr, outcome->link);
	}
	if (outcome->job != NULL && outcome->kind != OUTCOME_CRASHED)
		release_job(qmgr, outcome);
	outcome_free(outcome);
}

/* outcome_retry - try the outcomes again that could not be committed */
void
outcome_retry(struct qmgr *qmgr)
{
	struct commit_member *member;

	while ((member = TAILQ_FIRST(&qmgr->put_off)) != NULL) {
		/* Taken out first: a commit that fails again puts it back at
		 * the end of this very list. */
		TAILQ_REMOVE(&qmgr->put_off, member, entry);
		commit_add(qmgr, member);
	}
}

/* keep_fates - keep recipients of a record until the last one on their job
 * comes */
static int
keep_fates(struct job *job, const struct ipc_outcome *from)
{
	if (job->fates == NULL)
		job->fates = calloc(1, sizeof(*job->fates));
	return job->fates == NULL
	    ? ERR_NOMEM
	    : fates_add(job->fates, from->recipients, from->recipient_count);
}

/* take_fates - gather the recipients of all records on a job */
static int
take_fates(struct outcome *outcome, const struct ipc_outcome *from)
{
	struct job *job = outcome->job;
	int rc;

	if (job->fates != NULL) {
		outcome->fates = *job->fates;
		*job->fates = (struct fates){0};
	}
	rc =
	    fates_add(&outcome->fates, from->recipients, from->recipient_count);
	return rc == 0 ? fates_settle(&outcome->fates) : rc;
}

/* kind_of - find the kind of what a worker said, unstarted excepted */
static enum outcome_kind
kind_of(enum ipc_result result)
{
	switch (result) {
	case IPC_TRANSFERRED:
		return OUTCOME_TRANSFERRED;
	case IPC_REFUSED:
		return OUTCOME_REFUSED;
	case IPC_INTERRUPTED:
		return OUTCOME_INTERRUPTED;
	case IPC_DELIVERED:
		return OUTCOME_DELIVERED;
	case IPC_LATER:
		return OUTCOME_LATER;
	case IPC_HELD:
		return OUTCOME_HELD;
	case IPC_UNSTARTED:
	case IPC_TRANSIENT:
	case IPC_RESULTS:
		break;
	}
	return OUTCOME_TRANSIENT;
}

/* names_some - tell whether a result leaves room for recipients of another
 * fate than that they failed */
static bool
names_some(enum ipc_result result)
{
	return result == IPC_TRANSFERRED || result == IPC_DELIVERED ||
	    result == IPC_LATER || result == IPC_REFUSED;
}

/* check_result - check that a worker may say this: a peer that takes a message
 * reports on it, and none of its recipients is with us */
static int
check_result(const struct assoc *assoc, const struct outcome *outcome,
    const struct ipc_outcome *from, struct diag *diag)
{
	enum ipc_role role = assoc->client->role;
	bool serves = role == IPC_ROLE_MSMI_OUT || role == IPC_ROLE_APP_OUT ||
	    role == IPC_ROLE_APP || role == IPC_ROLE_MIXER_OUT;
	bool others = fates_have_other(&outcome->fates);

	if (!serves && (from->result > IPC_INTERRUPTED || others))
		return diag_set(diag, ERR_DENIED,
		    "an outcome that is not for %s to say",
		    ipc_role_name(role));
	if (others && !names_some(from->result))
		return diag_set(
		    diag, ERR_VALUE, "recipients of a job that was not done");
	return 0;
}

/* outcome_take - take the outcome of a job */
int
outcome_take(
    struct assoc *assoc, const struct ipc_outcome *from, struct diag *diag)
{
	struct qmgr *qmgr = assoc->client->qmgr;
	struct job *job = dispatch_find(assoc, from->job);
	struct outcome *outcome;
	int rc;

	if (job == NULL)
		return diag_set(diag, ERR_NOTFOUND, "outcome of no job");
	if (from->more)
		return keep_fates(job, from);
	link_touch(qmgr, job->link);
	if (from->result == IPC_UNSTARTED) {
		/* An earlier name tells of an earlier try. */
		if (!job->asked)
			batch_end(qmgr, job->message);
		dispatch_return(qmgr, job);
		assoc_settled(assoc);
		return 0;
	}
	outcome = outcome_new(kind_of(from->result), job);
	rc = outcome == NULL ? ERR_NOMEM : take_fates(outcome, from);
	if (rc == 0)
		rc = check_result(assoc, outcome, from, diag);
	if (rc < 0) {
		/* The worker is ended by the caller. Its jobs go back to the
		 * queue with their names, and the next worker asks the peer
		 * what was transferred. */
		if (outcome != NULL)
			outcome_free(outcome);
		return diag->code != 0
		    ? rc
		    : diag_set(diag, rc, "outcome: %s", error_strerror(rc));
	}
	outcome->said = from->result;
	outcome->confirm = from->confirm;
	outcome->time = from->time;
	outcome->reason = from->reason;
	outcome->diagnostic = from->diagnostic;
	escape_text(outcome->text, sizeof(outcome->text), from->text);
	outcome->doubtful = from->doubtful;
	outcome->user_error = from->user_error;
	outcome->octets = from->octets;
	outcome->association_delay = from->association_delay;
	outcome->transfer_delay = from->transfer_delay;
	outcome->client = assoc->client;
	/* If the association ends now, this message is what it ended in, and is
	 * put behind the others. */
	if (outcome->kind == OUTCOME_INTERRUPTED)
		assoc->ended_by = outcome->message;
	/* Both counts hold until the commit: the client must not be freed,
	 * and the association must not be released, before the outcome is on
	 * disk. */
	assoc->client->waiting++;
	assoc->finishing++;
	/* The worker has room for the next one before this is committed. */
	dispatch_detach(job);
	commit_add(qmgr, &outcome->member);
	return 0;
}

/* outcome_taken - have a message leave that had been transferred, as a peer
 * says */
int
outcome_taken(struct client *client, struct job *job, enum ipc_result how)
{
	struct outcome *outcome = outcome_new(kind_of(how), job);

	if (outcome == NULL) {
		/* The name stays, so the next worker asks the peer and hears
		 * the same again. */
		dispatch_release(client->qmgr, job);
		return ERR_NOMEM;
	}
	outcome->client = client;
	client->waiting++;
	commit_add(client->qmgr, &outcome->member);
	return 0;
}

/* outcome_note - keep a note that msmi-out wants kept before it goes on */
int
outcome_note(struct client *client, struct job *job, struct slice note)
{
	struct outcome *outcome = outcome_new(OUTCOME_NOTE, job);

	if (outcome == NULL)
		return ERR_NOMEM;
	/* The job goes on: this outcome changes what is noted, not who holds
	 * the message. */
	outcome->job = NULL;
	outcome->client = client;
	client->waiting++;
	memcpy(outcome->text, note.data, note.len);
	outcome->note_len = note.len;
	commit_add(client->qmgr, &outcome->member);
	return 0;
}

/* outcome_start - make an outcome that no worker told, or NULL: without memory
 * the message stays */
static struct outcome *
outcome_start(struct qmgr *qmgr, enum outcome_kind kind, struct job *job,
    int reason, int diagnostic, const char *text)
{
	struct outcome *outcome = outcome_new(kind, job);

	if (outcome == NULL) {
		/* Active no more, and found again by the next sweep, which will
		 * try the same. */
		dispatch_release(qmgr, job);
		return NULL;
	}
	outcome->reason = reason;
	outcome->diagnostic = diagnostic;
	snprintf(outcome->text, sizeof(outcome->text), "%s", text);
	/* Many may be due at once, and no worker waits for them: other mail is
	 * first in each turn. */
	outcome->member.order = COMMIT_BACKGROUND;
	commit_add(qmgr, &outcome->member);
	return outcome;
}

/* outcome_expired - return a message that has waited too long */
void
outcome_expired(struct qmgr *qmgr, struct job *job)
{
	(void)outcome_start(qmgr, OUTCOME_EXPIRED, job,
	    cause_reason(CAUSE_EXPIRED), cause_diagnostic(CAUSE_EXPIRED),
	    "its time is over");
}

/* outcome_returned - return a message to its originator */
void
outcome_returned(struct qmgr *qmgr, struct job *job, const char *by)
{
	struct outcome *outcome = outcome_start(qmgr, OUTCOME_RETURNED, job,
	    cause_reason(CAUSE_NO_WAY), cause_diagnostic(CAUSE_NO_WAY),
	    "returned by an administrator");

	if (outcome != NULL)
		(void)strlcpy(outcome->by, by, sizeof(outcome->by));
}

/* outcome_unroutable - give up a message that has no route any more */
void
outcome_unroutable(struct qmgr *qmgr, struct job *job, const char *why)
{
	(void)outcome_start(qmgr, OUTCOME_UNROUTABLE, job,
	    cause_reason(CAUSE_NO_WAY), cause_diagnostic(CAUSE_NO_WAY), why);
}

/* outcome_exhausted - give up a message that has had its tries */
void
outcome_exhausted(struct qmgr *qmgr, struct job *job, const char *reason)
{
	(void)outcome_start(qmgr, OUTCOME_EXHAUSTED, job,
	    cause_reason(CAUSE_TRIES), cause_diagnostic(CAUSE_TRIES), reason);
}

/* outcome_unusable - set a record aside that cannot be read */
void
outcome_unusable(struct qmgr *qmgr, struct job *job, const char *why)
{
	(void)outcome_start(qmgr, OUTCOME_UNUSABLE, job,
	    REASON_TRANSFER_FAILURE, DIAGNOSTIC_NONE, why);
}

/* outcome_damaged - set aside a message that nobody has claimed */
void
outcome_damaged(struct qmgr *qmgr, uint64_t message, const char *why)
{
	struct outcome *outcome = outcome_new(OUTCOME_UNUSABLE, NULL);

	if (outcome == NULL)
		return;
	outcome->message = message;
	snprintf(outcome->text, sizeof(outcome->text), "%s", why);
	commit_add(qmgr, &outcome->member);
}

/* outcome_crashed - count a process that ended on a message */
void
outcome_crashed(
    struct qmgr *qmgr, uint64_t message, const char *worker, const char *text)
{
	struct outcome *outcome = outcome_new(OUTCOME_CRASHED, NULL);

	if (outcome == NULL)
		return;
	outcome->message = message;
	snprintf(outcome->text, sizeof(outcome->text), "%s ended on it: %s",
	    worker, text);
	commit_add(qmgr, &outcome->member);
}
