/* SPDX-License-Identifier: ISC */
/*
 * recoverer.c - callers that recover a session
 */
#include "qmgr/links/link.h"
#include "qmgr/receiving/recoverer.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"
#include "conf/conf_call.h"
#include "mhs/bind.h"
#include "qmgr/engine/client.h"
#include "qmgr/receiving/caller.h"
#include "qmgr/receiving/caller_tls.h"
#include "qmgr/receiving/callers.h"
#include "qmgr/receiving/guard.h"
#include "qmgr/receiving/opening.h"
#include "qmgr/receiving/session.h"
#include "store/store.h"

#define ANSWER_TIME 3000 /* ms for a worker to say whether it is at work */

enum verdict {
	VERDICT_NO,   /* for good; reason says why */
	VERDICT_OPEN, /* it is not lost */
	VERDICT_FULL, /* its peer has as many as it may; reason says why */
	VERDICT_YES
};

/* Octets of a selector, as the records bound them. */
#define SELECTOR_MAX 64

/* A selector that was called. */
struct called {
	uint8_t octets[SELECTOR_MAX];
	size_t len;
};

/* A caller, from its check to the answer. */
struct recoverer {
	struct commit_member member;
	TAILQ_ENTRY(recoverer) entry; /* while it waits for a worker */
	bool asked;		      /* the worker was, and has answered */
	uint64_t deadline;	      /* monotonic ms */
	uint64_t doubted; /* the session of the worker that was asked */
	enum verdict verdict;
	const char *reason;
	uint64_t old; /* the session that it names */
	bool two_way;
	enum association_mode mode;
	struct session_references references; /* of old */
	struct called tsel, ssel, psel;
	char host[CALLER_HOST_MAX], address[CALLER_HOST_MAX + 8];
	struct caller_tls proof;
	struct diag unproved; /* why the proof is none */
	struct opening opening;
};

/* check_of - make up what an event needs of a check that is gone by then */
static struct ipc_bind_check
check_of(const struct recoverer *r)
{
	return (struct ipc_bind_check){
	    .recover = true, .address = slice_of_string(r->address)};
}

/* may_call - tell whether a host may recover a session of a link */
static bool
may_call(const struct link *link, const struct store_binding *binding,
    const char *host)
{
	struct slice bound = slice_of(binding->address, binding->address_len);

	/* A record of an older release does not tell who bound it. */
	if (binding->address_len == 0)
		return false;
	return caller_inside(link, host) ||
	    (link->x400->remote_addresses.count == 0 &&
		slice_equal_string(bound, host));
}

/* in_time - tell whether a session that is lost can still be recovered */
static bool
in_time(const struct qmgr *qmgr, const struct link *link,
    const struct store_session *session)
{
	/* As it was written down: session.c. */
	int64_t age = timekeeper_latest(&qmgr->time) - session->ended;

	return age >= -RECOVERER_SLACK &&
	    age <= (int64_t)link->x400->recovery_timeout + RECOVERER_SLACK;
}

/* take_called - keep a selector that was called */
static void
take_called(struct called *called, struct slice selector)
{
	called->len = selector.len < SELECTOR_MAX ? selector.len : SELECTOR_MAX;
	if (called->len > 0)
		/* Kept until the commit, since the record's octets are gone by
		 * then. */
		memcpy(called->octets, selector.data, called->len);
}

/* wrong_selector - find which selector is not that of the session's link */
static const char *
wrong_selector(const struct recoverer *r, const struct link *link)
{
	const struct ipc_bind_check check = {
	    .called_tsel = slice_of(r->tsel.octets, r->tsel.len),
	    .called_ssel = slice_of(r->ssel.octets, r->ssel.len),
	    .called_psel = slice_of(r->psel.octets, r->psel.len)};

	return caller_wrong_selector(link->x400, &check);
}

/* why_not - find what of the rule a caller does not keep, or NULL */
static const char *
why_not(struct recoverer *r, const struct link *link,
    const struct store_session *session)
{
	const char *wrong;

	if (link == NULL || link->x400 == NULL)
		return "its link is gone";
	if (!may_call(link, &session->binding, r->host))
		return "not from the address that bound it";
	if ((wrong = wrong_selector(r, link)) != NULL)
		return wrong;
	/* Modes differ in what is said of the association, so another one
	 * cannot go on with it. */
	if (r->mode != conf_call_mode(link->x400))
		return caller_wrong_mode(r->mode);
	diag_clear(&r->unproved);
	if (caller_tls_judge(link->x400, &r->proof, &r->unproved) < 0)
		return diag_text(&r->unproved);
	if (link->x400->recovery == CONF_RECOVERY_NEVER)
		return "recovery = never";
	if (link->state == LINK_DISABLED)
		return "the link is disabled";
	if (r->two_way && !link_two_way(link))
		return "two-way alternate is not agreed upon";
	if (session->ended != 0 &&
	    !in_time(r->opening.client->qmgr, link, session))
		return "the recovery timeout is over";
	return NULL;
}

/* recoverer_judge - judge a caller by what the store knows of the session that
 * it names */
static void
recoverer_judge(struct qmgr *qmgr, struct recoverer *r)
{
	struct store_session session;
	int rc =
	    store_session_by_references(qmgr->store, &r->references, &session);

	r->verdict = VERDICT_NO;
	/* Two sessions with the same references cannot be told apart, so
	 * neither is given. */
	r->reason = rc == ERR_EXISTS ? "two sessions have these references"
				     : "nothing to recover";
	if (rc < 0)
		return;
	r->opening.link = link_get(&qmgr->links, session.link);
	r->reason = why_not(r, r->opening.link, &session);
	if (r->reason != NULL)
		return;
	/* The new session is opened as one that recovers this one. */
	r->old = session.id;
	/* A peer whose network broke calls before our end has noticed. */
	if (session.ended == 0 || session_owner(qmgr, r->old) != NULL) {
		r->verdict = VERDICT_OPEN;
		return;
	}
	/* A peer may have no more of them by recovering than by binding. */
	r->reason = callers_full(qmgr, r->opening.link, clock_monotonic());
	r->verdict = r->reason != NULL ? VERDICT_FULL : VERDICT_YES;
}

/* recoverer_of - find the caller that a member is a part of */
static struct recoverer *
recoverer_of(struct commit_member *member)
{
	return (struct recoverer *)member;
}

/* apply_recovery - open the session of a caller, behind what ends sessions in
 * this commit */
static int
apply_recovery(struct qmgr *qmgr, struct commit_member *member)
{
	struct recoverer *r = recoverer_of(member);

	/* Judged here and not when the call came: this commit may have ended
	 * the session just before. */
	recoverer_judge(qmgr, r);
	if (r->verdict != VERDICT_YES)
		return 0;
	r->opening.binding.recovers = r->old;
	return opening_apply(qmgr, &r->opening);
}

/* recoverer_free - free a caller that has its answer */
static void
recoverer_free(struct recoverer *r)
{
	r->opening.client->waiting--;
	free(r);
}

/* recoverer_refuse - refuse a caller, for the moment or for good */
static void
recoverer_refuse(struct recoverer *r, int bind_error, const char *reason)
{
	struct client *client = r->opening.client;
	struct ipc_bind_check check = check_of(r);
	struct link *link = NULL;

	/* BUSY has a peer in its own right come again; the rest may be
	 * guesses. */
	if (bind_error == BIND_ERROR_BUSY)
		link = r->opening.link;
	else
		guard_failed(client->qmgr->guard, r->host, GUARD_RECOVER,
		    clock_monotonic());
	if (!client->closing)
		caller_refuse(client, link, &check, bind_error, reason);
	recoverer_free(r);
}

/* say_recovered - log a recovery: there was no password to it */
static void
say_recovered(const struct recoverer *r)
{
	const struct link *link = r->opening.link;

	LOG_EVENT(EVENT_SESSION_RECOVERED, LOG_STRING("link", link->name),
	    LOG_STRING("mta", link->x400->remote_mta),
	    LOG_STRING("address", r->address),
	    LOG_INT("session", r->opening.session),
	    LOG_INT("recovers", r->old));
}

/* ask_owner - ask the worker that has the session whether it is at work */
static void
ask_owner(struct qmgr *qmgr, struct recoverer *r)
{
	struct client *owner = session_owner(qmgr, r->old);
	struct ipc_record record = {.type = IPC_SESSION_DOUBT};

	/* One question is enough: a worker that said it is at work would say so
	 * for ever. */
	if (owner == NULL || owner->role != IPC_ROLE_X400IN || r->asked) {
		/* Within CLAIM_TIME a worker may still come. */
		if (owner == NULL && qmgr->claims_until == 0)
			session_lose(qmgr, r->old);
		recoverer_refuse(r, BIND_ERROR_BUSY, "the session is open");
		return;
	}
	r->doubted = owner->session;
	r->deadline = clock_after(ANSWER_TIME);
	TAILQ_INSERT_TAIL(&qmgr->recoverers, r, entry);
	record.session_doubt.session = owner->session;
	client_send(owner, &record);
}

/* done_recovery - answer the caller, or ask first */
static void
done_recovery(struct qmgr *qmgr, struct commit_member *member, int result)
{
	struct recoverer *r = recoverer_of(member);
	struct ipc_bind_check check = check_of(r);

	if (result == 0 && r->verdict == VERDICT_NO) {
		recoverer_refuse(r, BIND_ERROR_AUTHENTICATION, r->reason);
		return;
	}
	if (result == 0 && r->verdict == VERDICT_OPEN) {
		ask_owner(qmgr, r);
		return;
	}
	if (result == 0 && r->verdict == VERDICT_FULL) {
		if (!r->opening.client->closing)
			caller_full(r->opening.client, r->opening.link, r->host,
			    r->reason);
		recoverer_free(r);
		return;
	}
	/* Let in only now, when the recovery is a fact. */
	if (result == 0 && !r->opening.client->closing)
		callers_enter(
		    r->opening.client, r->opening.link, clock_monotonic());
	if (result == 0)
		say_recovered(r);
	opening_done(qmgr, &r->opening, &check, result);
	recoverer_free(r);
}

/* recoverer_start - keep the check of a caller */
static int
recoverer_start(struct recoverer *r, struct client *client,
    const struct ipc_bind_check *check)
{
	int rc = opening_init(&r->opening, client, check);

	r->references = check->recovered;
	r->opening.recovered = true;
	r->two_way = check->two_way;
	take_called(&r->tsel, check->called_tsel);
	take_called(&r->ssel, check->called_ssel);
	take_called(&r->psel, check->called_psel);
	r->mode = check->mode;
	caller_tls_take(check, &r->proof);
	r->member.order = COMMIT_CONTROL;
	r->member.apply = apply_recovery;
	r->member.done = done_recovery;
	return rc;
}

/* recoverer_call - judge a peer that calls to recover a session */
int
recoverer_call(struct client *client, const struct ipc_bind_check *check)
{
	struct qmgr *qmgr = client->qmgr;
	struct recoverer *r = calloc(1, sizeof(*r));
	int rc;

	if (r == NULL)
		return ERR_NOMEM;
	caller_host(check->address, r->host);
	escape_text(r->address, sizeof(r->address), check->address);
	rc = recoverer_start(r, client, check);
	client->waiting++;
	if (!guard_may(
		qmgr->guard, r->host, GUARD_RECOVER, clock_monotonic())) {
		/* No session was looked up, so no link is known. */
		caller_slowed(client, NULL, r->host, BIND_ERROR_AUTHENTICATION);
		recoverer_free(r);
	} else if (rc < 0)
		recoverer_refuse(
		    r, BIND_ERROR_AUTHENTICATION, error_strerror(rc));
	else
		commit_add(qmgr, &r->member);
	return 0;
}

/* recoverer_unwait - let a caller wait for no worker any more */
static void
recoverer_unwait(struct qmgr *qmgr, struct recoverer *r)
{
	TAILQ_REMOVE(&qmgr->recoverers, r, entry);
	r->asked = true;
}

/* recoverer_ended - judge again those who wait for a session that has ended */
void
recoverer_ended(struct qmgr *qmgr, uint64_t session)
{
	struct recoverer *r, *next;

	for (r = TAILQ_FIRST(&qmgr->recoverers); r != NULL; r = next) {
		next = TAILQ_NEXT(r, entry);
		/* Others wait for other sessions. */
		if (r->doubted != session)
			continue;
		recoverer_unwait(qmgr, r);
		commit_add(qmgr, &r->member);
	}
}

/* recoverer_alive - refuse those who want a session that is at work */
void
recoverer_alive(struct client *owner, uint64_t session)
{
	struct qmgr *qmgr = owner->qmgr;
	struct recoverer *r, *next;

	if (session != owner->session)
		return;
	for (r = TAILQ_FIRST(&qmgr->recoverers); r != NULL; r = next) {
		next = TAILQ_NEXT(r, entry);
		if (r->doubted != session)
			continue;
		recoverer_unwait(qmgr, r);
		recoverer_refuse(r, BIND_ERROR_BUSY, "the session is at work");
	}
}

/* recoverer_tick - refuse those whose worker does not answer */
void
recoverer_tick(struct qmgr *qmgr)
{
	uint64_t now = clock_monotonic();
	struct recoverer *r, *next;

	for (r = TAILQ_FIRST(&qmgr->recoverers); r != NULL; r = next) {
		next = TAILQ_NEXT(r, entry);
		if (now < r->deadline)
			continue;
		recoverer_unwait(qmgr, r);
		recoverer_refuse(
		    r, BIND_ERROR_BUSY, "its worker does not answer");
	}
}

/* recoverer_fini - free those who wait, without an answer */
void
recoverer_fini(struct qmgr *qmgr)
{
	struct recoverer *r;

	while ((r = TAILQ_FIRST(&qmgr->recoverers)) != NULL) {
		recoverer_unwait(qmgr, r);
		recoverer_free(r);
	}
}
