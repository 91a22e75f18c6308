/* SPDX-License-Identifier: ISC */
/*
 * why.c - what a message waits for, in one sentence
 *
 * See why.h.
 */
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "view/why.h"

/* view_is_active - test whether a message is being worked on */
bool
view_is_active(const struct view *view, uint64_t id)
{
	/* Offline nothing is active. */
	return view->active != NULL && view->active(view->arg, id);
}

/* why_deferred - explain a message that waits for itself */
static void
why_deferred(const struct store_message *message, char *text, size_t size)
{
	uint64_t failed =
	    (uint64_t)message->transfer_attempts + (uint64_t)message->attempts;
	/* Rounded up, so that a wait of half a second is not shown as none. */
	long long wait = (message->next_try - clock_wall() + 999) / 1000;
	char when[32] = "?", often[32];
	time_t next = (time_t)(message->next_try / 1000);
	struct tm tm;

	if (wait < 0)
		wait = 0;
	if (localtime_r(&next, &tm) != NULL)
		(void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	/* A relay or a program that puts recipients off does not fail. */
	if (message->deferrals > 0) {
		snprintf(often, sizeof(often), "%lu times",
		    (unsigned long)message->deferrals);
		snprintf(text, size,
		    "it was put off %s (%.*s); it is tried again in %lld s",
		    message->deferrals == 1 ? "once" : often,
		    (int)message->reason.len,
		    (const char *)message->reason.data, wait);
		return;
	}
	/* Without a failure the originator asked for the time. */
	if (failed == 0) {
		snprintf(text, size,
		    "it is deferred by its originator until %s, in %lld s",
		    when, wait);
		return;
	}
	snprintf(
	    often, sizeof(often), "%llu times", (unsigned long long)failed);
	snprintf(text, size,
	    "its transfer failed %s (%.*s); it is tried again in %lld s",
	    failed == 1 ? "once" : often, (int)message->reason.len,
	    (const char *)message->reason.data, wait);
}

/* why_held - explain a message that somebody is to decide on */
static void
why_held(const struct store_message *message, int reason_len,
    const char *reason, char text[VIEW_TEXT_MAX])
{
	/* Held without a try is an administrator's wish; with tries it is a
	 * peer's refusal. */
	if (message->attempts + message->transfer_attempts == 0)
		snprintf(text, VIEW_TEXT_MAX, "it waits for its release: %.*s",
		    reason_len, reason);
	else
		snprintf(text, VIEW_TEXT_MAX,
		    "it waits for its release, held because its peer did not "
		    "take it: %.*s",
		    reason_len, reason);
}

/* why_quarantined - explain a message that was set aside after it crashed
 * processes */
static void
why_quarantined(const struct store_message *message, int reason_len,
    const char *reason, char text[VIEW_TEXT_MAX])
{
	/* No crash means that the record itself cannot be read. */
	if (message->crashes == 0)
		snprintf(text, VIEW_TEXT_MAX,
		    "it is quarantined because it cannot be used: %.*s",
		    reason_len, reason);
	else
		snprintf(text, VIEW_TEXT_MAX,
		    "it is quarantined because %u process%s crashed or hung "
		    "on it, the last one so: %.*s",
		    message->crashes, message->crashes == 1 ? "" : "es",
		    reason_len, reason);
}

/* why_text - explain in one sentence what a message waits for */
void
why_text(const struct view *view, const struct store_message *message,
    char text[VIEW_TEXT_MAX])
{
	struct store_link link = {.name = "?"};
	const char *reason = message->reason.len == 0
	    ? "by an administrator"
	    : (const char *)message->reason.data;
	int reason_len = message->reason.len == 0 ? (int)strlen(reason)
						  : (int)message->reason.len;

	if (store_link_get(view->store, message->link, &link) < 0)
		snprintf(link.name, sizeof(link.name), "?");
	/* Active comes first: a state on disk is older than what a worker does
	 * now. */
	if (view_is_active(view, message->id) && view->explain != NULL)
		view->explain(view->arg, message, text);
	else if (view_is_active(view, message->id))
		snprintf(text, VIEW_TEXT_MAX, "it is being transferred to %s",
		    link.name);
	else if (message->state == STORE_DEFERRED)
		why_deferred(message, text, VIEW_TEXT_MAX);
	else if (message->state == STORE_HELD)
		why_held(message, reason_len, reason, text);
	else if (message->state == STORE_QUARANTINED)
		why_quarantined(message, reason_len, reason, text);
	else if (view->explain != NULL)
		view->explain(view->arg, message, text);
	else
		snprintf(text, VIEW_TEXT_MAX,
		    "it waits for link %s; the suite is not running",
		    link.name);
}

/* why_when - format a time near now: "14:20", or with its day */
void
why_when(int64_t ms, char text[WHY_WHEN_MAX])
{
	time_t when = (time_t)(ms / 1000), now = (time_t)(clock_wall() / 1000);
	/* A day is left out where it is today's, since lists are narrow. */
	struct tm tm, today;

	if (localtime_r(&when, &tm) == NULL ||
	    localtime_r(&now, &today) == NULL ||
	    strftime(text, WHY_WHEN_MAX,
		tm.tm_yday == today.tm_yday && tm.tm_year == today.tm_year
		    ? "%H:%M"
		    : "%Y-%m-%d %H:%M",
		&tm) == 0)
		snprintf(text, WHY_WHEN_MAX, "?");
}

/* brief_deferred - say when a message that waits for itself is tried again */
static void
brief_deferred(const struct store_message *message, char text[VIEW_TEXT_MAX])
{
	char when[WHY_WHEN_MAX];

	why_when(message->next_try, when);
	if (message->transfer_attempts + message->attempts == 0)
		snprintf(text, VIEW_TEXT_MAX, "deferred until %s", when);
	else
		snprintf(text, VIEW_TEXT_MAX, "failed: %.*s, next %s",
		    (int)message->reason.len,
		    (const char *)message->reason.data, when);
}

/* why_brief - say in a few words what a message waits for */
void
why_brief(const struct view *view, const struct store_message *message,
    char text[VIEW_TEXT_MAX])
{
	*text = '\0';
	if (view_is_active(view, message->id))
		snprintf(text, VIEW_TEXT_MAX, "being sent");
	else if (message->state == STORE_DEFERRED)
		brief_deferred(message, text);
	else if (message->state != STORE_READY && message->reason.len > 0)
		snprintf(text, VIEW_TEXT_MAX, "%.*s", (int)message->reason.len,
		    (const char *)message->reason.data);
	else if (message->state != STORE_READY)
		return;
	else if (view->brief != NULL)
		view->brief(view->arg, message, text);
	else
		snprintf(text, VIEW_TEXT_MAX, "the suite is not running");
}
