/* SPDX-License-Identifier: ISC */
/*
 * log.c - the event log: one line an event, and never a wait for it
 *
 * Whoever gave us the descriptor may share its description with others, so
 * O_NONBLOCK is not set on it: pipes, files and terminals are opened anew
 * through /proc; a socket is written with MSG_DONTWAIT; for the rest poll(2)
 * is asked first.  A pipe takes a line whole or not at all (a line is shorter
 * than PIPE_BUF); of what a stream took only in part the rest is kept and
 * goes first.
 *
 * Where the descriptor leads to systemd's journal, each line becomes an entry
 * with fields instead (journal.h).
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/category.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/fold.h"
#include "base/journal.h"
#include "base/log.h"
#include "base/log_line.h"

#define TEXT_MAX 1024 /* of fatal and panic */

/* Lines a minute of one event that one peer or address may have. */
#define PEER_LINES  5
#define STATE_LINES 20

_Static_assert(LOG_LINE_MAX <= PIPE_BUF, "a pipe must take a line whole");

enum log_way {
	LOG_POLLED,
	LOG_NONBLOCKING,
	LOG_SOCKET,
	LOG_JOURNAL
};

static struct {
	char ident[48];
	int fd;
	bool own; /* fd was opened by us */
	enum log_way way;
	uint64_t untold;     /* of these, not reported yet */
	char tail[PIPE_BUF]; /* of what was written in part */
	size_t tail_len;
	bool holding; /* lines are gathered, and written together */
	char held[PIPE_BUF];
	size_t held_len;
	uint64_t held_lines;
} state = {.ident = "fourpost", .fd = STDERR_FILENO, .way = LOG_POLLED};

static struct {
	struct fold of[EVENT_COUNT];
	log_relay_fn relay; /* NULL: none */
	void *relay_context;
} folded;

/* reopen - open a description of our own of fd that does not block, or -1 */
static int
reopen(int fd)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(
	    path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* forget_folded - forget what was counted, and who is told of events */
static void
forget_folded(void)
{
	/* Pages of categories that were never used stay untouched. */
	for (int i = 0; i < EVENT_COUNT; i++)
		if (folded.of[i].who[0].used)
			folded.of[i] = (struct fold){.count = 0};
	folded.relay = NULL;
}

/* log_use - write to a descriptor of our own from now on */
static void
log_use(int fd, enum log_way way)
{
	state.fd = fd;
	state.own = true;
	state.way = way;
}

/* log_journal - have lines go to a journal from now on */
bool
log_journal(const char *path)
{
	int fd = journal_open(path);

	if (fd < 0)
		return false;
	if (state.own)
		(void)close(state.fd);
	log_use(fd, LOG_JOURNAL);
	return true;
}

/* log_init - set where lines go and who writes them */
void
log_init(const char *ident, int fd)
{
	struct sigaction action;
	struct stat st;
	int own;

	if (state.own)
		(void)close(state.fd);
	escape_text(state.ident, sizeof(state.ident), slice_of_string(ident));
	state.fd = fd < 0 ? STDERR_FILENO : fd;
	state.own = false;
	state.way = LOG_POLLED;
	state.untold = 0;
	state.tail_len = 0;
	state.holding = false;
	state.held_len = 0;
	forget_folded();
	/* A log daemon that went away must not take us along. */
	if (sigaction(SIGPIPE, NULL, &action) == 0 &&
	    action.sa_handler == SIG_DFL)
		(void)signal(SIGPIPE, SIG_IGN);
	if (journal_is_behind(state.fd) && log_journal(JOURNAL_SOCKET))
		return;
	if (fstat(state.fd, &st) == 0 && S_ISSOCK(st.st_mode)) {
		state.way = LOG_SOCKET;
		return;
	}
	own = reopen(state.fd);
	if (own >= 0)
		log_use(own, LOG_NONBLOCKING);
}

/* write_some - write what can be written at once: a count, or -1 */
static ssize_t
write_some(const char *data, size_t len)
{
	struct pollfd pfd = {.fd = state.fd, .events = POLLOUT};
	ssize_t n;

	do {
		if (state.way == LOG_SOCKET)
			n = send(
			    state.fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		else if (state.way == LOG_POLLED &&
		    (poll(&pfd, 1, 0) != 1 || !(pfd.revents & POLLOUT)))
			n = -1, errno = EAGAIN;
		else
			n = write(state.fd, data, len);
	} while (n < 0 && errno == EINTR);
	return n;
}

/* write_lines - write lines or keep their end: whether they are on their way */
static bool
write_lines(const char *data, size_t len)
{
	ssize_t n;

	if (state.tail_len != 0) {
		n = write_some(state.tail, state.tail_len);
		if (n > 0) {
			state.tail_len -= (size_t)n;
			memmove(state.tail, state.tail + n, state.tail_len);
		}
		if (state.tail_len != 0)
			return false;
	}
	n = write_some(data, len);
	if (n <= 0)
		return false;
	state.tail_len = len - (size_t)n;
	memcpy(state.tail, data + n, state.tail_len);
	return true;
}

/* write_held - write the lines that are held */
static void
write_held(void)
{
	if (state.held_len > 0 && !write_lines(state.held, state.held_len))
		state.untold += state.held_lines;
	state.held_len = 0;
	state.held_lines = 0;
}

/* log_hold - gather lines from now on */
void
log_hold(void)
{
	state.holding = true;
}

/* log_release - write what was gathered, and gather no more */
void
log_release(void)
{
	state.holding = false;
	write_held();
}

/* write_line - write a line, or hold it: whether it is on its way */
static bool
write_line(const char *data, size_t len)
{
	/* Together no more than a pipe takes as a whole; and what says how many
	 * lines were lost must be known to be on its way. */
	if (len > sizeof(state.held) - state.held_len || state.untold != 0)
		write_held();
	if (!state.holding || state.untold != 0)
		return write_lines(data, len);
	memcpy(state.held + state.held_len, data, len);
	state.held_len += len;
	state.held_lines++;
	return true;
}

/* value_of - get a field's text; a number has none */
static struct slice
value_of(const struct log_field *field)
{
	if (field->type == LOG_TYPE_SLICE)
		return field->slice;
	if (field->type == LOG_TYPE_STRING && field->string != NULL)
		return slice_of_string(field->string);
	return (struct slice){0};
}

/* find_value - get the text of the field of that name, or no octets */
static struct slice
find_value(const struct log_field *fields, const char *name)
{
	for (; fields->type != LOG_TYPE_END; fields++)
		if (strcmp(fields->name, name) == 0)
			return value_of(fields);
	return (struct slice){0};
}

/* send_off - end a line and hand it to whoever keeps it: whether it is on its
 * way */
static bool
send_off(struct log_line *line, enum event_name event,
    const struct log_field *fields)
{
	struct journal_entry entry = {.event = event, .ident = state.ident};

	log_line_end(line);
	if (state.way != LOG_JOURNAL)
		return write_line(line->text, line->len);
	/* The journal has its own time and sender, and its own newline. */
	entry.text =
	    slice_of(line->text + line->head, line->len - line->head - 1);
	entry.link = find_value(fields, "link");
	entry.mts_id = find_value(fields, "mts_id");
	return journal_send(state.fd, &entry);
}

/* tell_lost - say how many lines were lost: whether that could be said */
static bool
tell_lost(void)
{
	const struct log_field fields[] = {
	    LOG_INT("count", state.untold), LOG_END};
	struct log_line line;

	log_line_begin(&line, EVENT_LINES_LOST, state.ident);
	log_line_add(&line, fields);
	if (!send_off(&line, EVENT_LINES_LOST, fields))
		return false;
	state.untold = 0;
	return true;
}

/* write_event - write the line of an event, with one more field behind its own
 * unless it is NULL */
static void
write_event(enum event_name event, const struct log_field *fields,
    const struct log_field *more)
{
	const struct log_field *field;
	struct log_line line;

	/* Last of all, so that what was folded meanwhile is right when the
	 * level changes. */
	if (!category_is_logged(event))
		return;
	log_line_begin(&line, event, state.ident);
	for (field = fields; field->type != LOG_TYPE_END; field++)
		log_line_add(&line, field);
	if (more != NULL)
		log_line_add(&line, more);
	if ((state.untold != 0 && !tell_lost()) ||
	    !send_off(&line, event, fields))
		state.untold++;
}

/* host_of - shorten "host:port" or "[host]:port" to the host */
static struct slice
host_of(struct slice address)
{
	const uint8_t *colon =
	    address.len == 0 ? NULL : memrchr(address.data, ':', address.len);
	const uint8_t *bracket =
	    address.len == 0 ? NULL : memrchr(address.data, ']', address.len);

	if (colon != NULL && (bracket == NULL || colon > bracket))
		address.len = (size_t)(colon - address.data);
	return address;
}

/* find_who - name who caused an event: the link, else the address, else the
 * service or process, that a field tells */
static void
find_who(const struct log_field *fields, char who[FOLD_WHO_MAX])
{
	static const char *const names[] = {
	    "link", "from", "address", "service", "worker", "socket", "peer"};
	size_t best = sizeof(names) / sizeof(names[0]);
	struct slice value = {0};

	for (; fields->type != LOG_TYPE_END; fields++)
		for (size_t i = 0; i < best; i++)
			if (strcmp(fields->name, names[i]) == 0 &&
			    value_of(fields).len > 0) {
				value = value_of(fields);
				if (strcmp(names[i], "address") == 0)
					value = host_of(value);
				best = i;
			}
	escape_text(who, FOLD_WHO_MAX, value);
}

/* add_hash - continue an FNV-1a hash over some octets */
static uint32_t
add_hash(uint32_t hash, const void *data, size_t len)
{
	const uint8_t *octet = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ octet[i]) * 16777619U;
	return hash;
}

/* hash_case - hash the fields that tell one case from another */
static uint32_t
hash_case(const struct log_field *fields)
{
	static const char *const names[] = {
	    "reason", "name", "mta", "item", "file"};
	uint32_t hash = 2166136261U;

	for (; fields->type != LOG_TYPE_END; fields++)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (strcmp(fields->name, names[i]) != 0)
				continue;
			hash = add_hash(hash, names[i], strlen(names[i]) + 1);
			hash = add_hash(
			    hash, value_of(fields).data, value_of(fields).len);
			hash = add_hash(
			    hash, &fields->number, sizeof(fields->number));
		}
	return hash;
}

/* fold_event - write the line of an event unless it is only counted */
static void
fold_event(enum event_name event, const struct log_field *fields)
{
	bool state_like = event_cause(event) == CAUSE_STATE;
	struct fold_rule rule = {.lines = FOLD_LINES,
	    .lines_each = state_like ? STATE_LINES : PEER_LINES,
	    .pause = state_like ? 0 : FOLD_HOUR};
	char who[FOLD_WHO_MAX];
	uint64_t before = 0;

	find_who(fields, who);
	if (who[0] == '\0') /* nobody's share is the whole */
		rule.lines_each = rule.lines;
	if (fold_say(&folded.of[event], &rule, who, hash_case(fields),
		clock_monotonic(), &before))
		write_event(event, fields,
		    before != 0 ? &LOG_INT("repeated", before) : NULL);
}

/* log_event - write the line of an event; use through LOG_EVENT */
void
log_event(enum event_name event, const struct log_field *fields)
{
	enum event_cause cause = event_cause(event);
	int saved = errno;

	if ((unsigned)event >= EVENT_COUNT)
		event = EVENT_UNEXPECTED;
	if (cause == CAUSE_OURS || cause == CAUSE_ITEM)
		write_event(event, fields, NULL);
	else if (folded.relay == NULL ||
	    !folded.relay(folded.relay_context, event, fields))
		fold_event(event, fields);
	errno = saved;
}

/* tell_folded - write the summary of an event, if one is due */
static void
tell_folded(enum event_name event, uint64_t now)
{
	struct fold_summary summary;
	struct log_field fields[5];

	if (!fold_due(&folded.of[event], now, &summary))
		return;
	fields[0] = LOG_INT("folded", summary.count);
	fields[1] =
	    LOG_INT("seconds", (clock_monotonic() - summary.since) / 1000);
	fields[2] = LOG_STRING("worst", summary.worst);
	fields[3] = LOG_INT("worst_count", summary.worst_count);
	fields[4] = LOG_END;
	write_event(event, fields, NULL);
}

/* log_tick - tell what was counted and is due */
void
log_tick(uint64_t now)
{
	for (int event = 0; event < EVENT_COUNT; event++)
		tell_folded((enum event_name)event, now);
}

/* log_relay - have events that others cause told to somebody else first */
void
log_relay(log_relay_fn relay, void *context)
{
	folded.relay = relay;
	folded.relay_context = context;
}

/* fatal - log how the environment is broken, and exit with status */
void
fatal(int status, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	LOG_EVENT(EVENT_FATAL, LOG_STRING("text", text));
	log_release();
	exit(status);
}

/* panic - log where our own bug is, and abort */
void
panic(const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	LOG_EVENT(EVENT_PANIC, LOG_STRING("text", text));
	log_release();
	abort();
}
