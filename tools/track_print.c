/* SPDX-License-Identifier: ISC */
/*
 * track_print.c - what the tracker knows of messages, for people
 */
#include "tools/track_print.h"

#include <sys/ioctl.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/escape.h"
#include "mhs/report.h"

#define LINE_MAX_OCTETS 4096
#define WIDTH_MIN	60
#define NAMED_MAX	3 /* recipients that a line names */
#define STATE_WIDTH	16

/* --- fields --- */

/* get_field - find the field of that name, or NULL */
static const struct ipc_field *
get_field(const struct ipc_row *row, const char *name)
{
	for (size_t i = 0; i < row->field_count; i++)
		if (slice_equal_string(row->fields[i].name, name))
			return &row->fields[i];
	return NULL;
}

/* get_text - get a text, escaped, "" if it is not there; one of eight buffers
 * in turn */
static const char *
get_text(const struct ipc_row *row, const char *name)
{
	static char texts[8][OUTPUT_CELL_MAX * 2];
	static unsigned turn;
	const struct ipc_field *field = get_field(row, name);
	char *text = texts[turn++ % 8];

	text[0] = '\0';
	if (field != NULL)
		(void)escape_text(text, sizeof(texts[0]), field->octets);
	return text;
}

/* get_number - get a number, or -1 if it is not there */
static int64_t
get_number(const struct ipc_row *row, const char *name)
{
	const struct ipc_field *field = get_field(row, name);

	return field == NULL ? -1 : field->number;
}

/* has_text - tell whether a text is there */
static bool
has_text(const struct ipc_row *row, const char *name)
{
	const struct ipc_field *field = get_field(row, name);

	return field != NULL && field->octets.len > 0;
}

/* --- words --- */

/* time_text - write a time as 2026-11-30 14:02:11, local; one of two buffers in
 * turn */
static const char *
time_text(int64_t ms)
{
	static char texts[2][24];
	static unsigned turn;
	char *text = texts[turn++ % 2];
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	text[0] = '\0';
	if (localtime_r(&seconds, &tm) != NULL)
		(void)strftime(text, sizeof(texts[0]), "%F %T", &tm);
	return text;
}

/* delay_text - write a delay as "40 ms", "1.8s", "3m 12s"; one of four
 * buffers in turn */
static const char *
delay_text(int64_t ms)
{
	static char texts[4][32];
	static unsigned turn;
	char *text = texts[turn++ % 4];
	int64_t s = ms / 1000;

	if (ms < 1000)
		(void)snprintf(text, sizeof(texts[0]), "%" PRId64 " ms", ms);
	else if (s < 60)
		(void)snprintf(text, sizeof(texts[0]),
		    "%" PRId64 ".%" PRId64 "s", s, ms % 1000 / 100);
	else if (s < 3600)
		(void)snprintf(text, sizeof(texts[0]),
		    "%" PRId64 "m %" PRId64 "s", s / 60, s % 60);
	else if (s < 86400)
		(void)snprintf(text, sizeof(texts[0]),
		    "%" PRId64 "h %" PRId64 "m", s / 3600, s % 3600 / 60);
	else
		(void)snprintf(text, sizeof(texts[0]),
		    "%" PRId64 "d %" PRId64 "h", s / 86400, s % 86400 / 3600);
	return text;
}

/* --- lines --- */

/* A line that is put together. */
struct line {
	char text[LINE_MAX_OCTETS];
	size_t len;
};

/* add - append to a line; what has no room is left out */
static void PRINTF_LIKE(2, 3) add(struct line *line, const char *fmt, ...)
{
	size_t room = sizeof(line->text) - line->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line->text + line->len, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		line->len += (size_t)n < room ? (size_t)n : room - 1;
}

/* terminal_width - get the width of the terminal; 0: it is none, and nothing is
 * cut */
static size_t
terminal_width(const struct output *out)
{
	struct winsize size;

	if (!isatty(fileno(out->stream)) ||
	    ioctl(fileno(out->stream), TIOCGWINSZ, &size) != 0)
		return 0;
	return size.ws_col == 0	      ? 80
	    : size.ws_col < WIDTH_MIN ? WIDTH_MIN
				      : size.ws_col;
}

/* cut_length - find how many octets of a text fit into so many columns, at
 * least as many as the text up to there */
static size_t
cut_length(const char *text, size_t columns)
{
	size_t at = 0;

	while (text[at] != '\0' && columns > 0) {
		at++;
		while ((text[at] & 0xc0) == 0x80)
			at++;
		columns--;
	}
	return at;
}

/* put_wrapped - print a line; what is beyond the width goes on below, indented,
 * broken at a blank or semicolon if there is any */
static void
put_wrapped(struct output *out, const struct line *line, size_t indent)
{
	size_t width = terminal_width(out), at, lead = 0;
	const char *rest = line->text;
	char piece[LINE_MAX_OCTETS + 64];

	for (;;) {
		at = width == 0 ? strlen(rest) : cut_length(rest, width - lead);
		if (rest[at] != '\0') {
			size_t back = at;

			while (back > at / 2 && rest[back - 1] != ' ' &&
			    rest[back - 1] != ';')
				back--;
			if (back > at / 2)
				at = back;
		}
		(void)snprintf(piece, sizeof(piece), "%*s%.*s", (int)lead, "",
		    (int)at, rest);
		output_text(out, slice_of_string(piece));
		rest += at;
		rest += strspn(rest, " ");
		if (*rest == '\0')
			return;
		lead = indent;
	}
}

/* add_cell - append a text in so many columns, cut if need be */
static void
add_cell(struct line *line, const char *text, size_t columns)
{
	size_t len = cut_length(text, columns), used = 0;

	if (text[len] != '\0') {
		len = cut_length(text, columns - 1);
		add(line, "%.*s\xe2\x80\xa6  ", (int)len, text);
		return;
	}
	for (size_t i = 0; text[i] != '\0'; i++)
		used += (text[i] & 0xc0) != 0x80;
	add(line, "%s%*s  ", text, (int)(columns - used), "");
}

/* put_line - print a line as it is */
static void
put_line(struct output *out, const struct line *line)
{
	output_text(out, slice_of(line->text, line->len));
}

/* --- what happened --- */

/* add_recipients - name the first recipients of an event, count the rest */
static void
add_recipients(struct line *line, const struct ipc_row *event)
{
	const struct ipc_field *list = get_field(event, "recipients");
	int64_t total = get_number(event, "recipient_count");
	size_t shown = 0;

	if (list == NULL || total <= 0)
		return;
	while (shown < list->row_count && shown < NAMED_MAX) {
		add(line, "%s %s", shown == 0 ? ":" : ",",
		    get_text(&list->rows[shown], "address"));
		shown++;
	}
	if ((int64_t)shown < total)
		add(line, "%s %" PRId64 "%s recipients", shown == 0 ? ":" : ",",
		    total - (int64_t)shown, shown == 0 ? "" : " more");
}

/* add_delays - say how long a transfer took */
static void
add_delays(struct line *line, const struct ipc_row *event)
{
	int64_t all = get_number(event, "delay");
	int64_t queue = get_number(event, "delay_queue");
	int64_t transfer = get_number(event, "delay_transfer");

	if (all >= 0)
		add(line, ", %s after it came", delay_text(all));
	if (queue >= 0 && transfer >= 0)
		add(line, " (waited %s, transfer %s)", delay_text(queue),
		    delay_text(transfer));
}

/* add_why - append what a record says beside the event itself */
static void
add_why(struct line *line, const struct ipc_row *event)
{
	int64_t reason = get_number(event, "reason");
	int64_t diagnostic = get_number(event, "diagnostic");

	if (has_text(event, "text"))
		add(line, ", %s", get_text(event, "text"));
	if (reason >= 0 && diagnostic >= 0)
		add(line, " (reason %" PRId64 ", diagnostic %" PRId64 ")",
		    reason, diagnostic);
	else if (reason >= 0)
		add(line, " (reason %" PRId64 ")", reason);
	if (has_text(event, "by"))
		add(line, ", by %s", get_text(event, "by"));
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

/* add_event - tell an event in words */
static void
add_event(struct line *line, const struct ipc_row *event)
{
	const char *name = get_text(event, "event");
	size_t i;

	for (i = 0; i < sizeof(tellings) / sizeof(tellings[0]); i++)
		if (strcmp(tellings[i].event, name) == 0)
			break;
	if (i == sizeof(tellings) / sizeof(tellings[0])) {
		add(line, "%s", name);
		return;
	}
	add(line, "%s", tellings[i].words);
	if (tellings[i].link != NULL && has_text(event, "link"))
		add(line, "%s%s", tellings[i].link, get_text(event, "link"));
	else if (strcmp(name, "arrival") == 0)
		add(line, ": made here");
	if (tellings[i].other != NULL && has_text(event, "other"))
		add(line, "%s%s", tellings[i].other, get_text(event, "other"));
	if (strcmp(name, "transfer") == 0 || strcmp(name, "delivery") == 0)
		add_delays(line, event);
	else if (strcmp(name, "copy") == 0 && get_number(event, "id") > 0)
		add(line, " as %" PRId64, get_number(event, "id"));
	add_why(line, event);
	add_recipients(line, event);
}

/* put_events - print what happened, a line each */
static void
put_events(struct output *out, const struct ipc_row *item)
{
	const struct ipc_field *list = get_field(item, "events");
	int64_t total = get_number(item, "event_count");

	for (size_t i = 0; list != NULL && i < list->row_count; i++) {
		struct line line = {.len = 0};

		add(&line, "  %s  ",
		    time_text(get_number(&list->rows[i], "time")));
		add_event(&line, &list->rows[i]);
		put_wrapped(out, &line, 23);
	}
	if (list != NULL && total > (int64_t)list->row_count)
		output_printf(out,
		    "  %" PRId64 " more events that do not concern these "
		    "recipients, or have no room\n",
		    total - (int64_t)list->row_count);
}

/* put_recipients - print where each recipient stands */
static void
put_recipients(struct output *out, const struct ipc_row *item)
{
	const struct ipc_field *list = get_field(item, "recipients");
	int64_t total = get_number(item, "recipient_count");

	for (size_t i = 0; list != NULL && i < list->row_count; i++) {
		const struct ipc_row *row = &list->rows[i];
		struct line line = {.len = 0};

		add(&line, "  %-12s", get_text(row, "state"));
		add(&line, " %s", get_text(row, "address"));
		if (has_text(row, "link"))
			add(&line, "  (%s, %s)", get_text(row, "link"),
			    time_text(get_number(row, "time")));
		put_wrapped(out, &line, 15);
	}
	if (list != NULL && total > (int64_t)list->row_count)
		output_printf(out, "  %" PRId64 " more recipients\n",
		    total - (int64_t)list->row_count);
}

/* put_reports - print which reports came about a message */
static void
put_reports(struct output *out, const struct ipc_row *item)
{
	const struct ipc_field *list = get_field(item, "reports");

	for (size_t i = 0; list != NULL && i < list->row_count; i++) {
		struct line line = {.len = 0};

		add(&line, "  %s  report %s",
		    time_text(get_number(&list->rows[i], "time")),
		    get_text(&list->rows[i], "mts_id"));
		put_wrapped(out, &line, 23);
	}
}

/* add_state - append how a message as a whole stands, and for how many of its
 * recipients that is so, unless for all */
static void
add_state(struct line *line, const struct ipc_row *item)
{
	int64_t count = get_number(item, "state_count");
	int64_t total = get_number(item, "state_total");

	add(line, "%s", get_text(item, "state"));
	if (count < total)
		add(line, " %" PRId64 "/%" PRId64, count, total);
}

/* is_end - tell whether an event says why a message did not get through, or is
 * held */
static bool
is_end(const struct ipc_row *event)
{
	static const char *const ends[] = {"report", "failure", "hold",
	    "quarantine", "expiry", "return", "deletion", "discard"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strcmp(get_text(event, "event"), ends[i]) == 0)
			return true;
	return false;
}

/* add_remedy - append the command that helps where an address led nowhere */
static void
add_remedy(struct line *line, const struct ipc_row *event)
{
	const struct ipc_field *list = get_field(event, "recipients");
	int64_t diagnostic = get_number(event, "diagnostic");

	if (list == NULL || list->row_count == 0 ||
	    (diagnostic != DIAGNOSTIC_UNRECOGNISED_OR_NAME &&
		diagnostic != DIAGNOSTIC_LOOP_DETECTED))
		return;
	add(line, " -> x4conf route '%s'", get_text(&list->rows[0], "address"));
}

/* add_cause - append why a message as a whole stands as it does, and the
 * command that tells more */
static void
add_cause(struct line *line, const struct ipc_row *item)
{
	const struct ipc_field *list = get_field(item, "events");
	const struct ipc_field *reports = get_field(item, "reports");
	bool queued = strcmp(get_text(item, "state"), "queued") == 0;
	int64_t id = -1;

	for (size_t i = list == NULL ? 0 : list->row_count; i > 0; i--) {
		const struct ipc_row *event = &list->rows[i - 1];

		if (id < 0 && strcmp(get_text(event, "event"), "copy") == 0)
			id = get_number(event, "id");
		if (queued || !is_end(event))
			continue;
		add_why(line, event);
		add_remedy(line, event);
		return;
	}
	if (queued && id > 0)
		add(line, " -> x4queue why %" PRId64, id);
	else if (reports != NULL && reports->row_count > 0)
		add(line, ", and a report came back -> x4track '%s'",
		    get_text(&reports->rows[0], "mts_id"));
}

/* put_what - print what a message is */
static void
put_what(struct output *out, const struct ipc_row *item)
{
	struct line line = {.len = 0};
	char size[16];

	output_size(get_number(item, "size"), size, sizeof(size));
	add(&line, "%s %s ", get_text(item, "kind"), get_text(item, "mts_id"));
	add_state(&line, item);
	add_cause(&line, item);
	put_wrapped(out, &line, 4);
	line.len = 0;
	add(&line, "  %s", get_text(item, "priority"));
	if (has_text(item, "content_type"))
		add(&line, ", %s", get_text(item, "content_type"));
	if (get_number(item, "size") > 0)
		add(&line, ", %s octets", size);
	if (has_text(item, "content_id"))
		add(&line, ", content identifier %s",
		    get_text(item, "content_id"));
	if (has_text(item, "trace"))
		add(&line, ", last through %s", get_text(item, "trace"));
	if (has_text(item, "subject"))
		add(&line, ", about %s", get_text(item, "subject"));
	put_wrapped(out, &line, 4);
	if (!has_text(item, "originator"))
		return;
	line.len = 0;
	add(&line, "  from %s", get_text(item, "originator"));
	put_wrapped(out, &line, 7);
}

/* track_print_way - print the whole way of a message */
void
track_print_way(struct output *out, const struct ipc_row *item)
{
	put_what(out, item);
	put_events(out, item);
	put_reports(out, item);
	output_printf(out, "recipients:\n");
	put_recipients(out, item);
}

/* --- lists --- */

/* add_columns - append the columns of a list, as wide as the terminal lets
 * them be; the identifier comes last and is never cut */
static void
add_columns(const struct output *out, struct line *line, const char *columns[6])
{
	size_t width = terminal_width(out), name = 30;

	if (width > 0) {
		/* Time, state, link and what stands between, and a part of the
		 * identifier. */
		name = (width > 120 ? width - 80 - STATE_WIDTH : 28) / 2;
		if (name > 48)
			name = 48;
	}
	add_cell(line, columns[0], 19);
	add_cell(line, columns[1], STATE_WIDTH);
	add_cell(line, columns[2], 10);
	add_cell(line, columns[3], name);
	add_cell(line, columns[4], name);
	add(line, "%s", columns[5]);
}

/* track_print_heading - print the titles of a list */
void
track_print_heading(struct output *out)
{
	const char *titles[6] = {
	    "ARRIVED", "STATE", "LINK", "FROM", "TO", "IDENTIFIER"};
	struct line line = {.len = 0};

	add_columns(out, &line, titles);
	put_line(out, &line);
}

/* track_print_line - print a message as one line of a list */
void
track_print_line(struct output *out, const struct ipc_row *item)
{
	static const struct ipc_row none = {.field_count = 0};
	const struct ipc_field *list = get_field(item, "recipients");
	const struct ipc_row *first =
	    list != NULL && list->row_count > 0 ? &list->rows[0] : &none;
	int64_t total = get_number(item, "recipient_count");
	char to[OUTPUT_CELL_MAX];
	const char *columns[6];
	struct line line = {.len = 0}, state = {.len = 0};

	add_state(&state, item);
	(void)snprintf(to, sizeof(to), "%s", get_text(first, "address"));
	if (total > 1)
		(void)snprintf(to, sizeof(to), "+%" PRId64 " %s", total - 1,
		    get_text(first, "address"));
	columns[0] = time_text(get_number(item, "arrival"));
	columns[1] = state.text;
	columns[2] = get_text(first, "link");
	columns[3] = get_text(item, "originator");
	columns[4] = to;
	columns[5] = get_text(item, "mts_id");
	add_columns(out, &line, columns);
	put_line(out, &line);
}

/* track_print_event - print an event of --follow as one line */
void
track_print_event(struct output *out, const struct ipc_row *event)
{
	struct line line = {.len = 0};

	add(&line, "%s  %s  ", time_text(get_number(event, "time")),
	    get_text(event, "mts_id"));
	add_event(&line, event);
	if (strcmp(get_text(event, "event"), "arrival") == 0 &&
	    has_text(event, "originator"))
		add(&line, ", originator %s", get_text(event, "originator"));
	put_line(out, &line);
}
