/* SPDX-License-Identifier: ISC */
/*
 * assoc.c - an association of a link: a connection to a worker that sends
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/assoc_retire.h"
#include "qmgr/links/job.h"
#include "qmgr/links/link.h"
#include "qmgr/links/recovery.h"
#include "qmgr/links/schedule.h"

/* assoc_socket - compose the path where the workers of a link listen */
int
assoc_socket(const struct qmgr *qmgr, const struct link *link,
    char path[ASSOC_SOCKET_MAX])
{
	int len;

	if (link->kind == LINK_MSMAIL)
		len = snprintf(path, ASSOC_SOCKET_MAX, "%s/msmi-out.%s",
		    qmgr->run_directory, link->msmail->name);
	else if (link->kind == LINK_APPLICATION)
		len = snprintf(path, ASSOC_SOCKET_MAX, "%s/app-out.%s",
		    qmgr->run_directory, link->application->name);
	else if (link->kind == LINK_MIXER)
		len = snprintf(path, ASSOC_SOCKET_MAX, "%s/mixer-out.%s",
		    qmgr->run_directory, link->mixer->name);
	else
		len = snprintf(path, ASSOC_SOCKET_MAX, "%s/x400out.%s",
		    qmgr->run_directory, link->name);
	return len < 0 || len >= ASSOC_SOCKET_MAX ? ERR_LIMIT : 0;
}

/* attach - make an association one of a link's, over a client */
static void
attach(struct assoc *assoc, struct client *client, struct link *link)
{
	assoc->client = client;
	client->assoc = assoc;
	assoc->link = link;
	TAILQ_INIT(&assoc->jobs);
	/* Deadlines of the state begin now. */
	assoc->started = clock_monotonic();
	TAILQ_INSERT_TAIL(&link->assocs, assoc, entry);
	link->assoc_count++;
}

/* connect_worker - connect to a worker of a link; NULL, and why */
static struct assoc *
connect_worker(struct qmgr *qmgr, struct link *link, const char **why)
{
	char path[ASSOC_SOCKET_MAX];
	struct client *client;
	struct assoc *assoc;
	int rc = assoc_socket(qmgr, link, path);

	if (rc < 0) {
		*why = error_strerror(rc);
		return NULL;
	}
	client = client_connect(qmgr, path, why);
	if (client == NULL)
		return NULL;
	assoc = calloc(1, sizeof(*assoc));
	if (assoc == NULL) {
		*why = "no memory";
		client_close(client, *why);
		return NULL;
	}
	attach(assoc, client, link);
	return assoc;
}

/* assoc_open - connect to a worker of the link */
void
assoc_open(struct qmgr *qmgr, struct link *link, unsigned use)
{
	const char *why = "";
	struct assoc *assoc = NULL;

	/* A connection would only wait there. */
	if (link->throttled_until > clock_monotonic())
		why = "it crashes when it is started";
	else
		assoc = connect_worker(qmgr, link, &why);
	if (assoc == NULL) {
		schedule_open_failed(
		    qmgr, link, LINK_FAILURE_WORKER, "worker", why, "");
		return;
	}
	assoc->extra = (use & ASSOC_EXTRA) != 0;
	assoc->urgent = (use & ASSOC_URGENT) != 0;
	/* Extra associations share one bound over all links. */
	if (assoc->extra)
		qmgr->associations_extra++;
	/* The hello is written before anything is read: both sides send theirs
	 * at once. */
	if (ipc_channel_hello(
		&assoc->client->channel, IPC_ROLE_QMGR, link->name, 0) < 0)
		client_close(assoc->client, "no memory");
	else
		client_flush_later(assoc->client);
}

/* assoc_greeted - note that the worker has said hello */
int
assoc_greeted(struct client *client, struct diag *diag)
{
	struct assoc *assoc = client->assoc;

	/* A second hello would restart the automaton of an association that is
	 * open. */
	return assoc != NULL && assoc_change(assoc, ASSOC_EV_HELLO)
	    ? 0
	    : diag_set(diag, ERR_PROTOCOL, "unexpected hello");
}

/* assoc_link - find the link that a client works for, or NULL */
struct link *
assoc_link(const struct client *client)
{
	return client->assoc != NULL ? client->assoc->link : client->link;
}

/* note_bound - note that an association is open, by these references */
static int
note_bound(struct qmgr *qmgr, struct assoc *assoc,
    const struct session_references *references, struct diag *diag)
{
	struct link *link = assoc->link;
	int rc = qmgr->jobs->bound(assoc, references, diag);

	/* A peer may give two of its associations the same: without names. */
	if (rc == ERR_VALUE && assoc->incoming)
		diag_clear(diag);
	else if (rc < 0)
		return rc;
	(void)assoc_change(assoc, ASSOC_EV_BOUND);
	/* Idle from now on, so that an association without jobs is released in
	 * time. */
	assoc->idle_since = clock_monotonic();
	link->counters.opened++;
	link->counters.last_out = clock_wall();
	if (!assoc->asks)
		schedule_opened(qmgr, link);
	link_touch(qmgr, link);
	return 0;
}

/* set_error - note why a link's association ended, and in which message; 0: in
 * none */
static void
set_error(struct link *link, const char *reason, uint64_t message)
{
	/* The time is the wall clock's, for people. */
	link->last_error_time = clock_wall();
	if (message == 0)
		snprintf(
		    link->last_error, sizeof(link->last_error), "%s", reason);
	else
		snprintf(link->last_error, sizeof(link->last_error),
		    "%.200s, in the transfer of message %llu", reason,
		    (unsigned long long)message);
}

/* unexpected - refuse what a worker says that its association does not have */
static int
unexpected(const struct assoc *assoc, enum assoc_event event, struct diag *diag)
{
	return diag_set(diag, ERR_PROTOCOL, "its association is %s, not %s",
	    assoc_state_name(assoc->state), assoc_event_name(event));
}

/* note_recovering - note that a worker opens its association again, for the
 * jobs that it has */
static int
note_recovering(struct qmgr *qmgr, struct assoc *assoc,
    const struct ipc_link_event *event, struct diag *diag)
{
	const struct job *job = TAILQ_FIRST(&assoc->jobs);
	struct link *link = assoc->link;
	char reason[LINK_ERROR_MAX];

	if (!assoc_expects(assoc, ASSOC_EV_RECOVERING))
		return unexpected(assoc, ASSOC_EV_RECOVERING, diag);
	/* A retiring association is opened again for the jobs that it has: its
	 * link does not wait for it. */
	if (assoc_retires(assoc))
		return 0;
	escape_text(reason, sizeof(reason), event->reason);
	set_error(link, reason, job != NULL ? job->message : 0);
	/* The worker tells of each attempt, and the state was changed by the
	 * first. */
	if (assoc->state == ASSOC_RECOVERING)
		return 0;
	(void)assoc_change(assoc, ASSOC_EV_RECOVERING);
	assoc->started = clock_monotonic();
	/* While others are open the link itself is up. */
	if (link->bound == 0)
		(void)recovery_lost(qmgr, link);
	return 0;
}

/* bound_again - note that an association is open, for the first time or
 * again */
static int
bound_again(struct qmgr *qmgr, struct assoc *assoc,
    const struct ipc_link_event *event, struct diag *diag)
{
	int rc;

	if (!assoc_expects(assoc, ASSOC_EV_BOUND))
		return unexpected(assoc, ASSOC_EV_BOUND, diag);
	assoc->routes = event->routes;
	/* A retiring association is open again for its jobs alone. */
	if (assoc_retires(assoc))
		return qmgr->jobs->bound(assoc, &event->references, diag);
	rc = note_bound(qmgr, assoc, &event->references, diag);
	/* The peer has let us finish what was cut, and said no password:
	 * nothing new may go. */
	if (rc == 0 && event->recovered) {
		assoc->recovered = true;
		(void)assoc_change(assoc, ASSOC_EV_RETIRE);
	}
	return rc;
}

/* take_up - take up an association that the other side has opened, and on
 * which we send too */
static int
take_up(struct client *client, const struct ipc_link_event *event, bool asks,
    struct diag *diag)
{
	struct assoc *assoc = calloc(1, sizeof(*assoc));
	struct link *link = client->link;
	int rc;

	if (assoc == NULL)
		return diag_set(diag, ERR_NOMEM, "no memory");
	assoc->incoming = true;
	assoc->asks = asks;
	assoc->routes = event->routes;
	attach(assoc, client, link);
	/* A worker that was called has said hello long before its peer
	 * bound. */
	(void)assoc_change(assoc, ASSOC_EV_HELLO);
	rc = note_bound(client->qmgr, assoc, &event->references, diag);
	/* The peer may have been let in just before the link was disabled. */
	if (rc == 0 &&
	    (link->state == LINK_DISABLED || link->kind == LINK_GONE))
		assoc_retire(assoc);
	return rc;
}

/* assoc_incoming - take up an association that the peer has opened */
int
assoc_incoming(struct client *client, const struct ipc_link_event *event,
    struct diag *diag)
{
	return take_up(client, event, false, diag);
}

/* assoc_asked - take up the association of an app */
int
assoc_asked(struct client *client, const struct ipc_link_event *event,
    struct diag *diag)
{
	if (event->state != IPC_LINK_BOUND || client->link == NULL)
		return diag_set(diag, ERR_STATE, "no association");
	return take_up(client, event, true, diag);
}

/* assoc_proved - note that something was transferred on an association */
void
assoc_proved(struct assoc *assoc)
{
	assoc->transferred++;
	schedule_proved(assoc->link);
}

/* assoc_released - give no more jobs to an association that the peer lets go */
void
assoc_released(struct assoc *assoc)
{
	(void)assoc_change(assoc, ASSOC_EV_RELEASED);
}

/* class_of - find the class of a failure that a worker tells of */
static enum link_failure
class_of(enum ipc_failure failure)
{
	switch (failure) {
	case IPC_FAILURE_REFUSED:
	case IPC_FAILURE_BUSY:
		return LINK_FAILURE_REFUSED;
	case IPC_FAILURE_UNREACHABLE:
	case IPC_FAILURE_DENIED:
		break;
	}
	return LINK_FAILURE_UNREACHABLE;
}

/* log_aborted - log that an association was lost, and in the transfer of which
 * message */
static void
log_aborted(const struct assoc *assoc, const char *stage, const char *reason,
    const char *address)
{
	char id[24];

	snprintf(id, sizeof(id), "%llu", (unsigned long long)assoc->ended_by);
	LOG_EVENT(EVENT_ASSOCIATION_ABORTED,
	    LOG_STRING("link", assoc->link->name),
	    LOG_STRING("id", assoc->ended_by != 0 ? id : NULL),
	    LOG_STRING("address", address), LOG_STRING("stage", stage),
	    LOG_STRING("reason", reason));
}

/* assoc_fail - note that an association could not be opened, or is lost; its
 * worker exits */
static int
assoc_fail(struct qmgr *qmgr, struct assoc *assoc,
    const struct ipc_link_event *event, struct diag *diag)
{
	char stage[32], reason[LINK_ERROR_MAX], address[64];
	bool was_open = assoc_is_open(assoc);
	/* The state before the event says whether this was a loss or an attempt
	 * that failed. */
	enum assoc_state before = assoc->state;

	if (!assoc_change(assoc, ASSOC_EV_FAILED))
		return unexpected(assoc, ASSOC_EV_FAILED, diag);
	escape_text(stage, sizeof(stage), event->stage);
	escape_text(reason, sizeof(reason), event->reason);
	escape_text(address, sizeof(address), event->address);
	if (was_open) {
		set_error(assoc->link, reason, assoc->ended_by);
		/* The losses of a link that loses all that it opens are
		 * counted as its failures. */
		if (!assoc->link->unproven)
			log_aborted(assoc, stage, reason, address);
		return 0;
	}
	/* The worker has tried to recover for as long as qmgr would. */
	if (before == ASSOC_RECOVERING)
		recovery_over(assoc->link);
	schedule_open_failed(qmgr, assoc->link, class_of(event->failure), stage,
	    reason, address);
	return 0;
}

/* assoc_take - take what a worker says of its association */
int
assoc_take(struct client *client, const struct ipc_link_event *event,
    struct diag *diag)
{
	struct assoc *assoc = client->assoc;

	if (assoc == NULL)
		return diag_set(diag, ERR_STATE, "no association");
	switch (event->state) {
	case IPC_LINK_CONNECTING:
	case IPC_LINK_HEARD:
		return 0;
	case IPC_LINK_BOUND:
		return bound_again(client->qmgr, assoc, event, diag);
	case IPC_LINK_FAILED:
	case IPC_LINK_LOST:
		return assoc_fail(client->qmgr, assoc, event, diag);
	case IPC_LINK_RECOVERING:
		return note_recovering(client->qmgr, assoc, event, diag);
	case IPC_LINK_RELEASED:
		/* A peer that takes turns may still have messages for us. */
		assoc->awaited = event->two_way && link_two_way(assoc->link);
		return 0;
	}
	return diag_set(diag, ERR_VALUE, "link event %d", (int)event->state);
}

/*
 * calls_for_peer - check whether what the peer was sending, or had to send,
 * waits for us to call again
 *
 * A peer that let itself be released had nothing, unless we had recovered that
 * association: then it may send nothing new there.
 */
static bool
calls_for_peer(const struct assoc *assoc)
{
	return (!assoc_retires(assoc) || assoc->recovered) &&
	    !assoc->incoming && link_two_way(assoc->link);
}

/* was_open - check that an association has been open at any time */
static bool
was_open(const struct assoc *assoc)
{
	return assoc->state != ASSOC_STARTING &&
	    assoc->state != ASSOC_OPENING && assoc->state != ASSOC_FAILED;
}

/* how_ended - tell the link of an association what its end means */
static unsigned
how_ended(const struct assoc *assoc)
{
	unsigned how = 0;

	/* Jobs that were under way, or turns that were expected, make it a cut
	 * and not an end. */
	if (was_open(assoc) && (assoc->job_count > 0 || calls_for_peer(assoc)))
		how |= SCHEDULE_CUT;
	/* An association that transferred nothing counts against its link, or a
	 * peer that accepts and drops could be called without a pause. */
	if (was_open(assoc) && assoc_serves(assoc) && !assoc->incoming &&
	    assoc->transferred == 0)
		how |= SCHEDULE_FRUITLESS;
	if (assoc->awaited)
		how |= SCHEDULE_AWAITED;
	return how;
}

/* assoc_lost - take back the jobs of an association whose connection is gone,
 * and free it */
void
assoc_lost(struct assoc *assoc, const char *why)
{
	struct client *client = assoc->client;
	struct qmgr *qmgr = client->qmgr;
	struct link *link = assoc->link;
	unsigned how = how_ended(assoc);
	bool asks = assoc->asks;
	/* An association of the peer says nothing of our own attempts. */
	bool unopened = !was_open(assoc) && assoc->state != ASSOC_FAILED &&
	    !assoc->incoming;

	/* Jobs first: they return to the queue while the association still
	 * names its link. */
	qmgr->jobs->lost(assoc);
	(void)assoc_change(assoc, ASSOC_EV_GONE);
	client->assoc = NULL;
	TAILQ_REMOVE(&link->assocs, assoc, entry);
	link->assoc_count--;
	if (assoc->extra)
		qmgr->associations_extra--;
	/* Freed before the schedule is asked, which may open the next one. */
	free(assoc);
	/* A worker that died before it opened anything is an attempt that
	 * failed, or the link would try again at once. */
	if (unopened && !qmgr->stopping)
		schedule_open_failed(qmgr, link, LINK_FAILURE_WORKER, "worker",
		    why != NULL && *why != '\0' ? why : "the worker ended", "");
	else if (!asks)
		schedule_ended(qmgr, link, how);
	link_touch(qmgr, link);
}

/* assoc_writable - give a worker more, since it has read what was sent to it */
void
assoc_writable(struct assoc *assoc)
{
	link_touch(assoc->client->qmgr, assoc->link);
}
