/* SPDX-License-Identifier: ISC */
/*
 * alarm.c - events for whoever has to know that mail piles up
 */
#include "qmgr/alarm.h"

#include "base/clock.h"
#include "base/log.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/link.h"
#include "store/store.h"

#define HOUR ((int64_t)60 * 60 * 1000) /* ms */

/* The messages that wait, for a link or for all together. */
struct waiting {
	uint64_t length; /* messages */
	int64_t oldest;	 /* wall clock ms, its arrival; INT64_MAX: none */
};

/* When there is an alarm. */
struct bound {
	uint64_t length; /* messages; 0: never */
	uint64_t age;	 /* ms; 0: never */
};

/* oldest_ready - find when the oldest message of a count came: ids rise with
 * arrival, so it is the first that is ready */
static int64_t
oldest_ready(struct qmgr *qmgr, const struct store_count *count)
{
	struct store_message message;
	uint64_t id;

	arena_reset(&qmgr->arena);
	if (store_ready_next(
		qmgr->store, count->link, count->priority, 0, &id) != 0 ||
	    store_message_get(
		qmgr->store, id, STORE_HEAD, &qmgr->arena, &message) != 0)
		return (int64_t)(count->hour + 1) * HOUR;
	return message.arrival;
}

/* alarm_oldest - find when the oldest message that waits for a link came */
int64_t
alarm_oldest(struct qmgr *qmgr, uint32_t link)
{
	struct store_count count = {.link = link};
	int64_t arrival, oldest = INT64_MAX;
	bool started = true;

	while (store_count_next(qmgr->store, &started, &count) == 1 &&
	    count.link == link) {
		arrival = count.state == STORE_READY
		    ? oldest_ready(qmgr, &count)
		    : (int64_t)(count.hour + 1) * HOUR;
		if (arrival < oldest)
			oldest = arrival;
		/* Later hours of this priority and state are younger. */
		count.hour = UINT32_MAX;
	}
	return oldest;
}

/* exceeds - tell whether what waits is more than a part of the bound, 1 for the
 * whole and 2 for half of it */
static bool
exceeds(const struct waiting *waiting, const struct bound *bound, unsigned part)
{
	int64_t now = clock_wall();

	return (bound->length > 0 && waiting->length > bound->length / part) ||
	    (bound->age > 0 && waiting->oldest < now &&
		(uint64_t)(now - waiting->oldest) > bound->age / part);
}

/* tell_master - have master run alarm-command, if there is one */
static void
tell_master(struct qmgr *qmgr, enum event_name event,
    const struct waiting *waiting, const struct link *link)
{
	int64_t now = clock_wall();

	if (qmgr->conf->mta.alarm_command[0] == '\0' || qmgr->master == NULL)
		return;
	client_send(qmgr->master,
	    &(struct ipc_record){.type = IPC_ALARM,
		.alarm = {.event = (uint32_t)event_number(event),
		    .link = slice_of_string(link == NULL ? "" : link->name),
		    .messages = waiting->length,
		    .age = waiting->oldest < now
			? (uint64_t)(now - waiting->oldest) / 1000
			: 0}});
}

/* judge - begin or end an alarm, and say so: whether it is on */
static bool
judge(struct qmgr *qmgr, bool on, const struct waiting *waiting,
    const struct bound *bound, const struct link *link)
{
	bool now_on = exceeds(waiting, bound, on ? 2 : 1);
	enum event_name event = EVENT_ALARM_OFF;
	int64_t now = clock_wall();

	if (now_on == on)
		return on;
	if (link == NULL)
		event = now_on ? EVENT_ALARM_ALL : EVENT_ALARM_ALL_OFF;
	else if (now_on)
		event = EVENT_ALARM;
	LOG_EVENT(event, LOG_STRING("link", link == NULL ? NULL : link->name),
	    LOG_INT("messages", waiting->length),
	    LOG_INT("age_s",
		waiting->oldest < now ? (now - waiting->oldest) / 1000 : 0),
	    LOG_INT("alarm_length", bound->length),
	    LOG_INT("alarm_age_s", bound->age / 1000));
	tell_master(qmgr, event, waiting, link);
	return now_on;
}

/* bound_of - find when a link has an alarm; lists have none */
static struct bound
bound_of(const struct link *link)
{
	if (link->x400 != NULL)
		return (struct bound){
		    link->x400->alarm_length, link->x400->alarm_age};
	if (link->msmail != NULL)
		return (struct bound){
		    link->msmail->alarm_length, link->msmail->alarm_age};
	/* Lists have no peer that could fail: what waits for them waits for
	 * this process. */
	return (struct bound){0};
}

/* alarm_tick - look at all that waits, once a second */
void
alarm_tick(struct qmgr *qmgr)
{
	const struct conf_mta *mta = &qmgr->conf->mta;
	struct bound bound, all = {mta->alarm_length, mta->alarm_age};
	struct waiting waiting, sum = {.oldest = INT64_MAX};
	struct link *link;

	for (link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		bound = bound_of(link);
		waiting.length =
		    store_link_total(qmgr->store, link->number).messages;
		waiting.oldest = INT64_MAX;
		/* Ages alone cost more than a look at a number. */
		if (waiting.length > 0 && (bound.age > 0 || all.age > 0))
			waiting.oldest = alarm_oldest(qmgr, link->number);
		if (waiting.oldest < sum.oldest)
			sum.oldest = waiting.oldest;
		link->alarm = judge(qmgr, link->alarm, &waiting, &bound, link);
	}
	sum.length = store_total(qmgr->store).messages;
	qmgr->alarm = judge(qmgr, qmgr->alarm, &sum, &all, NULL);
}
