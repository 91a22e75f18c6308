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
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/fold.h"
#include "base/log.h"

#define LINE_MAX_LEN 2048 /* with its newline */
#define TEXT_MAX     1024 /* of fatal and panic */
#define CUT_MARK     " [cut]\n"

/* Lines a minute of one event that one peer or address may have. */
#define PEER_LINES  5
#define STATE_LINES 20

_Static_assert(LINE_MAX_LEN <= PIPE_BUF, "a pipe must take a line whole");

enum log_way {
	LOG_POLLED,
	LOG_NONBLOCKING,
	LOG_SOCKET
};

static struct {
	char ident[48];
	int fd;
	bool own; /* fd was opened by us */
	enum log_way way;
	uint64_t untold;	 /* of these, not reported yet */
	char tail[LINE_MAX_LEN]; /* of a line that was written in part */
	size_t tail_len;
} state = {.ident = "fourpost", .fd = STDERR_FILENO, .way = LOG_POLLED};

static struct {
	struct fold of[EVENT_COUNT];
	log_relay_fn relay; /* NULL: none */
	void *relay_context;
} folded;

/* A line being made. */
struct line {
	char text[LINE_MAX_LEN];
	size_t len;
	bool cut;
};

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
	forget_folded();
	/* A log daemon that went away must not take us along. */
	if (sigaction(SIGPIPE, NULL, &action) == 0 &&
	    action.sa_handler == SIG_DFL)
		(void)signal(SIGPIPE, SIG_IGN);
	if (fstat(state.fd, &st) == 0 && S_ISSOCK(st.st_mode)) {
		state.way = LOG_SOCKET;
		return;
	}
	own = reopen(state.fd);
	if (own >= 0) {
		state.fd = own;
		state.own = true;
		state.way = LOG_NONBLOCKING;
	}
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

/* write_line - write a line or keep its end: whether it is on its way */
static bool
write_line(const char *data, size_t len)
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

/* add - append text, as much as there is room for */
static void
add(struct line *line, const char *text, size_t len)
{
	size_t room = sizeof(line->text) - sizeof(CUT_MARK) - line->len;

	if (line->cut)
		return;
	if (len > room) {
		line->cut = true;
		len = room;
		/* Do not leave half a character behind. */
		while (len != 0 && (text[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(line->text + line->len, text, len);
	line->len += len;
}

/* log_add_value - append a value, quoted if it is not a plain word */
static void
log_add_value(struct line *line, struct slice value)
{
	char text[LINE_MAX_LEN * 2];
	size_t i, len;
	bool plain = value.len != 0;

	for (i = 0; i < value.len && plain; i++)
		plain = value.data[i] > ' ' && value.data[i] < 0x7f &&
		    strchr("\"=\\", value.data[i]) == NULL;
	if (plain) {
		add(line, (const char *)value.data, value.len);
		return;
	}
	len = escape_quoted(text + 1, sizeof(text) - 2, value);
	text[0] = text[len + 1] = '"';
	add(line, text, len + 2);
}

/* add_field - append " name=value" */
static void
add_field(struct line *line, const struct log_field *field)
{
	char number[24];
	int len;

	if (field->type == LOG_TYPE_STRING && field->string == NULL)
		return;
	add(line, " ", 1);
	add(line, field->name, strlen(field->name));
	add(line, "=", 1);
	switch (field->type) {
	case LOG_TYPE_STRING:
		log_add_value(line, slice_of_string(field->string));
		break;
	case LOG_TYPE_SLICE:
		log_add_value(line, field->slice);
		break;
	case LOG_TYPE_INT:
		len =
		    snprintf(number, sizeof(number), "%" PRId64, field->number);
		add(line, number, (size_t)len);
		break;
	case LOG_TYPE_END:
		break;
	}
}

/* begin_line - write "TIME IDENT[PID]: NUMBER SEVERITY TEXT" */
static void
begin_line(struct line *line, enum event_name event)
{
	static const char *const severities[] = {
	    [SEVERITY_INFO] = "info",
	    [SEVERITY_WARN] = "warn",
	    [SEVERITY_ERROR] = "error",
	    [SEVERITY_FATAL] = "fatal",
	    [SEVERITY_PANIC] = "panic",
	};
	int64_t wall = clock_wall();
	char text[256], date[CALENDAR_TEXT_MAX];
	int len;

	line->len = 0;
	line->cut = false;
	calendar_format(wall / 1000, date);
	len = snprintf(text, sizeof(text), "%.19s.%03dZ %s[%ld]: %d %s %s",
	    date, (int)(wall % 1000), state.ident, (long)getpid(),
	    event_number(event), severities[event_severity(event)],
	    event_text(event));
	if (len < 0)
		len = 0;
	if ((size_t)len >= sizeof(text))
		len = sizeof(text) - 1;
	add(line, text, (size_t)len);
}

/* end_line - write the newline, with a mark before it if the line was cut */
static void
end_line(struct line *line)
{
	const char *end = line->cut ? CUT_MARK : "\n";
	size_t len = strlen(end);

	memcpy(line->text + line->len, end, len);
	line->len += len;
}

/* tell_lost - say how many lines were lost: whether that could be said */
static bool
tell_lost(void)
{
	struct log_field count = LOG_INT("count", state.untold);
	struct line line;

	begin_line(&line, EVENT_LINES_LOST);
	add_field(&line, &count);
	end_line(&line);
	if (!write_line(line.text, line.len))
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
	struct line line;

	begin_line(&line, event);
	for (; fields->type != LOG_TYPE_END; fields++)
		add_field(&line, fields);
	if (more != NULL)
		add_field(&line, more);
	end_line(&line);
	if ((state.untold != 0 && !tell_lost()) ||
	    !write_line(line.text, line.len))
		state.untold++;
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
	abort();
}
