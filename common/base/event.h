/* SPDX-License-Identifier: ISC */
/*
 * event.h - the numbered events
 *
 * One table: name, number, severity, text.  Where Exchange's MTA had an event
 * for the condition its number is kept, because operators search for it; our
 * own begin at 20000.  man/fourpost-events.8 says what to do at each, and a
 * test compares the two.
 */
#ifndef FOURPOST_BASE_EVENT_H
#define FOURPOST_BASE_EVENT_H

/* clang-format off */
#define EVENT_TABLE(X)                                                         \
	X(UNKNOWN_MTA, 51, WARN, "an unknown MTA tried to bind")               \
	X(ASSOCIATION_LIMIT, 57, WARN, "association limit reached")            \
	X(CONFIG_RELOADED, 152, INFO, "configuration reloaded")                \
	X(MESSAGE_RECEIVED, 272, INFO, "message received")                     \
	X(MESSAGE_SENT, 271, INFO, "message sent")                             \
	X(NOT_OPENED, 289, WARN, "connection not opened")                      \
	X(NDR_GENERATED, 290, INFO, "non-delivery report generated")           \
	X(OPEN_RETRY, 301, INFO, "open retry timer started")                   \
	X(DECODE_FAILED, 1192, WARN, "presentation or P1 data not decoded")    \
	X(ASSOCIATION_REFUSED, 1290, WARN, "the peer refused our association") \
	X(ASSOCIATION_REJECTED, 1293, WARN, "we refused the peer's association") \
	X(ASSOCIATION_ABORTED, 1294, WARN, "association ended abnormally")     \
	X(RECOVERED, 20001, INFO, "link recovered")                            \
	X(BAD_CONFIG, 4300, ERROR, "bad configuration")                        \
	X(STARTED, 9298, INFO, "started")                                      \
	X(UNEXPECTED, 9405, ERROR, "unexpected error")                         \
	X(LOW_DISK, 9411, ERROR, "low disk space")                             \
	X(MSMI_SESSION, 2384, INFO, "interchange session established")         \
	X(MSMI_REFUSED, 2342, WARN, "file refused and set aside")              \
	X(MSMI_NDR, 2117, INFO, "non-delivery report for postoffice user")     \
	X(MSMI_DELIVERED, 20010, INFO, "delivered to postoffice")              \
	X(MSMI_TAKEN, 20011, INFO, "taken from postoffice")                    \
	X(STOPPED, 20002, INFO, "stopped")                                     \
	X(PANIC, 20003, PANIC, "internal error, please report")                \
	X(FATAL, 20004, FATAL, "cannot go on")                                 \
	X(TRANSFER_REFUSED, 20006, WARN, "a transfer was refused")               \
	X(LINES_LOST, 20005, WARN, "log lines lost")                           \
	X(LINK_STATE, 20020, INFO, "link changed state")                       \
	X(DUPLICATE, 20021, INFO, "duplicate dropped")                         \
	X(QUARANTINED, 20022, ERROR, "message quarantined")                    \
	X(REPORT_DISCARDED, 20023, WARN, "report discarded")                   \
	X(CLOCK_JUMPED, 20024, WARN, "clock jumped, expiry pauses")            \
	X(TRANSFER_FAILED, 62, WARN, "transfer failed")                        \
	X(SUBMIT_REFUSED, 20025, WARN, "message refused")                      \
	X(QUEUE_OPENED, 20026, INFO, "queue opened")                           \
	X(SESSIONS_DROPPED, 20027, WARN, "memory of transfers is full")        \
	X(MESSAGE_CHANGED, 20028, INFO, "message changed by administrator")    \
	X(MESSAGE_REROUTED, 20029, INFO, "message takes another route")        \
	X(MASTER_GONE, 20030, WARN, "master is gone, finishing")               \
	X(WORKER_ENDED, 20031, ERROR, "worker ended abnormally")               \
	X(THROTTLED, 20032, ERROR, "service crashes at start, delayed")        \
	X(NO_PROGRESS, 20033, ERROR, "worker shows no progress, replaced")     \
	X(WORKER_RESTARTED, 20034, INFO, "worker restarted")                   \
	X(READY, 20035, INFO, "open for business")                             \
	X(PHASE, 20036, INFO, "suite changes phase")                           \
	X(TRANSFER_RESUMED, 20037, INFO, "transfer goes on after a cut")         \
	X(STRANGER, 20110, WARN, "a process that is no worker was refused")    \
	X(FALSE_CLAIM, 20111, ERROR, "a worker spoke of what is not its own") \
	X(QUEUE_DAMAGED, 20150, ERROR, "a record of the queue is damaged")     \
	X(QUEUE_DERIVED, 20151, WARN, "a part of the queue was made again")    \
	X(QUEUE_UNREADABLE, 20152, ERROR, "a page of the queue cannot be read") \
	X(QUEUE_WRITE_FAILED, 20153, ERROR, "the queue was not written")       \
	X(SOCKET_GONE, 20154, ERROR, "a socket of the suite is gone")

/* clang-format on */

enum event_severity {
	SEVERITY_INFO,
	SEVERITY_WARN,
	SEVERITY_ERROR,
	SEVERITY_FATAL,
	SEVERITY_PANIC
};

#define EVENT_ENUM(name, number, severity, text) EVENT_##name,
enum event_name {
	EVENT_TABLE(EVENT_ENUM) EVENT_COUNT
};
#undef EVENT_ENUM

/* event_number - the number that operators know */
int event_number(enum event_name event);

/* event_severity - how grave it is */
enum event_severity event_severity(enum event_name event);

/* event_text - what happened, in words */
const char *event_text(enum event_name event);

#endif
