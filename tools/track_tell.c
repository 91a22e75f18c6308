/* SPDX-License-Identifier: ISC */
/*
 * track_tell.c - what happened to a message, and how it stands, in words
 */
#include "tools/track_tell.h"

#include <inttypes.h>
#include <string.h>

#include "mhs/report.h"

#define NAMED_MAX 3 /* recipients that a line names */

/* add_recipients - name the first recipients of an event, count the rest */
static void
add_recipients(struct track_line *line, const struct ipc_row *event)
{
	const struct ipc_field *list = track_field(event, "recipients");
	int64_t total = track_number(event, "recipient_count");
	size_t shown = 0;

	if (list == NULL || total <= 0)
		return;
	while (shown < list->row_count && shown < NAMED_MAX) {
		track_line_add(line, "%s %s", shown == 0 ? ":" : ",",
		    track_text(&list->rows[shown], "address"));
		shown++;
	}
	if ((int64_t)shown < total)
		track_line_add(line, "%s %" PRId64 "%s recipients",
		    shown == 0 ? ":" : ",", total - (int64_t)shown,
		    shown == 0 ? "" : " more");
}

/* add_delays - say how long a transfer took */
static void
add_delays(struct track_line *line, const struct ipc_row *event)
{
	int64_t all = track_number(event, "delay");
	int64_t queue = track_number(event, "delay_queue");
	int64_t transfer = track_number(event, "delay_transfer");

	if (all >= 0)
		track_line_add(line, ", %s after it came", track_delay(all));
	if (queue >= 0 && transfer >= 0)
		track_line_add(line, " (waited %s, transfer %s)",
		    track_delay(queue), track_delay(transfer));
}

/* track_tell_why - append what a record says beside the event itself */
static void
track_tell_why(struct track_line *line, const struct ipc_row *event)
{
	int64_t reason = track_number(event, "reason");
	int64_t diagnostic = track_number(event, "diagnostic");

	if (track_has(event, "text"))
		track_line_add(line, ", %s", track_text(event, "text"));
	if (reason >= 0 && diagnostic >= 0)
		track_line_add(line,
		    " (reason %" PRId64 ", diagnostic %" PRId64 ")", reason,
		    diagnostic);
	else if (reason >= 0)
		track_line_add(line, " (reason %" PRId64 ")", reason);
	if (track_has(event, "by"))
		track_line_add(line, ", by %s", track_text(event, "by"));
}

/* How an event is told: words, and the word before its link and before its
 * other. */
static const struct {
	const char *event, *words, *link, *other;
} tellings[] = {
    {"arrival", "arrived", " from ", NULL},
    {"copy", "queued", " for ", NULL},
    {"transfer", "transferred", " to ", NULL},
    {"delivery", "delivered", " to ", NULL},
    {"report", "not delivered", NULL, ", report "},
    {"hold", "held", " on ", NULL},
    {"release", "released", NULL, NULL},
    {"reroute", "rerouted", " to ", " from "},
    {"redirection", "redirected", NULL, " to "},
    {"expansion", "list expanded", NULL, ": "},
    {"deletion", "deleted without a report", NULL, NULL},
    {"return", "returned to its originator", NULL, NULL},
    {"expiry", "expired", NULL, NULL},
    {"discard", "report went no further", NULL, NULL},
    {"quarantine", "quarantined", " on ", NULL},
    {"failure", "given up", " on ", NULL},
};

/* track_tell_event - tell an event in words */
void
track_tell_event(struct track_line *line, const struct ipc_row *event)
{
	const char *name = track_text(event, "event");
	size_t i;

	for (i = 0; i < sizeof(tellings) / sizeof(tellings[0]); i++)
		if (strcmp(tellings[i].event, name) == 0)
			break;
	if (i == sizeof(tellings) / sizeof(tellings[0])) {
		track_line_add(line, "%s", name);
		return;
	}
	track_line_add(line, "%s", tellings[i].words);
	if (tellings[i].link != NULL && track_has(event, "link"))
		track_line_add(
		    line, "%s%s", tellings[i].link, track_text(event, "link"));
	else if (strcmp(name, "arrival") == 0)
		track_line_add(line, ": made here");
	if (tellings[i].other != NULL && track_has(event, "other"))
		track_line_add(line, "%s%s", tellings[i].other,
		    track_text(event, "other"));
	if (strcmp(name, "transfer") == 0 || strcmp(name, "delivery") == 0)
		add_delays(line, event);
	else if (strcmp(name, "copy") == 0 && track_number(event, "id") > 0)
		track_line_add(line, " as %" PRId64, track_number(event, "id"));
	track_tell_why(line, event);
	add_recipients(line, event);
}
/* track_tell_state - append how a message as a whole stands, and for how many
 * of its recipients that is so, unless for all */
void
track_tell_state(struct track_line *line, const struct ipc_row *item)
{
	int64_t count = track_number(item, "state_count");
	int64_t total = track_number(item, "state_total");

	track_line_add(line, "%s", track_text(item, "state"));
	if (count < total)
		track_line_add(line, " %" PRId64 "/%" PRId64, count, total);
}

/* is_end - tell whether an event says why a message did not get through, or is
 * held */
static bool
is_end(const struct ipc_row *event)
{
	static const char *const ends[] = {"report", "failure", "hold",
	    "quarantine", "expiry", "return", "deletion", "discard"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strcmp(track_text(event, "event"), ends[i]) == 0)
			return true;
	return false;
}

/* add_remedy - append the command that helps where an address led nowhere */
static void
add_remedy(struct track_line *line, const struct ipc_row *event)
{
	const struct ipc_field *list = track_field(event, "recipients");
	int64_t diagnostic = track_number(event, "diagnostic");

	if (list == NULL || list->row_count == 0 ||
	    (diagnostic != DIAGNOSTIC_UNRECOGNISED_OR_NAME &&
		diagnostic != DIAGNOSTIC_LOOP_DETECTED))
		return;
	track_line_add(line, " -> x4conf route '%s'",
	    track_text(&list->rows[0], "address"));
}

/* track_tell_cause - append why a message as a whole stands as it does, and the
 * command that tells more */
void
track_tell_cause(struct track_line *line, const struct ipc_row *item)
{
	const struct ipc_field *list = track_field(item, "events");
	const struct ipc_field *reports = track_field(item, "reports");
	bool queued = strcmp(track_text(item, "state"), "queued") == 0;
	int64_t id = -1;

	for (size_t i = list == NULL ? 0 : list->row_count; i > 0; i--) {
		const struct ipc_row *event = &list->rows[i - 1];

		if (id < 0 && strcmp(track_text(event, "event"), "copy") == 0)
			id = track_number(event, "id");
		if (queued || !is_end(event))
			continue;
		track_tell_why(line, event);
		add_remedy(line, event);
		return;
	}
	if (queued && id > 0)
		track_line_add(line, " -> x4queue why %" PRId64, id);
	else if (reports != NULL && reports->row_count > 0)
		track_line_add(line, ", and a report came back -> x4track '%s'",
		    track_text(&reports->rows[0], "mts_id"));
}
