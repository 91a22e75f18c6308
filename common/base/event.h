/* SPDX-License-Identifier: ISC */
/*
 * event.h - the numbered events
 *
 * One table: name, number, severity, cause, text.  Where Exchange's MTA had an
 * event for the condition its number is kept, because operators search for it;
 * our own begin at 20000.  man/fourpost-events.8 says what to do at each, and a
 * test compares the two.
 *
 * The rule: nobody outside decides how many lines the log gets.  Who adds an
 * event says in its row who can cause it:
 *
 *	OURS	only we or an administrator: every one is a line
 *	ITEM	a message or a file that was taken, sent, tried or set aside:
 *		every one is a line, for an item is never without its lines
 *	PEER	a peer, a stranger, a local process or a bad disk can cause it
 *		without end: said at once, and while the same comes again it is
 *		counted
 *	STATE	a course of things that a peer can cause too, and of which
 *		each step matters: said each time, up to a rate
 *
 * log_event folds PEER and STATE by itself (fold.h): the number of the event
 * is the category, the field link (or from), else address, names who caused it,
 * and the fields reason, name, mta, item and file tell one case from another.
 * A call of LOG_EVENT for such an event must therefore carry link or address.
 */
#ifndef FOURPOST_BASE_EVENT_H
#define FOURPOST_BASE_EVENT_H

#include <stdbool.h>

#include "base/error.h"

/* clang-format off */
#define EVENT_TABLE(X) \
	X(UNKNOWN_MTA, 51, WARN, PEER, "an unknown MTA tried to bind") \
	X(ASSOCIATION_LIMIT, 57, WARN, PEER, "association limit reached") \
	X(ORIGINATOR_BARRED, 152, INFO, ITEM, "originator barred on link") \
	X(MESSAGE_RECEIVED, 272, INFO, ITEM, "message received") \
	X(MESSAGE_SENT, 271, INFO, ITEM, "message sent") \
	X(NOT_OPENED, 289, WARN, STATE, "connection not opened") \
	X(NDR_GENERATED, 290, INFO, ITEM, "non-delivery report generated") \
	X(OPEN_RETRY, 301, INFO, STATE, "open retry timer started") \
	X(DECODE_FAILED, 1192, WARN, PEER, "presentation or P1 data not decoded") \
	X(ASSOCIATION_REFUSED, 1290, WARN, STATE, "the peer refused our association") \
	X(ASSOCIATION_REJECTED, 1293, WARN, PEER, "we refused the peer's association") \
	X(ASSOCIATION_ABORTED, 1294, WARN, STATE, "association ended abnormally") \
	X(RECOVERED, 20001, INFO, STATE, "link recovered") \
	X(BAD_CONFIG, 4300, ERROR, OURS, "bad configuration") \
	X(STARTED, 9298, INFO, OURS, "started") \
	X(UNEXPECTED, 9405, ERROR, PEER, "unexpected error") \
	X(LOW_DISK, 9411, ERROR, STATE, "low disk space") \
	X(ALARM, 659, WARN, OURS, "too much waits for a link") \
	X(ALARM_OFF, 660, INFO, OURS, "less waits for a link again") \
	X(ALARM_ALL, 666, WARN, OURS, "too much is queued") \
	X(ALARM_ALL_OFF, 667, INFO, OURS, "less is queued again") \
	X(MSMI_SESSION, 2384, INFO, OURS, "interchange session established") \
	X(MSMI_REFUSED, 2342, WARN, ITEM, "file refused and set aside") \
	X(MSMI_NDR, 2117, INFO, ITEM, "non-delivery report for postoffice user") \
	X(MSMI_DELIVERED, 20010, INFO, ITEM, "delivered to postoffice") \
	X(MSMI_TAKEN, 20011, INFO, ITEM, "taken from postoffice") \
	X(STOPPED, 20002, INFO, OURS, "stopped") \
	X(PANIC, 20003, PANIC, OURS, "internal error, please report") \
	X(FATAL, 20004, FATAL, OURS, "cannot go on") \
	X(TRANSFER_REFUSED, 20006, WARN, PEER, "a transfer was refused") \
	X(LINES_LOST, 20005, WARN, OURS, "log lines lost") \
	X(LINK_STATE, 20020, INFO, STATE, "link changed state") \
	X(DUPLICATE, 20021, INFO, PEER, "duplicate dropped") \
	X(QUARANTINED, 20022, ERROR, ITEM, "message quarantined") \
	X(REPORT_DISCARDED, 20023, WARN, PEER, "report discarded") \
	X(CLOCK_JUMPED, 20024, WARN, OURS, "clock jumped and is doubted") \
	X(CLOCK_DOUBTED, 20170, WARN, OURS, "clock at start is doubted") \
	X(CLOCK_BELIEVED, 20171, INFO, OURS, "clock is believed again") \
	X(TRANSFER_FAILED, 62, WARN, ITEM, "transfer failed") \
	X(SUBMIT_REFUSED, 20025, WARN, PEER, "message refused") \
	X(QUEUE_OPENED, 20026, INFO, OURS, "queue opened") \
	X(SESSIONS_DROPPED, 20027, WARN, PEER, "memory of transfers is full") \
	X(MESSAGE_CHANGED, 20028, INFO, OURS, "message changed by administrator") \
	X(MESSAGE_REROUTED, 20029, INFO, ITEM, "message takes another route") \
	X(MASTER_GONE, 20030, WARN, OURS, "master is gone, finishing") \
	X(WORKER_ENDED, 20031, ERROR, STATE, "worker ended abnormally") \
	X(THROTTLED, 20032, ERROR, STATE, "service crashes at start, delayed") \
	X(NO_PROGRESS, 20033, ERROR, STATE, "worker shows no progress, replaced") \
	X(WORKER_RESTARTED, 20034, INFO, OURS, "worker restarted") \
	X(READY, 20035, INFO, OURS, "open for business") \
	X(PHASE, 20036, INFO, OURS, "suite changes phase") \
	X(TRANSFER_RESUMED, 20037, INFO, STATE, "transfer goes on after a cut") \
	X(SESSION_RECOVERED, 20100, INFO, STATE, "a peer recovered its session") \
	X(RECOVERY_REFUSED, 20101, WARN, PEER, "we refused to recover a session") \
	X(ADDRESS_SLOWED, 20102, WARN, PEER, "an address fails to bind too often") \
	X(STRANGER, 20110, WARN, PEER, "a process that is no worker was refused") \
	X(FALSE_CLAIM, 20111, ERROR, PEER, "a worker spoke of what is not its own") \
	X(CALLERS_WAIT, 20120, WARN, STATE, "callers wait, all workers are busy") \
	X(SOURCE_FULL, 20130, WARN, PEER, "a source has its share of the queue") \
	X(PARTIAL_GIVEN_UP, 20131, WARN, PEER, "oldest partial transfer given up") \
	X(MSMI_WAITS, 20140, WARN, PEER, "a file of a postoffice waits") \
	X(MSMI_LOCKED, 20141, WARN, PEER, "a file of a postoffice is locked") \
	X(TOO_MANY_RECIPIENTS, 20142, WARN, PEER, "an envelope has too many recipients") \
	X(CONTENT_TOO_LONG, 20250, WARN, PEER, "a content is larger than the link takes") \
	X(ENVELOPE_TOO_LARGE, 20251, WARN, PEER, "an envelope has too large elements") \
	X(NDR_UNNAMED, 20252, INFO, ITEM, "further recipients get no message") \
	X(APP_SESSION, 20355, INFO, OURS, "application session established") \
	X(APP_UNUSABLE, 20356, WARN, PEER, "directory of an application cannot be used") \
	X(APP_GIVEN, 20357, INFO, ITEM, "given to application") \
	X(APP_ANSWERED, 20358, INFO, ITEM, "answered by application") \
	X(APP_TIMEOUT, 20359, WARN, ITEM, "application did not answer") \
	X(APP_ANSWER_REFUSED, 20360, WARN, ITEM, "answer of application refused") \
	X(APP_TAKEN, 20361, INFO, ITEM, "taken from application") \
	X(APP_REFUSED, 20362, WARN, ITEM, "object of application refused and set aside") \
	X(APP_REQUEST_REFUSED, 20363, WARN, PEER, "request of application refused") \
	X(RELAY_DOUBTFUL, 20380, WARN, ITEM, "the relay was lost before it answered for a message") \
	X(RELAY_IN_CLEAR, 20381, WARN, PEER, "TLS with the relay failed, and mail goes in the clear") \
	X(RELAY_WITHOUT_DSN, 20382, INFO, PEER, "the relay does not report") \
	X(QUEUE_DAMAGED, 20150, ERROR, PEER, "a record of the queue is damaged") \
	X(QUEUE_DERIVED, 20151, WARN, PEER, "a part of the queue was made again") \
	X(QUEUE_UNREADABLE, 20152, ERROR, PEER, "a page of the queue cannot be read") \
	X(QUEUE_WRITE_FAILED, 20153, ERROR, PEER, "the queue was not written") \
	X(DISK_SLOW, 20330, WARN, PEER, "the disk took more than a second") \
	X(DISK_SILENT, 20331, ERROR, OURS, "the disk has not answered for a minute") \
	X(DISK_ANSWERED, 20332, WARN, OURS, "the disk answers again") \
	X(SOCKET_GONE, 20154, ERROR, OURS, "a socket of the suite is gone") \
	X(ROUTES_CHANGED, 20220, INFO, STATE, "routes learnt by a link changed") \
	X(ROUTES_DROPPED, 20221, WARN, PEER, "a routing update was dropped") \
	X(ROUTES_NOT_TAKEN, 20222, WARN, STATE, "a peer takes no routing updates") \
	X(ROUTES_LEFT_OUT, 20223, WARN, STATE, "a routing update has no room for all") \
	X(TLS_FAILED, 20230, WARN, PEER, "a TLS handshake failed") \
	X(TLS_UNPROVED, 20231, WARN, PEER, "a peer did not prove itself by TLS") \
	X(TLS_EXPIRES, 20232, WARN, OURS, "a certificate of ours expires soon") \
	X(TLS_EXPIRED, 20233, ERROR, OURS, "a certificate of ours expires within a week") \
	X(HANDSHAKE_REFUSED, 20234, WARN, PEER, "no TLS handshake with an address for now") \
	X(PROXY_REFUSED, 20370, WARN, PEER, "a connection without a good PROXY header was refused") \
	X(KEY_DISPLACED, 20385, WARN, PEER, "messages by LMTP may be taken twice") \
	X(LMTP_REFUSED, 20386, WARN, PEER, "a client of LMTP was sent away") \
	X(RECEIPT_DROPPED, 20388, INFO, PEER, "a receipt that was asked for cannot be had") \
	X(LMTP_STRANGER, 20387, WARN, PEER, "a connection by LMTP from outside of lmtp-from") \
	X(REVOCATIONS_EXPIRE, 20235, WARN, OURS, "a revocation list expires soon") \
	X(REVOCATIONS_EXPIRED, 20236, ERROR, OURS, "a revocation list has expired") \
	X(REQUEST_DENIED, 20310, WARN, PEER, "a request of a tool was denied") \
	X(COPY_GIVEN_UP, 20320, WARN, OURS, "a copy of the queue was given up") \
	X(ALARM_COMMAND, 20322, WARN, OURS, "the alarm command failed") \
	X(QUEUE_RESTORED, 20321, WARN, OURS, "a copy of the queue was started") \
	X(QUEUE_TAKEN_OVER, 20342, WARN, OURS, "the queue of another host was taken over") \
	X(DRAIN_BEGUN, 20343, WARN, OURS, "the queue is being drained") \
	X(DRAINED, 20344, INFO, OURS, "the queue is drained") \
	X(DRAIN_ENDED, 20345, INFO, OURS, "the queue is not drained any more") \
	X(ADMINISTRATOR, 20311, INFO, OURS, "an administrator changed something") \
	X(CONFIG_RELOADED, 20213, INFO, OURS, "configuration reloaded") \
	X(LIST_RECURSION, 20210, INFO, ITEM, "a list was expanded before") \
	X(LIST_EXPANDED, 20211, INFO, ITEM, "distribution list expanded") \
	X(REPORT_ABSORBED, 20212, INFO, ITEM, "report ends at its list") \
	X(TRACKING_GIVEN_UP, 20300, WARN, OURS, "tracking records were given up") \
	X(TRACKING_BROKEN, 20301, ERROR, OURS, "tracking ends: a page cannot be written") \
	X(TRACKING_REBUILT, 20305, WARN, OURS, "tracking database is made again") \
	X(TRACKING_WAITS, 20306, ERROR, OURS, "tracking database cannot be used") \
	X(TRACKING_GOES_ON, 20307, INFO, OURS, "tracking database can be used again") \
	X(TRACKING_UNREADABLE, 20308, ERROR, PEER, "a page of tracking cannot be read") \
	X(TRACKING_DATABASE_AWAY, 20350, WARN, OURS, "the database of many machines cannot be written") \
	X(TRACKING_DATABASE_BACK, 20351, INFO, OURS, "the database of many machines is written again") \
	X(TRACKING_DATABASE_GIVEN_UP, 20352, WARN, OURS, "tracking records do not get into the database of many machines") \
	X(TRACKING_DATABASE_OLD_DAYS, 20353, WARN, OURS, "old days of the database of many machines cannot be dropped") \
	X(CONSOLE_MISSING, 20340, ERROR, OURS, "the console cannot be started") \
	X(CONSOLE_DENIED, 20341, WARN, PEER, "somebody was denied by the console") \
	X(TRACKING_NEWER, 20309, ERROR, OURS, "tracking database is of a newer release") \
	X(MEMORY_GIVEN_UP, 20390, WARN, OURS, "what mixer-memory was to remember was given up") \
	X(MEMORY_REBUILT, 20391, WARN, OURS, "the database of mixer-memory is made again") \
	X(MEMORY_WAITS, 20392, ERROR, OURS, "the database of mixer-memory cannot be used") \
	X(MEMORY_GOES_ON, 20393, INFO, OURS, "the database of mixer-memory can be used again") \
	X(GIVEN_UP_IN_DOUBT, 20260, WARN, ITEM, "a peer is not asked any more what it has taken") \
	X(REDIRECTED, 20214, INFO, ITEM, "an alternate recipient gets a message") \
	X(TAGGING_CHANGED, 20215, WARN, STATE, "extensions are tagged explicitly from now on")

/* clang-format on */

enum event_severity {
	SEVERITY_INFO,
	SEVERITY_WARN,
	SEVERITY_ERROR,
	SEVERITY_FATAL,
	SEVERITY_PANIC
};

/* The cause of an event says who can bring it about; see above. */
enum event_cause {
	CAUSE_OURS,
	CAUSE_ITEM,
	CAUSE_PEER,
	CAUSE_STATE
};

#define EVENT_ENUM(name, number, severity, cause, text) EVENT_##name,
enum event_name {
	EVENT_TABLE(EVENT_ENUM) EVENT_COUNT
};
#undef EVENT_ENUM

/* event_number - return the number that operators know */
int event_number(enum event_name event);

/* event_find - find the event of a number: whether there is one */
bool event_find(int number, enum event_name *event) WARN_UNUSED;

/* event_severity - return how grave an event is */
enum event_severity event_severity(enum event_name event);

/* event_cause - return who can cause an event */
enum event_cause event_cause(enum event_name event);

/* event_text - return what happened, in words */
const char *event_text(enum event_name event);

#endif
