/* SPDX-License-Identifier: ISC */
/*
 * loop.c - the queue manager: its beginning, the steps of its loop, its end
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf_compare.h"
#include "mhs/or_address.h"
#include "mhs/p1.h"
#include "qmgr/alarm.h"
#include "qmgr/copy.h"
#include "qmgr/drain.h"
#include "qmgr/engine/client.h"
#include "qmgr/engine/doubt.h"
#include "qmgr/engine/memory.h"
#include "qmgr/engine/tracking.h"
#include "qmgr/greet.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/assoc_retire.h"
#include "qmgr/links/identity.h"
#include "qmgr/links/link.h"
#include "qmgr/links/schedule.h"
#include "qmgr/loop.h"
#include "qmgr/patience.h"
#include "qmgr/ping.h"
#include "qmgr/problems.h"
#include "qmgr/queue/deferred.h"
#include "qmgr/queue/names.h"
#include "qmgr/queue/route.h"
#include "qmgr/queue/set_back.h"
#include "qmgr/queue/storm.h"
#include "qmgr/receiving/admit_large.h"
#include "qmgr/receiving/claim.h"
#include "qmgr/receiving/guard.h"
#include "qmgr/receiving/handshakes.h"
#include "qmgr/receiving/intake.h"
#include "qmgr/receiving/recoverer.h"
#include "qmgr/receiving/resume.h"
#include "qmgr/roles.h"
#include "qmgr/routing/rib.h"
#include "qmgr/sending/announce.h"
#include "qmgr/sending/batches.h"
#include "qmgr/sending/dispatch.h"
#include "qmgr/sending/expand.h"
#include "qmgr/sending/orphans.h"
#include "qmgr/sending/outcome.h"
#include "qmgr/sending/settle_large.h"
#include "qmgr/sending/probe.h"
#include "qmgr/sending/sending.h"
#include "qmgr/sending/suspect.h"
#include "qmgr/settings.h"
#include "qmgr/sweep.h"
#include "qmgr/throughput.h"
#include "store/store.h"

/* Scratch: a piece of a body, or a content that is returned. */
#define SCRATCH_MAX ((size_t)256 * 1024)

/* set_domain - set our domain, as trace and MTS identifiers say it */
static int
set_domain(struct qmgr *qmgr, const struct conf *conf, struct diag *diag)
{
	struct arena arena;
	struct global_domain domain;
	int rc;

	/* Parsed into an arena of its own, so that a domain that is refused
	 * leaves the old one in use. */
	arena_init(&arena, 8192);
	rc = global_domain_parse(
	    slice_of_string(conf->mta.domain.text), &arena, &domain, diag);
	if (rc < 0) {
		arena_fini(&arena);
		return rc;
	}
	arena_fini(&qmgr->domain_arena);
	qmgr->domain_arena = arena;
	qmgr->domain = domain;
	return 0;
}

/* watch_disk - say when the disk becomes low, once */
static void
watch_disk(struct qmgr *qmgr)
{
	bool low = store_disk_low(qmgr->store);
	uint64_t left, needed;

	/* Logged at the change alone: a full disk lasts for hours. */
	if (low && !qmgr->told_disk) {
		store_disk(qmgr->store, &left, &needed);
		LOG_EVENT(EVENT_LOW_DISK,
		    LOG_STRING("directory", qmgr->conf->mta.state_directory),
		    LOG_INT("free", left), LOG_INT("needed", needed));
	}
	qmgr->told_disk = low;
}

/* on_tick - do what is done once a second */
static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct qmgr *qmgr = arg;

	(void)fd;
	(void)what;
	if (qmgr->worker != NULL)
		worker_tick(qmgr->worker);
	doubt_tick(qmgr);
	watch_disk(qmgr);
	client_listen_again(qmgr);
	greet_tick(qmgr);
	ping_tick(qmgr, clock_monotonic());
	outcome_retry(qmgr);
	batches_tick(qmgr);
	orphans_tick(qmgr);
	sweep_tick(qmgr);
	drain_tick(qmgr);
	resume_tick(qmgr);
	recoverer_tick(qmgr);
	claim_tick(qmgr);
	schedule_tick(qmgr);
	probe_tick(qmgr);
	announce_tick(qmgr);
	tracking_tick(qmgr);
	memory_tick(qmgr);
	alarm_tick(qmgr);
	throughput_tick(qmgr);
	problems_tick(qmgr);
}

/* on_stage - wake the loop: content has waited long enough for more */
static void
on_stage(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* make_timers - make the tick, and the timer of content that is staged */
static int
make_timers(struct qmgr *qmgr)
{
	struct timeval second = {.tv_sec = 1};

	qmgr->tick =
	    event_new(qmgr->base, -1, EV_PERSIST | EV_TIMEOUT, on_tick, qmgr);
	qmgr->stage_timer = evtimer_new(qmgr->base, on_stage, qmgr);
	if (qmgr->tick == NULL || qmgr->stage_timer == NULL ||
	    evtimer_add(qmgr->tick, &second) < 0)
		return ERR_NOMEM;
	return 0;
}

/* loop_begin - initialize lists and buffers, which cannot fail */
static void
loop_begin(struct qmgr *qmgr, struct store *store, struct event_base *base,
    const char *run_directory)
{
	*qmgr = (struct qmgr){
	    .store = store,
	    .base = base,
	    .run_directory = run_directory,
	    .started = clock_wall(),
	    .sender = identity_sender,
	    .handlers = &roles_handlers,
	    .jobs = &sending_jobs,
	};
	TAILQ_INIT(&qmgr->clients);
	TAILQ_INIT(&qmgr->closed);
	TAILQ_INIT(&qmgr->dirty);
	TAILQ_INIT(&qmgr->staging);
	TAILQ_INIT(&qmgr->reaping);
	TAILQ_INIT(&qmgr->admitting);
	TAILQ_INIT(&qmgr->spare);
	TAILQ_INIT(&qmgr->put_off);
	TAILQ_INIT(&qmgr->settling);
	TAILQ_INIT(&qmgr->orphans);
	TAILQ_INIT(&qmgr->recoverers);
	link_table_init(&qmgr->links);
	commit_init(&qmgr->commit);
	qmgr->commit.hooks = &dispatch_hooks;
	qmgr->commit.company = COMMIT_COMPANY;
	workers_init(&qmgr->workers);
	table_init(&qmgr->active);
	arena_init(&qmgr->domain_arena, 8192);
	/* A decoded envelope and the reports on all its recipients. */
	arena_init(&qmgr->arena, (size_t)2 * P1_ARENA_MAX);
	buffer_init(&qmgr->scratch, SCRATCH_MAX);
}

/* loop_init - make all of the queue manager but its sockets */
int
loop_init(struct qmgr *qmgr, struct conf *conf, struct store *store,
    struct event_base *base, const char *run_directory, struct diag *diag)
{
	int rc;

	loop_begin(qmgr, store, base, run_directory);
	/* Before anything is stored: a doubted time must not become the latest
	 * that the queue knows. */
	qmgr->conf = conf;
	doubt_start(qmgr);
	/* Everything stored from here on bears the domain. */
	rc = set_domain(qmgr, conf, diag);
	if (rc < 0)
		return rc;
	/* Workers of the qmgr before may live on and claim their sessions. */
	qmgr->claims_until = clock_after(CLAIM_TIME);
	qmgr->guard = calloc(1, sizeof(*qmgr->guard));
	qmgr->batches = batches_new();
	qmgr->deferred = deferred_new(qmgr);
	qmgr->set_back = set_back_new();
	qmgr->sweep = sweep_new();
	qmgr->drain = drain_new();
	qmgr->expander = expand_new();
	qmgr->handshakes = handshakes_new();
	qmgr->tracking = tracking_new();
	qmgr->memory = memory_new();
	qmgr->storm = storm_new();
	if (qmgr->tracking == NULL || qmgr->memory == NULL ||
	    qmgr->storm == NULL || qmgr->guard == NULL ||
	    qmgr->handshakes == NULL || qmgr->batches == NULL ||
	    qmgr->deferred == NULL || qmgr->set_back == NULL ||
	    qmgr->sweep == NULL || qmgr->drain == NULL ||
	    qmgr->expander == NULL || make_timers(qmgr) < 0)
		return diag_set(diag, ERR_NOMEM, "no memory");
	guard_init(qmgr->guard, GUARD_FAILURES);
	/* Links before routes, because a route points at a link. */
	rc = link_table_configure(qmgr);
	if (rc < 0)
		return diag_set(diag, rc, "links: %s", error_strerror(rc));
	schedule_configure(qmgr);
	if (announce_configure(qmgr) == 0)
		qmgr->routes = route_compile(qmgr);
	qmgr->names = names_compile(qmgr);
	if (qmgr->routes == NULL || qmgr->names == NULL)
		return diag_set(diag, ERR_NOMEM, "no memory for routes");
	return batches_load(qmgr, diag);
}

/* forget_suspects - free what each link knows of messages that failed */
static void
forget_suspects(struct qmgr *qmgr)
{
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		suspect_fini(link);
}

/* loop_fini - close all connections, free all */
void
loop_fini(struct qmgr *qmgr)
{
	struct event **events[] = {&qmgr->tick, &qmgr->signals,
	    &qmgr->master_gone, &qmgr->stage_timer};

	/* Clients that go now must not be replaced. */
	qmgr->stopping = true;
	recoverer_fini(qmgr);
	clients_close(qmgr);
	orphans_fini(qmgr);
	/* Members that wait for a transaction have nobody to answer now. */
	batches_commit(qmgr);
	commit_run(qmgr);
	settle_large_fini(qmgr);
	commit_run(qmgr);
	admit_large_fini(qmgr);
	clients_fini(qmgr);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (*events[i] != NULL)
			event_free(*events[i]);
		*events[i] = NULL;
	}
	deferred_free(qmgr->deferred);
	set_back_free(qmgr->set_back);
	sweep_free(qmgr->sweep);
	drain_free(qmgr->drain);
	expand_free(qmgr->expander);
	tracking_free(qmgr->tracking);
	memory_free(qmgr->memory);
	storm_free(qmgr->storm);
	free(qmgr->guard);
	handshakes_free(qmgr->handshakes);
	submit_free_spare(qmgr);
	forget_suspects(qmgr);
	link_table_fini(&qmgr->links);
	route_free(qmgr->routes);
	names_free(qmgr->names);
	rib_free(qmgr->rib);
	workers_fini(&qmgr->workers);
	table_fini(&qmgr->active);
	batches_free(qmgr->batches);
	arena_fini(&qmgr->domain_arena);
	arena_fini(&qmgr->arena);
	buffer_fini(&qmgr->scratch);
	conf_free(qmgr->conf);
	/* The store is closed last: what ends before may still write to it. */
	store_close(qmgr->store);
}

/* wait_for_events - wait for events, and handle all that there are */
static void
wait_for_events(struct qmgr *qmgr)
{
	bool waiting = intake_stage_due(qmgr);
	unsigned patience = patience_left(qmgr);
	struct timeval soon = {.tv_usec = SUBMIT_STAGE_TIME * 1000};
	int flags = EVLOOP_ONCE;

	/* Work that is left means that events are only looked at, not waited
	 * for. */
	if (qmgr->again || (commit_pending(qmgr) && patience == 0))
		flags |= EVLOOP_NONBLOCK;
	qmgr->again = false;
	if (patience > 0) {
		waiting = true;
		soon.tv_sec = patience / 1000;
		soon.tv_usec = (suseconds_t)(patience % 1000) * 1000;
	}
	if (waiting && evtimer_add(qmgr->stage_timer, &soon) < 0)
		flags |= EVLOOP_NONBLOCK;
	if (event_base_loop(qmgr->base, flags) < 0)
		fatal(EX_OSERR, "the event loop has failed");
}

/* loop_step - wait for events unless there is something to do, then do it */
void
loop_step(struct qmgr *qmgr)
{
	wait_for_events(qmgr);
	/* The lines of a turn are one write, before the next wait. */
	log_hold();
	/* In the second after a jump of the clock messages would expire, or be
	 * put off until its time, before anybody doubts it. */
	doubt_tick(qmgr);
	/* Workers get their next jobs before the commit of what they did. */
	dispatch_touched(qmgr);
	clients_flush(qmgr);
	(void)intake_stage_due(qmgr);
	intake_reap_due(qmgr);
	admit_large_step(qmgr);
	settle_large_step(qmgr);
	set_back_commit(qmgr);
	deferred_commit(qmgr);
	sweep_commit(qmgr);
	expand_commit(qmgr);
	if (commit_pending(qmgr) && patience_left(qmgr) == 0) {
		log_release();
		log_hold();
		batches_commit(qmgr);
		commit_run(qmgr);
		copy_check(qmgr);
		/* Answers to what is committed wait for nothing else. */
		clients_flush(qmgr);
		dispatch_touched(qmgr);
	}
	sweep_again(qmgr);
	clients_flush(qmgr);
	clients_sweep(qmgr);
	qmgr_item(qmgr, 0);
	log_release();
	if (qmgr->worker != NULL)
		worker_tick(qmgr->worker);
}

/* The parts that a reload looks at after the comparison. */
static void
note_changed(void *context, enum conf_section section, const char *name,
    enum conf_change change, const struct conf_setting *setting)
{
	struct qmgr *qmgr = context;
	char full[STORE_LINK_NAME_MAX];
	struct link *link;

	(void)setting;
	if (section == CONF_MTA || change == CONF_ADDED)
		return;
	snprintf(full, sizeof(full), "%s%s",
	    section == CONF_MSMAIL	      ? "msmail/"
		: section == CONF_APPLICATION ? "application/"
		: section == CONF_MIXER	      ? "mixer/"
		: section == CONF_LIST	      ? "list/"
					      : "",
	    name);
	link = link_find(&qmgr->links, full);
	if (link != NULL)
		link->reloaded = true;
}

/* renew_links - replace the workers of changed links, and forget failures */
static void
renew_links(struct qmgr *qmgr)
{
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		if (!link->reloaded)
			continue;
		link->reloaded = false;
		assoc_retire_all(link);
		if (link->state == LINK_WAITING ||
		    link->state == LINK_RECOVERING)
			schedule_event(qmgr, link, LINK_EV_RETRY);
		link_touch(qmgr, link);
	}
}

/* loop_reload - make conf the active configuration */
int
loop_reload(struct qmgr *qmgr, struct conf *conf, struct diag *diag)
{
	struct conf *old = qmgr->conf;
	struct route_table *routes;
	struct names *names;
	int rc = conf_compare(old, conf, note_changed, qmgr);

	/* Compared before anything changes: links keep what is the same. */
	if (rc >= 0)
		rc = set_domain(qmgr, conf, diag);
	if (rc < 0) {
		conf_free(conf);
		return rc;
	}
	/* The old configuration is freed below. */
	/* From here on nothing may keep what is in the old one. */
	admit_large_again(qmgr);
	qmgr->conf = conf;
	category_levels(conf->mta.log_levels);
	rc = link_table_configure(qmgr);
	if (rc == 0) {
		batches_forget_gone(qmgr);
		schedule_configure(qmgr);
	}
	if (rc == 0)
		rc = announce_configure(qmgr);
	routes = rc < 0 ? NULL : route_compile(qmgr);
	names = rc < 0 ? NULL : names_compile(qmgr);
	/* Half a configuration would route by one file and open links by
	 * another; the next start reads the new one whole. */
	if (routes == NULL || names == NULL)
		fatal(EX_OSERR, "the new configuration cannot be used: %s",
		    error_strerror(rc < 0 ? rc : ERR_NOMEM));
	route_free(qmgr->routes);
	qmgr->routes = routes;
	names_free(qmgr->names);
	qmgr->names = names;
	/* Workers are replaced after routes and names are new, so that their
	 * first jobs are routed by the new file. */
	renew_links(qmgr);
	settings_changed(qmgr);
	conf_free(old);
	return 0;
}
