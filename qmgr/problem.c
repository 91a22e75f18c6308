/* SPDX-License-Identifier: ISC */
/*
 * problem.c - which problems there are, and what is said of each
 */
#include "qmgr/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "qmgr/drain.h"
#include "qmgr/engine/doubt.h"
#include "qmgr/engine/memory.h"
#include "qmgr/engine/tracking.h"
#include "qmgr/trouble.h"
#include "store/store.h"

#define MEGABYTE 1048576
#define REPAIR	 "x4ctl stop; x4check --repair"

/* say - fill in a problem and format its text */
static void PRINTF_LIKE(5, 6) say(struct problem_told *told, const char *id,
    enum problem_weight weight, const char *command, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(told->text, sizeof(told->text), fmt, ap);
	va_end(ap);
	if (command != told->command)
		(void)strlcpy(told->command, command, sizeof(told->command));
	told->problem = (struct problem){.id = id,
	    .name = "",
	    .weight = weight,
	    .text = told->text,
	    .command = told->command};
}

/* describe_disk - tell of a disk that is low */
static bool
describe_disk(const struct qmgr *qmgr, struct problem_told *told)
{
	uint64_t left, needed;

	if (!qmgr->told_disk)
		return false;
	store_disk(qmgr->store, &left, &needed);
	(void)snprintf(told->command, sizeof(told->command), "df -h %s",
	    qmgr->conf->mta.state_directory);
	say(told, "disk", PROBLEM_WEIGHT_DISK, told->command,
	    "the disk of %s is low, %llu MB are free and %llu needed: new "
	    "messages are refused",
	    qmgr->conf->mta.state_directory,
	    (unsigned long long)left / MEGABYTE,
	    (unsigned long long)needed / MEGABYTE);
	return true;
}

/* describe_full - tell of a queue of which three quarters are used */
static bool
describe_full(const struct qmgr *qmgr, struct problem_told *told)
{
	uint64_t used, size;

	store_usage(qmgr->store, &used, &size);
	if (used <= size - size / 4)
		return false;
	say(told, "full", PROBLEM_WEIGHT_FULL, "x4queue summary",
	    "the queue is full, %llu of %llu MB are in use: %s is refused",
	    (unsigned long long)used / MEGABYTE,
	    (unsigned long long)size / MEGABYTE,
	    used >= size ? "everything new"
			 : "what is for a link that is not up");
	return true;
}

/* describe_local_share - tell that tools have their share of the queue */
static bool
describe_local_share(const struct qmgr *qmgr, struct problem_told *told)
{
	uint64_t held = store_source_total(qmgr->store, STORE_LINK_NONE).octets;

	if (qmgr->local_refused_at == 0 || held < qmgr->local_refused_at)
		return false;
	say(told, "share", PROBLEM_WEIGHT_SHARE, "x4queue summary",
	    "what tools submitted has its share of the queue, %llu MB: more "
	    "is refused",
	    (unsigned long long)held / MEGABYTE);
	return true;
}

/* describe_damage - tell what is wrong with the queue on disk */
static bool
describe_damage(const struct qmgr *qmgr, struct problem_told *told)
{
	enum store_trouble kind;
	const char *text = trouble_last(qmgr->store, &kind);

	if (text == NULL)
		return false;
	if (kind == STORE_WRITE_FAILED)
		say(told, "queue", PROBLEM_WEIGHT_DAMAGE, "dmesg",
		    "the queue could not be written: %s", text);
	else
		say(told, "queue", PROBLEM_WEIGHT_DAMAGE, REPAIR,
		    kind == STORE_PAGE_DAMAGED
			? "a page of the queue cannot be read: %s"
			: "a record of the queue is damaged: %s",
		    text);
	return true;
}

/* describe_tracker - tell that what happens to messages is not kept */
static bool
describe_tracker(const struct qmgr *qmgr, struct problem_told *told)
{
	char text[TRACKING_TEXT_MAX];

	if (*tracking_text(qmgr, text) == '\0')
		return false;
	say(told, "tracker", PROBLEM_WEIGHT_TRACKER,
	    tracking_is_broken(qmgr) ? REPAIR : "x4ctl restart tracker", "%s",
	    text);
	return true;
}

/* describe_memory - tell that nothing is remembered for gateways */
static bool
describe_memory(const struct qmgr *qmgr, struct problem_told *told)
{
	char text[MEMORY_TEXT_MAX];

	if (*memory_text(qmgr, text) == '\0')
		return false;
	say(told, "memory", PROBLEM_WEIGHT_MEMORY,
	    memory_is_broken(qmgr) ? REPAIR : "x4ctl restart mixer-memory",
	    "%s", text);
	return true;
}

/* describe_database - tell that the database of many machines is behind */
static bool
describe_database(const struct qmgr *qmgr, struct problem_told *told)
{
	char text[TRACKING_TEXT_MAX];

	if (*tracking_database_text(qmgr, text) == '\0')
		return false;
	say(told, "database", PROBLEM_WEIGHT_DATABASE,
	    "x4ctl restart tracking-database", "%s", text);
	return true;
}

/* describe_clock - tell that the time is doubted */
static bool
describe_clock(const struct qmgr *qmgr, struct problem_told *told)
{
	char text[DOUBT_TEXT_MAX];

	if (*doubt_text(qmgr, text) == '\0')
		return false;
	say(told, "clock", PROBLEM_WEIGHT_CLOCK, "x4ctl clock-ok",
	    "the clock is %s", text);
	return true;
}

/* describe_alarm_all - tell that too much is queued */
static bool
describe_alarm_all(const struct qmgr *qmgr, struct problem_told *told)
{
	if (!qmgr->alarm)
		return false;
	say(told, "alarm", PROBLEM_WEIGHT_ALARM, "x4queue summary",
	    "more is queued, or for longer, than alarm-length and alarm-age "
	    "say: %llu messages",
	    (unsigned long long)store_total(qmgr->store).messages);
	return true;
}

/* describe_drain - tell that nothing new is taken */
static bool
describe_drain(const struct qmgr *qmgr, struct problem_told *told)
{
	const struct store_drain *drain = store_drain(qmgr->store);
	const struct link *to = link_get(&qmgr->links, drain->link);
	struct drain_state state;

	if (drain->since == 0)
		return false;
	state = drain_state(qmgr);
	say(told, "drain", PROBLEM_WEIGHT_DRAIN,
	    state.left > 0 ? "x4ctl drain --off" : "x4ctl stop",
	    "draining%s%s, nothing new is taken: %llu messages left, %llu held",
	    to == NULL ? "" : " to ", to == NULL ? "" : to->name,
	    (unsigned long long)state.left, (unsigned long long)state.held);
	return true;
}

/* since_or_now - get since when a problem is there; one that no tick has seen
 * yet is of this second */
static int64_t
since_or_now(int64_t since)
{
	return since != 0 ? since : clock_wall();
}

/* problem_common - describe a problem that is of no link */
bool
problem_common(const struct qmgr *qmgr, enum common_problem kind,
    struct problem_told *told)
{
	static bool (*const describe[COMMON_PROBLEMS])(
	    const struct qmgr *qmgr, struct problem_told *told) = {
	    [COMMON_PROBLEM_DISK] = describe_disk,
	    [COMMON_PROBLEM_FULL] = describe_full,
	    [COMMON_PROBLEM_SHARE] = describe_local_share,
	    [COMMON_PROBLEM_DAMAGE] = describe_damage,
	    [COMMON_PROBLEM_TRACKER] = describe_tracker,
	    [COMMON_PROBLEM_MEMORY] = describe_memory,
	    [COMMON_PROBLEM_DATABASE] = describe_database,
	    [COMMON_PROBLEM_CLOCK] = describe_clock,
	    [COMMON_PROBLEM_ALARM] = describe_alarm_all,
	    [COMMON_PROBLEM_DRAIN] = describe_drain,
	};

	if (!describe[kind](qmgr, told))
		return false;
	told->problem.since = since_or_now(qmgr->problem_since[kind]);
	return true;
}

/* wall_of - turn a time of the monotonic clock into one of the wall clock */
static int64_t
wall_of(uint64_t monotonic)
{
	return clock_wall() - (int64_t)(clock_monotonic() - monotonic);
}

/* say_what_helps - name the command for a link that is not up: x4ping asks an
 * X.400 peer or a relay; of a postoffice the reason says all */
static void
say_what_helps(const struct link *link, struct problem_told *told)
{
	bool pinged = link->kind == LINK_X400 || link->kind == LINK_MIXER;

	(void)snprintf(told->command, sizeof(told->command),
	    pinged ? "x4ping %s" : "x4ctl retry %s", link->name);
}

/* describe_failing - tell that a link cannot be opened */
static bool
describe_failing(
    const struct qmgr *qmgr, const struct link *link, struct problem_told *told)
{
	(void)qmgr;
	/* A disabled link fails because somebody wants it to. */
	if (link->open_failures == 0 || link->state == LINK_DISABLED)
		return false;
	say_what_helps(link, told);
	say(told, "link", PROBLEM_WEIGHT_LINK, told->command, "%s fails: %s",
	    link->name, link->last_error);
	return true;
}

/* describe_transfers - tell that a peer takes nothing of what it is sent */
static bool
describe_transfers(
    const struct qmgr *qmgr, const struct link *link, struct problem_told *told)
{
	/* Once nothing waits nobody knows whether it would take more. */
	if (link->refused == 0 || link->open_failures > 0 ||
	    store_link_total(qmgr->store, link->number).messages == 0)
		return false;
	(void)snprintf(
	    told->command, sizeof(told->command), "x4queue -l %s", link->name);
	say(told, "transfers", PROBLEM_WEIGHT_TRANSFERS, told->command,
	    "%s takes nothing, %u transfer%s failed since one succeeded: %s",
	    link->name, link->refused, link->refused == 1 ? "" : "s",
	    link->refused_why);
	return true;
}

/* describe_share - tell that what came from a link has its share */
static bool
describe_share(
    const struct qmgr *qmgr, const struct link *link, struct problem_told *told)
{
	uint64_t held = store_source_total(qmgr->store, link->number).octets;

	if (link->refused_at == 0 || held < link->refused_at)
		return false;
	say(told, "share", PROBLEM_WEIGHT_SHARE, "x4queue summary",
	    "what came from %s has its share of the queue, %llu MB: more is "
	    "refused",
	    link->name, (unsigned long long)held / MEGABYTE);
	return true;
}

/* describe_backlog - tell that what waits for a link has its share */
static bool
describe_backlog(
    const struct qmgr *qmgr, const struct link *link, struct problem_told *told)
{
	struct store_total held = store_link_total(qmgr->store, link->number);

	if (link->backlog_refused_at == 0 || link->state == LINK_UP ||
	    held.octets < link->backlog_refused_at)
		return false;
	say_what_helps(link, told);
	say(told, "backlog", PROBLEM_WEIGHT_SHARE, told->command,
	    "%s is not up, and what waits for it has its share of the queue, "
	    "%llu messages: more for it is refused",
	    link->name, (unsigned long long)held.messages);
	return true;
}

/* describe_unread - tell that no file of a postoffice is taken */
static bool
describe_unread(
    const struct qmgr *qmgr, const struct link *link, struct problem_told *told)
{
	(void)qmgr;
	if (link->postoffice == NULL || link->postoffice->unread[0] == '\0')
		return false;
	(void)snprintf(told->command, sizeof(told->command), "ls %s",
	    link->msmail->postoffice);
	say(told, "postoffice", PROBLEM_WEIGHT_POSTOFFICE, told->command,
	    "no file of postoffice %s is taken: %s", link->msmail->name,
	    link->postoffice->unread);
	return true;
}

/* describe_map - tell that a postoffice's new map is not in use */
static bool
describe_map(
    const struct qmgr *qmgr, const struct link *link, struct problem_told *told)
{
	(void)qmgr;
	if (link->postoffice == NULL || link->postoffice->map[0] == '\0')
		return false;
	say(told, "map", PROBLEM_WEIGHT_MAP, "x4conf check",
	    "the map of postoffice %s is wrong: %s", link->msmail->name,
	    link->postoffice->map);
	return true;
}

/* describe_aside - tell that files of a postoffice were set aside */
static bool
describe_aside(
    const struct qmgr *qmgr, const struct link *link, struct problem_told *told)
{
	(void)qmgr;
	if (link->postoffice == NULL || link->postoffice->aside == 0)
		return false;
	(void)snprintf(told->command, sizeof(told->command), "x4queue aside %s",
	    link->msmail->name);
	say(told, "aside", PROBLEM_WEIGHT_ASIDE, told->command,
	    "%llu file%s of postoffice %s %s set aside, the last one %s",
	    (unsigned long long)link->postoffice->aside,
	    link->postoffice->aside == 1 ? "" : "s", link->msmail->name,
	    link->postoffice->aside == 1 ? "was" : "were",
	    link->postoffice->last);
	return true;
}

/* describe_alarm - tell that too much waits for a link */
static bool
describe_alarm(
    const struct qmgr *qmgr, const struct link *link, struct problem_told *told)
{
	if (!link->alarm)
		return false;
	(void)snprintf(
	    told->command, sizeof(told->command), "x4queue -l %s", link->name);
	say(told, "alarm", PROBLEM_WEIGHT_ALARM, told->command,
	    "more waits for %s, or for longer, than alarm-length and "
	    "alarm-age say: %llu messages",
	    link->name,
	    (unsigned long long)store_link_total(qmgr->store, link->number)
		.messages);
	return true;
}

/* problem_of_link - describe a problem of a link */
bool
problem_of_link(const struct qmgr *qmgr, const struct link *link,
    enum link_problem kind, struct problem_told *told)
{
	static bool (*const describe[LINK_PROBLEMS])(const struct qmgr *qmgr,
	    const struct link *link, struct problem_told *told) = {
	    [LINK_PROBLEM_FAILS] = describe_failing,
	    [LINK_PROBLEM_SHARE] = describe_share,
	    [LINK_PROBLEM_BACKLOG] = describe_backlog,
	    [LINK_PROBLEM_TRANSFERS] = describe_transfers,
	    [LINK_PROBLEM_UNREAD] = describe_unread,
	    [LINK_PROBLEM_MAP] = describe_map,
	    [LINK_PROBLEM_ASIDE] = describe_aside,
	    [LINK_PROBLEM_ALARM] = describe_alarm,
	};

	if (!describe[kind](qmgr, link, told))
		return false;
	told->problem.name = link->name;
	told->problem.since = since_or_now(link->problem_since[kind]);
	/* Others know it from before they were looked at. */
	if (kind == LINK_PROBLEM_FAILS)
		told->problem.since = wall_of(link->failing_since);
	if (kind == LINK_PROBLEM_ASIDE)
		told->problem.since = link->postoffice->aside_since;
	return true;
}
