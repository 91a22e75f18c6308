/* SPDX-License-Identifier: ISC */
/*
 * log.h - the event log: one line an event, and never a wait for it
 *
 * A line is
 *   TIME IDENT[PID]: NUMBER SEVERITY TEXT name=value name=value ...
 * TIME is UTC with milliseconds; NUMBER, SEVERITY and TEXT come from the
 * table in event.h; values that hold a space, a quote or "=" are quoted and
 * escaped; a line longer than 2 KB ends in " [cut]".  Writing never blocks: a
 * line that cannot be written at once is counted, and the next line that can
 * be says how many were lost.
 *
 * Events that a peer, a stranger or a local process can cause (event.h) are
 * folded: a line that was preceded by others like it that were not written
 * ends in repeated=COUNT, and what was counted is told from time to time by a
 * line with folded=COUNT seconds=TIME worst=WHO worst_count=COUNT.
 */
#ifndef FOURPOST_BASE_LOG_H
#define FOURPOST_BASE_LOG_H

#include <stdarg.h>
#include <stdint.h>

#include "base/error.h"
#include "base/event.h"
#include "base/slice.h"

/*
 * log_init - set where lines go and who writes them
 *
 * ident is copied.  fd is -1 for standard error; it is switched to a
 * description of our own that does not block where that is possible, so call
 * this before what hides /proc (chroot, privilege_lock).  SIGPIPE is ignored
 * from then on if nobody handles it: a log daemon may go away.  Before the
 * first call lines go to standard error.
 *
 * Where fd leads to systemd's journal (journal_is_behind), lines go there as
 * entries with fields.
 */
void log_init(const char *ident, int fd);

/*
 * log_journal - have lines go to the journal whose socket is at path
 *
 * Lines there have no time and no sender, which the journal adds.  False: no
 * such socket, nothing changed.
 */
bool log_journal(const char *path);

/* The typed values of a line.  A list of them ends with LOG_END. */
enum log_type {
	LOG_TYPE_END,
	LOG_TYPE_STRING,
	LOG_TYPE_SLICE,
	LOG_TYPE_INT
};

struct log_field {
	const char *name;
	enum log_type type;
	const char *string; /* NULL: the field is left out */
	struct slice slice;
	int64_t number;
};

#define LOG_STRING(n, s)     \
	((struct log_field){ \
	    .name = (n), .type = LOG_TYPE_STRING, .string = (s)})
#define LOG_SLICE(n, s) \
	((struct log_field){.name = (n), .type = LOG_TYPE_SLICE, .slice = (s)})
#define LOG_INT(n, i)        \
	((struct log_field){ \
	    .name = (n), .type = LOG_TYPE_INT, .number = (int64_t)(i)})

/* log_event - write the line of an event; use through LOG_EVENT */
void log_event(enum event_name event, const struct log_field *fields);

#define LOG_END ((struct log_field){.type = LOG_TYPE_END})

/* LOG_EVENT(EVENT_x, LOG_STRING("link", name), LOG_INT("count", 3)), or with
 * no fields */
#define LOG_EVENT(...) LOG_EVENT_ENDED(__VA_ARGS__, LOG_END)
#define LOG_EVENT_ENDED(event, ...) \
	log_event((event), (const struct log_field[]){__VA_ARGS__})

/*
 * log_tick - tell what was counted and is due at now (monotonic ms)
 *
 * To be called about once a second; with CLOCK_NEVER before the process ends.
 */
void log_tick(uint64_t now);

/*
 * log_hold - gather lines, so that many are one write
 * log_release - write what was gathered, and gather no more
 *
 * Between the two nothing may wait: the lines of a process that dies there are
 * lost, but for those before fatal and panic.  Entries of the journal are not
 * gathered.
 */
void log_hold(void);
void log_release(void);

/*
 * log_relay - have events that others cause told to somebody else first
 *
 * Of many short-lived processes each would say everything at once: a worker
 * has qmgr fold for all.  relay must neither wait nor log; false: it could
 * not, and the event is folded here.  NULL: none.  log_init ends it.
 */
typedef bool (*log_relay_fn)(
    void *context, enum event_name event, const struct log_field *fields);
void log_relay(log_relay_fn relay, void *context);

/*
 * fatal - log how the environment is broken, and exit with status
 *
 * Not for anything that a peer, a file or a message contains.
 */
void fatal(int status, const char *fmt, ...) PRINTF_LIKE(2, 3)
    __attribute__((noreturn));

/* panic - log where our own bug is, and abort */
void panic(const char *fmt, ...) PRINTF_LIKE(1, 2) __attribute__((noreturn));

#endif
