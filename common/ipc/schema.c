/* SPDX-License-Identifier: ISC */
/*
 * schema.c - what the records of ipc.asn consist of, as a table
 */
#include "base/log.h"
#include "ipc/schema.h"

#define TEXT_MAX IPC_RECORD_MAX

_Static_assert(sizeof(enum ipc_role) == sizeof(uint32_t) &&
	sizeof(enum mts_kind) == sizeof(uint32_t) &&
	sizeof(enum association_mode) == sizeof(uint32_t) &&
	sizeof(enum ipc_result) == sizeof(uint32_t) &&
	sizeof(enum ipc_fate) == sizeof(uint32_t) &&
	sizeof(enum ipc_way) == sizeof(uint32_t) &&
	sizeof(enum ipc_room) == sizeof(uint32_t),
    "enums are read and written as NUMBER32");

/* clang-format off */
#define ELEMENT(s, m, n, t, x) {n, offsetof(struct s, m), SCHEMA_##t, x}
#define COUNTED(s, m, n, t, c) \
	{n, offsetof(struct s, m), SCHEMA_##t, offsetof(struct s, c)}
#define REFERENCES(s, m, before, after)                                    \
	ELEMENT(s, m, before "calling" after, REFERENCE, SESSION_CALLING),  \
	    ELEMENT(s, m, before "common" after, REFERENCE, SESSION_COMMON), \
	    ELEMENT(s, m, before "additional" after, REFERENCE,             \
		SESSION_ADDITIONAL)
#define SCHEMA(n, e) {n, e, sizeof(e) / sizeof((e)[0]), 0}
#define REPEATED(s, n, e) {n, e, sizeof(e) / sizeof((e)[0]), sizeof(struct s)}

static const struct schema_element hello[] = {
	{"protocol", 0, SCHEMA_PROTOCOL, 0},
	ELEMENT(ipc_hello, version, "version", NUMBER32, UINT32_MAX),
	ELEMENT(ipc_hello, pid, "pid", SIGNED64, 0),
	ELEMENT(ipc_hello, role, "role", NUMBER32, IPC_ROLE_COUNT - 1),
	ELEMENT(ipc_hello, name, "name", STRING, 128),
	ELEMENT(ipc_hello, instance, "instance", NUMBER32, UINT32_MAX),
	ELEMENT(ipc_hello, ticket, "ticket", STRING, IPC_TICKET_LEN),
};

static const struct schema_element settings[] = {
	ELEMENT(ipc_settings, text, "text", STRING, TEXT_MAX),
	ELEMENT(ipc_settings, transport, "transport-selectors", STRING,
	    TEXT_MAX),
	ELEMENT(ipc_settings, session, "session-selectors", STRING, TEXT_MAX),
	ELEMENT(ipc_settings, presentation, "presentation-selectors", STRING,
	    TEXT_MAX),
	ELEMENT(ipc_settings, ping, "ping", TRUTH, 0),
};

static const struct schema_element link_event[] = {
	ELEMENT(ipc_link_event, state, "state", NUMBER32,
	    IPC_LINK_HEARD),
	ELEMENT(ipc_link_event, link, "link", STRING, 128),
	ELEMENT(ipc_link_event, stage, "stage", STRING, TEXT_MAX),
	ELEMENT(ipc_link_event, reason, "reason", STRING, TEXT_MAX),
	ELEMENT(ipc_link_event, address, "address", STRING, TEXT_MAX),
	{"transient", 0, SCHEMA_GONE, 0},
	ELEMENT(ipc_link_event, session, "session", NUMBER64, 0),
	REFERENCES(ipc_link_event, references, "", ""),
	ELEMENT(ipc_link_event, two_way, "two-way", TRUTH, 0),
	ELEMENT(ipc_link_event, recovered, "recovered", TRUTH, 0),
	ELEMENT(ipc_link_event, failure, "failure", NUMBER32,
	    IPC_FAILURE_DENIED),
	ELEMENT(ipc_link_event, routes, "routes", TRUTH, 0),
};

static const struct schema_element job[] = {
	ELEMENT(ipc_job, job, "job", NUMBER64, 0),
	ELEMENT(ipc_job, message, "message", NUMBER64, 0),
	ELEMENT(ipc_job, kind, "kind", NUMBER32, MTS_REPORT),
	ELEMENT(ipc_job, priority, "priority", NUMBER32, 2),
	ELEMENT(ipc_job, envelope_length, "envelope-length", NUMBER64, 0),
	ELEMENT(ipc_job, content_length, "content-length", NUMBER64, 0),
	ELEMENT(ipc_job, body, "body", STRING, TEXT_MAX),
	ELEMENT(ipc_job, mts_id, "mts-id", STRING, TEXT_MAX),
	ELEMENT(ipc_job, note, "note", STRING, IPC_NOTE_MAX),
	ELEMENT(ipc_job, activity, "activity", NUMBER64, 0),
	REFERENCES(ipc_job, old.references, "old-", ""),
	ELEMENT(ipc_job, old.activity, "old-activity", NUMBER64, 0),
	ELEMENT(ipc_job, only_asked, "only-asked", TRUTH, 0),
	ELEMENT(ipc_job, submission, "submission", STRING, IPC_NAME_MAX),
};

static const struct schema_element outcome[] = {
	ELEMENT(ipc_outcome, job, "job", NUMBER64, 0),
	ELEMENT(ipc_outcome, result, "result", NUMBER32, IPC_RESULTS - 1),
	ELEMENT(ipc_outcome, reason, "reason", SIGNED32, 0),
	ELEMENT(ipc_outcome, diagnostic, "diagnostic", SIGNED32, 0),
	ELEMENT(ipc_outcome, text, "text", STRING, TEXT_MAX),
	COUNTED(ipc_outcome, recipients, "recipients", RECIPIENTS,
	    recipient_count),
	ELEMENT(ipc_outcome, octets, "octets", NUMBER64, 0),
	ELEMENT(ipc_outcome, association_delay, "association-delay", NUMBER64,
	    0),
	ELEMENT(ipc_outcome, transfer_delay, "transfer-delay", NUMBER64, 0),
	ELEMENT(ipc_outcome, doubtful, "doubtful", TRUTH, 0),
	ELEMENT(ipc_outcome, user_error, "user-error", TRUTH, 0),
	ELEMENT(ipc_outcome, time, "time", SIGNED64, 0),
	ELEMENT(ipc_outcome, more, "more", TRUTH, 0),
	ELEMENT(ipc_outcome, confirm, "confirm", TRUTH, 0),
};

static const struct schema_element recipient[] = {
	ELEMENT(ipc_recipient_outcome, index, "index", NUMBER32, INT32_MAX),
	ELEMENT(ipc_recipient_outcome, reason, "reason", SIGNED32, 0),
	ELEMENT(ipc_recipient_outcome, diagnostic, "diagnostic", SIGNED32, 0),
	ELEMENT(ipc_recipient_outcome, text, "text", STRING, TEXT_MAX),
	ELEMENT(ipc_recipient_outcome, fate, "fate", NUMBER32, IPC_FATE_LATER),
	ELEMENT(ipc_recipient_outcome, time, "time", SIGNED64, 0),
};

static const struct schema_element cancel[] = {
	ELEMENT(ipc_cancel, job, "job", NUMBER64, 0),
};

static const struct schema_element wanted[] = {
	ELEMENT(ipc_wanted, number, "number", NUMBER64, 0),
	ELEMENT(ipc_wanted, jobs, "jobs", NUMBER64, 0),
	ELEMENT(ipc_wanted, waiting, "waiting", NUMBER64, 0),
};

static const struct schema_element job_claim[] = {
	ELEMENT(ipc_job_claim, message, "message", NUMBER64, 0),
	ELEMENT(ipc_job_claim, result, "result", NUMBER32,
	    IPC_CLAIM_ELSEWHERE),
};

static const struct schema_element body_request[] = {
	ELEMENT(ipc_body_request, job, "job", NUMBER64, 0),
	ELEMENT(ipc_body_request, offset, "offset", NUMBER64, 0),
	ELEMENT(ipc_body_request, length, "length", NUMBER32, IPC_PIECE_MAX),
};

static const struct schema_element body[] = {
	ELEMENT(ipc_body, job, "job", NUMBER64, 0),
	ELEMENT(ipc_body, offset, "offset", NUMBER64, 0),
	ELEMENT(ipc_body, data, "data", STRING, TEXT_MAX),
};

static const struct schema_element bind_check[] = {
	ELEMENT(ipc_bind_check, link, "link", STRING, 128),
	ELEMENT(ipc_bind_check, authenticated, "authenticated", TRUTH, 0),
	ELEMENT(ipc_bind_check, name, "name", STRING, 1024),
	ELEMENT(ipc_bind_check, password, "password", STRING, 1024),
	ELEMENT(ipc_bind_check, address, "address", STRING, 1024),
	REFERENCES(ipc_bind_check, references, "", "-reference"),
	ELEMENT(ipc_bind_check, recover, "recover", TRUTH, 0),
	ELEMENT(ipc_bind_check, two_way, "two-way", TRUTH, 0),
	{"checkpoint", 0, SCHEMA_GONE, 0},
	{"window", 0, SCHEMA_GONE, 0},
	REFERENCES(ipc_bind_check, recovered, "recover-", ""),
	ELEMENT(ipc_bind_check, called_tsel, "called-tsel", STRING, 64),
	ELEMENT(ipc_bind_check, called_ssel, "called-ssel", STRING, 64),
	ELEMENT(ipc_bind_check, called_psel, "called-psel", STRING, 64),
	ELEMENT(ipc_bind_check, mode, "mode", NUMBER32, ASSOCIATION_1984),
	ELEMENT(ipc_bind_check, tls, "tls", TRUTH, 0),
	ELEMENT(ipc_bind_check, tls_pin, "tls-pin", STRING, 64),
	ELEMENT(ipc_bind_check, tls_problem, "tls-problem", STRING, 256),
	ELEMENT(ipc_bind_check, tls_names, "tls-names", STRING, 8192),
};

static const struct schema_element bind_answer[] = {
	ELEMENT(ipc_bind_answer, accepted, "accepted", TRUTH, 0),
	ELEMENT(ipc_bind_answer, bind_error, "bind-error", SIGNED32, 0),
	ELEMENT(ipc_bind_answer, reason, "reason", STRING, TEXT_MAX),
	ELEMENT(ipc_bind_answer, link, "link", STRING, 128),
	ELEMENT(ipc_bind_answer, session, "session", NUMBER64, 0),
	ELEMENT(ipc_bind_answer, local_name, "local-name", STRING, 1024),
	ELEMENT(ipc_bind_answer, local_password, "local-password", STRING,
	    1024),
	ELEMENT(ipc_bind_answer, settings, "settings", STRING, TEXT_MAX),
	ELEMENT(ipc_bind_answer, token, "token", STRING, IPC_TOKEN_MAX),
};

static const struct schema_element submit_start[] = {
	ELEMENT(ipc_submit_start, submit, "submit", NUMBER64, 0),
	ELEMENT(ipc_submit_start, kind, "kind", NUMBER32, MTS_REPORT),
	ELEMENT(ipc_submit_start, origin, "origin", NUMBER32, IPC_SUBMISSION),
	ELEMENT(ipc_submit_start, envelope_length, "envelope-length", NUMBER64,
	    0),
	ELEMENT(ipc_submit_start, session, "session", NUMBER64, 0),
	ELEMENT(ipc_submit_start, activity, "activity", NUMBER64, 0),
	COUNTED(ipc_submit_start, file, "file", OPTIONAL_FILE, has_file),
	ELEMENT(ipc_submit_start, old_session, "old-session", NUMBER64, 0),
	ELEMENT(ipc_submit_start, old_activity, "old-activity", NUMBER64, 0),
	ELEMENT(ipc_submit_start, left_out, "left-out", NUMBER64, 0),
	ELEMENT(ipc_submit_start, elements_left_out, "elements-left-out",
	    NUMBER64, 0),
	ELEMENT(ipc_submit_start, refuse_at_once, "refuse-at-once", TRUTH, 0),
	ELEMENT(ipc_submit_start, parts, "parts", TRUTH, 0),
};

static const struct schema_element file[] = {
	ELEMENT(ipc_file, postoffice, "postoffice", STRING, 128),
	ELEMENT(ipc_file, name, "name", STRING, 1024),
	ELEMENT(ipc_file, inode, "inode", NUMBER64, 0),
	ELEMENT(ipc_file, ctime, "ctime", SIGNED64, 0),
	ELEMENT(ipc_file, size, "size", NUMBER64, 0),
};

static const struct schema_element submit_data[] = {
	ELEMENT(ipc_submit_data, submit, "submit", NUMBER64, 0),
	ELEMENT(ipc_submit_data, data, "data", STRING, TEXT_MAX),
};

static const struct schema_element submit_size[] = {
	ELEMENT(ipc_submit_size, submit, "submit", NUMBER64, 0),
	ELEMENT(ipc_submit_size, content_length, "content-length", NUMBER64, 0),
	ELEMENT(ipc_submit_size, envelope_length, "envelope-length", NUMBER64,
	    0),
	ELEMENT(ipc_submit_size, recipients_length, "recipients-length",
	    NUMBER64, 0),
	ELEMENT(ipc_submit_size, left_out, "left-out", NUMBER64, 0),
	ELEMENT(ipc_submit_size, elements_left_out, "elements-left-out",
	    NUMBER64, 0),
};

static const struct schema_element submit_end[] = {
	ELEMENT(ipc_submit_end, submit, "submit", NUMBER64, 0),
	ELEMENT(ipc_submit_end, content_length, "content-length", NUMBER64, 0),
	ELEMENT(ipc_submit_end, key, "key", STRING, IPC_KEY_LEN),
	ELEMENT(ipc_submit_end, too_long, "too-long", TRUTH, 0),
	ELEMENT(ipc_submit_end, submission_key, "submission-key", STRING,
	    IPC_NAME_MAX),
	ELEMENT(ipc_submit_end, digest, "digest", STRING, IPC_DIGEST_LEN),
	ELEMENT(ipc_submit_end, recipients, "recipients", STRING,
	    IPC_RECIPIENTS_LEN),
};

static const struct schema_element submission_heard[] = {
	ELEMENT(ipc_submission_heard, submission_key, "submission-key", STRING,
	    IPC_NAME_MAX),
	ELEMENT(ipc_submission_heard, message, "message", NUMBER64, 0),
};

static const struct schema_element submit_cancel[] = {
	ELEMENT(ipc_submit_cancel, submit, "submit", NUMBER64, 0),
	ELEMENT(ipc_submit_cancel, keep, "keep", TRUTH, 0),
};

static const struct schema_element submit_progress[] = {
	ELEMENT(ipc_submit_progress, submit, "submit", NUMBER64, 0),
	ELEMENT(ipc_submit_progress, offset, "offset", NUMBER64, 0),
	ELEMENT(ipc_submit_progress, marked, "marked", NUMBER64, 0),
	ELEMENT(ipc_submit_progress, too_long, "too-long", TRUTH, 0),
};

static const struct schema_element submit_mark[] = {
	ELEMENT(ipc_submit_mark, submit, "submit", NUMBER64, 0),
	ELEMENT(ipc_submit_mark, offset, "offset", NUMBER64, 0),
	ELEMENT(ipc_submit_mark, state, "state", STRING, IPC_MARK_MAX),
};

static const struct schema_element resume_check[] = {
	ELEMENT(ipc_resume_check, submit, "submit", NUMBER64, 0),
	ELEMENT(ipc_resume_check, session, "session", NUMBER64, 0),
	ELEMENT(ipc_resume_check, activity, "activity", NUMBER64, 0),
	REFERENCES(ipc_resume_check, old.references, "old-", ""),
	ELEMENT(ipc_resume_check, old.activity, "old-activity", NUMBER64, 0),
};

static const struct schema_element resume_answer[] = {
	ELEMENT(ipc_resume_answer, submit, "submit", NUMBER64, 0),
	ELEMENT(ipc_resume_answer, result, "result", NUMBER32,
	    IPC_RESUME_REFUSED),
	ELEMENT(ipc_resume_answer, kind, "kind", NUMBER32, MTS_REPORT),
	ELEMENT(ipc_resume_answer, envelope_length, "envelope-length", NUMBER64,
	    0),
	ELEMENT(ipc_resume_answer, offset, "offset", NUMBER64, 0),
	ELEMENT(ipc_resume_answer, state, "state", STRING, IPC_MARK_MAX),
	ELEMENT(ipc_resume_answer, old_session, "old-session", NUMBER64, 0),
};

static const struct schema_element submit_answer[] = {
	ELEMENT(ipc_submit_answer, submit, "submit", NUMBER64, 0),
	ELEMENT(ipc_submit_answer, result, "result", NUMBER32,
	    IPC_SUBMIT_UNAVAILABLE),
	ELEMENT(ipc_submit_answer, message, "message", NUMBER64, 0),
	ELEMENT(ipc_submit_answer, mts_id, "mts-id", STRING, TEXT_MAX),
	ELEMENT(ipc_submit_answer, reason, "reason", SIGNED32, 0),
	ELEMENT(ipc_submit_answer, diagnostic, "diagnostic", SIGNED32, 0),
	ELEMENT(ipc_submit_answer, text, "text", STRING, TEXT_MAX),
	COUNTED(ipc_submit_answer, recipients, "recipients", RECIPIENTS,
	    recipient_count),
	ELEMENT(ipc_submit_answer, more, "more", TRUTH, 0),
	ELEMENT(ipc_submit_answer, key_reused, "key-reused", TRUTH, 0),
	ELEMENT(ipc_submit_answer, had, "had", STRING, TEXT_MAX),
};

static const struct schema_element route_check[] = {
	ELEMENT(ipc_route_check, check, "check", NUMBER64, 0),
	ELEMENT(ipc_route_check, originator, "originator", STRING, TEXT_MAX),
	ELEMENT(ipc_route_check, size, "size", NUMBER64, 0),
	COUNTED(ipc_route_check, addresses, "addresses", STRINGS,
	    address_count),
};

static const struct schema_element route_answer[] = {
	ELEMENT(ipc_route_answer, check, "check", NUMBER64, 0),
	COUNTED(ipc_route_answer, ways, "ways", WAYS, way_count),
	ELEMENT(ipc_route_answer, room, "room", NUMBER32, IPC_ROOM_NEVER),
	ELEMENT(ipc_route_answer, text, "text", STRING, TEXT_MAX),
};

static const struct schema_element way[] = {
	ELEMENT(ipc_route_way, result, "result", NUMBER32, IPC_WAY_REFUSED),
	ELEMENT(ipc_route_way, link, "link", STRING, 128),
	ELEMENT(ipc_route_way, reason, "reason", SIGNED32, 0),
	ELEMENT(ipc_route_way, diagnostic, "diagnostic", SIGNED32, 0),
	ELEMENT(ipc_route_way, text, "text", STRING, TEXT_MAX),
};

static const struct schema_element session_closed[] = {
	ELEMENT(ipc_session_closed, session, "session", NUMBER64, 0),
	ELEMENT(ipc_session_closed, orderly, "orderly", TRUTH, 0),
};

static const struct schema_element session_claim[] = {
	ELEMENT(ipc_session_claim, session, "session", NUMBER64, 0),
	ELEMENT(ipc_session_claim, token, "token", STRING, IPC_TOKEN_MAX),
};

static const struct schema_element session_doubt[] = {
	ELEMENT(ipc_session_doubt, session, "session", NUMBER64, 0),
};

static const struct schema_element file_removed[] = {
	ELEMENT(ipc_file_removed, file, "file", FILE, 0),
};

static const struct schema_element request[] = {
	ELEMENT(ipc_request, command, "command", STRING, 64),
	COUNTED(ipc_request, arguments, "arguments", STRINGS, argument_count),
};

static const struct schema_element done[] = {
	ELEMENT(ipc_done, status, "status", SIGNED32, 0),
	ELEMENT(ipc_done, text, "text", STRING, TEXT_MAX),
	ELEMENT(ipc_done, cursor, "cursor", NUMBER64, 0),
};

static const struct schema_element worker_ended[] = {
	ELEMENT(ipc_worker_ended, name, "name", STRING, 128),
	ELEMENT(ipc_worker_ended, pid, "pid", SIGNED64, 0),
	ELEMENT(ipc_worker_ended, status, "status", SIGNED32, 0),
	ELEMENT(ipc_worker_ended, item, "item", NUMBER64, 0),
	ELEMENT(ipc_worker_ended, counted, "counted", TRUTH, 0),
	ELEMENT(ipc_worker_ended, text, "text", STRING, TEXT_MAX),
};

static const struct schema_element worker_started[] = {
	ELEMENT(ipc_worker_started, pid, "pid", SIGNED64, 0),
	ELEMENT(ipc_worker_started, role, "role", NUMBER32, IPC_ROLE_COUNT - 1),
	ELEMENT(ipc_worker_started, name, "name", STRING, 128),
	ELEMENT(ipc_worker_started, instance, "instance", NUMBER32, UINT32_MAX),
	ELEMENT(ipc_worker_started, ticket, "ticket", STRING, IPC_TICKET_LEN),
};

static const struct schema_element throttled[] = {
	ELEMENT(ipc_throttled, name, "name", STRING, 128),
	ELEMENT(ipc_throttled, until, "until", SIGNED64, 0),
};

static const struct schema_element workers_left[] = {
	ELEMENT(ipc_workers_left, name, "name", STRING, 128),
	ELEMENT(ipc_workers_left, count, "count", NUMBER32, UINT32_MAX),
};

static const struct schema_element delivery_note[] = {
	ELEMENT(ipc_delivery_note, job, "job", NUMBER64, 0),
	ELEMENT(ipc_delivery_note, note, "note", STRING, IPC_NOTE_MAX),
};

static const struct schema_element sequence[] = {
	ELEMENT(ipc_sequence, job, "job", NUMBER64, 0),
	ELEMENT(ipc_sequence, name.activity, "activity", NUMBER64, 0),
	REFERENCES(ipc_sequence, name.references, "", ""),
};

static const struct schema_element taken[] = {
	ELEMENT(ipc_taken, message, "message", NUMBER64, 0),
	ELEMENT(ipc_taken, name.activity, "activity", NUMBER64, 0),
	REFERENCES(ipc_taken, name.references, "", ""),
	ELEMENT(ipc_taken, delivered, "delivered", TRUTH, 0),
};

static const struct schema_element routes[] = {
	ELEMENT(ipc_routes, envelope, "envelope", STRING, IPC_PIECE_MAX),
	ELEMENT(ipc_routes, update, "update", STRING, IPC_PIECE_MAX),
};

static const struct schema_element track_page[] = {
	ELEMENT(ipc_track_page, number, "number", NUMBER64, 0),
	ELEMENT(ipc_track_page, page, "page", STRING, IPC_PIECE_MAX),
	ELEMENT(ipc_track_page, queue, "queue", STRING, 16),
};

static const struct schema_element track_ack[] = {
	ELEMENT(ipc_track_ack, number, "number", NUMBER64, 0),
};

static const struct schema_element handshake[] = {
	ELEMENT(ipc_handshake, address, "address", STRING, 1024),
	ELEMENT(ipc_handshake, allowed, "allowed", TRUTH, 0),
};

static const struct schema_element alarm_element[] = {
	ELEMENT(ipc_alarm, event, "event", NUMBER32, UINT32_MAX),
	ELEMENT(ipc_alarm, link, "link", STRING, 128),
	ELEMENT(ipc_alarm, messages, "messages", NUMBER64, 0),
	ELEMENT(ipc_alarm, age, "age", NUMBER64, 0),
};

static const struct schema_element problem[] = {
	ELEMENT(ipc_problem, weight, "weight", NUMBER32, UINT32_MAX),
	ELEMENT(ipc_problem, since, "since", SIGNED64, 0),
	ELEMENT(ipc_problem, text, "text", STRING, 1024),
	ELEMENT(ipc_problem, command, "command", STRING, 1024),
	ELEMENT(ipc_problem, count, "count", NUMBER32, UINT32_MAX),
};

static const struct schema_element postoffice_state[] = {
	ELEMENT(ipc_postoffice_state, unread, "unread", STRING, 1024),
	ELEMENT(ipc_postoffice_state, map, "map", STRING, 1024),
	ELEMENT(ipc_postoffice_state, aside, "aside", NUMBER64, 0),
	ELEMENT(ipc_postoffice_state, aside_since, "aside-since", SIGNED64, 0),
	ELEMENT(ipc_postoffice_state, last, "last", STRING, 1024),
};

static const struct schema_element memory_note[] = {
	ELEMENT(ipc_memory_note, submit, "submit", NUMBER64, 0),
	ELEMENT(ipc_memory_note, notes, "notes", STRING, IPC_PIECE_MAX),
};

static const struct schema_element memory_ask[] = {
	ELEMENT(ipc_memory_ask, ask, "ask", NUMBER64, 0),
	COUNTED(ipc_memory_ask, texts, "texts", STRINGS, text_count),
};

static const struct schema_element notice[] = {
	ELEMENT(ipc_notice, number, "number", NUMBER32, UINT32_MAX),
	COUNTED(ipc_notice, values, "values", STRINGS, value_count),
};

const struct schema schema_file = SCHEMA("file", file);
static const struct schema schema_recipient =
    REPEATED(ipc_recipient_outcome, "recipient", recipient);
static const struct schema schema_way = REPEATED(ipc_route_way, "way", way);

static const struct schema schemas[IPC_TYPE_COUNT] = {
	[IPC_HELLO] = SCHEMA("hello", hello),
	[IPC_SETTINGS] = SCHEMA("settings", settings),
	[IPC_LINK_EVENT] = SCHEMA("link-event", link_event),
	[IPC_JOB] = SCHEMA("job", job),
	[IPC_OUTCOME] = SCHEMA("outcome", outcome),
	[IPC_CANCEL] = SCHEMA("cancel", cancel),
	[IPC_BODY_REQUEST] = SCHEMA("body-request", body_request),
	[IPC_BODY] = SCHEMA("body", body),
	[IPC_BIND_CHECK] = SCHEMA("bind-check", bind_check),
	[IPC_BIND_ANSWER] = SCHEMA("bind-answer", bind_answer),
	[IPC_SUBMIT_START] = SCHEMA("submit-start", submit_start),
	[IPC_SUBMIT_DATA] = SCHEMA("submit-data", submit_data),
	[IPC_SUBMIT_END] = SCHEMA("submit-end", submit_end),
	[IPC_SUBMIT_CANCEL] = SCHEMA("submit-cancel", submit_cancel),
	[IPC_SUBMIT_PROGRESS] = SCHEMA("submit-progress", submit_progress),
	[IPC_SUBMIT_ANSWER] = SCHEMA("submit-answer", submit_answer),
	[IPC_SESSION_CLOSED] = SCHEMA("session-closed", session_closed),
	[IPC_FILE_REMOVED] = SCHEMA("file-removed", file_removed),
	[IPC_RETIRE] = {"retire", NULL, 0, 0},
	[IPC_REQUEST] = SCHEMA("request", request),
	[IPC_ROW] = {"row", NULL, 0, 0},
	[IPC_DONE] = SCHEMA("done", done),
	[IPC_WORKER_ENDED] = SCHEMA("worker-ended", worker_ended),
	[IPC_THROTTLED] = SCHEMA("throttled", throttled),
	[IPC_RELOAD] = {"reload", NULL, 0, 0},
	[IPC_DELIVERY_NOTE] = SCHEMA("delivery-note", delivery_note),
	[IPC_TAKEN] = SCHEMA("taken", taken),
	[IPC_SUBMIT_MARK] = SCHEMA("submit-mark", submit_mark),
	[IPC_RESUME_CHECK] = SCHEMA("resume-check", resume_check),
	[IPC_RESUME_ANSWER] = SCHEMA("resume-answer", resume_answer),
	[IPC_SEQUENCE] = SCHEMA("sequence", sequence),
	[IPC_WORKER_STARTED] = SCHEMA("worker-started", worker_started),
	[IPC_NOTICE] = SCHEMA("notice", notice),
	[IPC_SESSION_CLAIM] = SCHEMA("session-claim", session_claim),
	[IPC_SESSION_DOUBT] = SCHEMA("session-doubt", session_doubt),
	[IPC_WORKERS_LEFT] = SCHEMA("workers-left", workers_left),
	[IPC_SUBMIT_SIZE] = SCHEMA("submit-size", submit_size),
	[IPC_ROUTES] = SCHEMA("routes", routes),
	[IPC_TRACK_PAGE] = SCHEMA("track-page", track_page),
	[IPC_TRACK_ACK] = SCHEMA("track-ack", track_ack),
	[IPC_HANDSHAKE] = SCHEMA("handshake", handshake),
	[IPC_ROUTE_CHECK] = SCHEMA("route-check", route_check),
	[IPC_ROUTE_ANSWER] = SCHEMA("route-answer", route_answer),
	[IPC_PROBLEM] = SCHEMA("problem", problem),
	[IPC_ALARM] = SCHEMA("alarm", alarm_element),
	[IPC_POSTOFFICE_STATE] = SCHEMA("postoffice-state",
	    postoffice_state),
	[IPC_WANTED] = SCHEMA("wanted", wanted),
	[IPC_JOB_CLAIM] = SCHEMA("job-claim", job_claim),
	[IPC_SUBMISSION_HEARD] = SCHEMA("submission-heard",
	    submission_heard),
	[IPC_MEMORY_NOTE] = SCHEMA("memory-note", memory_note),
	[IPC_MEMORY_ASK] = SCHEMA("memory-ask", memory_ask),
};
/* clang-format on */

/* schema_of - get the table of a record; its elements are NULL where code
 * encodes it */
const struct schema *
schema_of(enum ipc_type type)
{
	/* No record from outside comes here with such a type: the decoder
	 * refuses unknown tags. */
	if ((unsigned)type >= IPC_TYPE_COUNT)
		panic("ipc record of type %d", (int)type);
	return &schemas[type];
}

/* schema_of_array - get the table of what an array consists of */
const struct schema *
schema_of_array(enum schema_type type)
{
	return type == SCHEMA_WAYS ? &schema_way : &schema_recipient;
}

/* ipc_type_name - get the name of a type for logs */
const char *
ipc_type_name(enum ipc_type type)
{
	if ((unsigned)type >= IPC_TYPE_COUNT)
		return "unknown";
	return schemas[type].name;
}

/* ipc_role_name - get the name of a role */
const char *
ipc_role_name(enum ipc_role role)
{
	static const char *const names[] = {
	    [IPC_ROLE_MASTER] = "master",
	    [IPC_ROLE_QMGR] = "qmgr",
	    [IPC_ROLE_X400OUT] = "x400out",
	    [IPC_ROLE_X400IN] = "x400in",
	    [IPC_ROLE_MSMI_IN] = "msmi-in",
	    [IPC_ROLE_MSMI_OUT] = "msmi-out",
	    [IPC_ROLE_TOOL] = "tool",
	    [IPC_ROLE_REPORTER] = "reporter",
	    [IPC_ROLE_TRACKER] = "tracker",
	    [IPC_ROLE_APP_IN] = "app-in",
	    [IPC_ROLE_APP_OUT] = "app-out",
	    [IPC_ROLE_APP] = "app",
	    [IPC_ROLE_MIXER_IN] = "mixer-in",
	    [IPC_ROLE_MIXER_OUT] = "mixer-out",
	    [IPC_ROLE_MIXER_MEMORY] = "mixer-memory",
	    [IPC_ROLE_TRACKING_DATABASE] = "tracking-database",
	};

	if ((unsigned)role >= IPC_ROLE_COUNT || names[role] == NULL)
		return "unknown";
	return names[role];
}
