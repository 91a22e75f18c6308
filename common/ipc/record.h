/* SPDX-License-Identifier: ISC */
/*
 * record.h - what the processes of Fourpost say to each other
 *
 * The structs of ipc.asn, one for one, with their decoder and encoder.  Text
 * and octets are slices: of a received record they borrow from the channel's
 * buffer and are valid until the next record is taken from it; arrays live in
 * the arena given.
 */
#ifndef FOURPOST_IPC_RECORD_H
#define FOURPOST_IPC_RECORD_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "mhs/mts_kind.h"
#include "osi/association_codes.h"
#include "osi/session_references.h"

#define IPC_VERSION	   1
#define IPC_RECORD_MAX	   65536 /* octets of one record, all included */
#define IPC_PIECE_MAX	   49152 /* octets of a body in one record */
#define IPC_UNANSWERED_MAX (256 * 1024)
#define IPC_KEY_LEN	   16
#define IPC_TOKEN_MAX	   64
#define IPC_NOTE_MAX	   1024
#define IPC_TICKET_LEN	   16
#define IPC_NOTICE_FIELDS  12
#define IPC_MARK_MAX	   3800 /* octets of an envelope and a mark's state */
#define IPC_NAME_MAX	   255	/* octets of the key of a submission */
#define IPC_DIGEST_LEN	   32
#define IPC_RECIPIENT_LEN  16 /* octets by which a recipient is known */
#define IPC_RECIPIENTS_LEN (1024 * IPC_RECIPIENT_LEN)
#define IPC_CHECK_MAX	   256 /* addresses of one check */

enum ipc_type {
	IPC_HELLO,
	IPC_SETTINGS,
	IPC_LINK_EVENT,
	IPC_JOB,
	IPC_OUTCOME,
	IPC_CANCEL,
	IPC_BODY_REQUEST,
	IPC_BODY,
	IPC_BIND_CHECK,
	IPC_BIND_ANSWER,
	IPC_SUBMIT_START,
	IPC_SUBMIT_DATA,
	IPC_SUBMIT_END,
	IPC_SUBMIT_CANCEL,
	IPC_SUBMIT_PROGRESS,
	IPC_SUBMIT_ANSWER,
	IPC_SESSION_CLOSED,
	IPC_FILE_REMOVED,
	IPC_RETIRE,
	IPC_REQUEST,
	IPC_ROW,
	IPC_DONE,
	IPC_WORKER_ENDED,
	IPC_THROTTLED,
	IPC_RELOAD,
	IPC_DELIVERY_NOTE,
	IPC_TAKEN,
	IPC_SUBMIT_MARK,
	IPC_RESUME_CHECK,
	IPC_RESUME_ANSWER,
	IPC_SEQUENCE,
	IPC_WORKER_STARTED,
	IPC_NOTICE,
	IPC_SESSION_CLAIM,
	IPC_SESSION_DOUBT,
	IPC_WORKERS_LEFT,
	IPC_SUBMIT_SIZE,
	IPC_ROUTES,
	IPC_TRACK_PAGE,
	IPC_TRACK_ACK,
	IPC_HANDSHAKE,
	IPC_ROUTE_CHECK,
	IPC_ROUTE_ANSWER,
	IPC_PROBLEM,
	IPC_POSTOFFICE_STATE,
	IPC_ALARM,
	IPC_WANTED,
	IPC_JOB_CLAIM,
	IPC_SUBMISSION_HEARD,
	IPC_MEMORY_NOTE,
	IPC_MEMORY_ASK,
	IPC_TYPE_COUNT
};

enum ipc_role {
	IPC_ROLE_MASTER,
	IPC_ROLE_QMGR,
	IPC_ROLE_X400OUT,
	IPC_ROLE_X400IN,
	IPC_ROLE_MSMI_IN,
	IPC_ROLE_MSMI_OUT,
	IPC_ROLE_TOOL,
	IPC_ROLE_REPORTER, /* a worker of the qmgr before */
	IPC_ROLE_TRACKER,
	IPC_ROLE_APP_IN,
	IPC_ROLE_APP_OUT,
	IPC_ROLE_APP, /* a connection of a program, both ways */
	IPC_ROLE_MIXER_IN,
	IPC_ROLE_MIXER_OUT,
	IPC_ROLE_MIXER_MEMORY,
	IPC_ROLE_TRACKING_DATABASE,
	IPC_ROLE_COUNT
};

enum ipc_link_state {
	IPC_LINK_CONNECTING,
	IPC_LINK_BOUND,
	IPC_LINK_FAILED,
	IPC_LINK_LOST,
	IPC_LINK_RELEASED,
	IPC_LINK_RECOVERING,
	IPC_LINK_HEARD /* octets came; nothing else changed */
};

/* Why an association could not be opened. */
enum ipc_failure {
	IPC_FAILURE_UNREACHABLE, /* there was no answer, or none that fits */
	IPC_FAILURE_REFUSED,	 /* the peer has said no */
	IPC_FAILURE_BUSY,	 /* likewise, for the time being */
	IPC_FAILURE_DENIED	 /* whoever answered is not the peer */
};

enum ipc_result {
	IPC_TRANSFERRED, /* the other side has taken responsibility */
	IPC_UNSTARTED,	 /* nothing of it was sent: no attempt counts */
	IPC_TRANSIENT,	 /* this attempt failed; try again */
	IPC_REFUSED,	 /* for good: reason and diagnostic tell why */
	IPC_INTERRUPTED, /* the association ended in it, or the peer cannot take
			    anything now: it does not speak against this one */
	IPC_DELIVERED,	 /* it is with its recipient: we report */
	IPC_LATER,	 /* the recipient may have it later: no try counts */
	IPC_HELD,	 /* an administrator is to look at it */
	IPC_RESULTS
};

/* The fate of a recipient that does not share the result of its job. */
enum ipc_fate {
	IPC_FATE_FAILED,
	IPC_FATE_TRANSFERRED,
	IPC_FATE_DELIVERED,
	IPC_FATE_LATER
};

enum ipc_origin {
	IPC_TRANSFER,
	IPC_SUBMISSION
};

enum ipc_submit_result {
	IPC_SUBMIT_ACCEPTED,
	IPC_SUBMIT_DUPLICATE,  /* had it already: confirm and forget */
	IPC_SUBMIT_REFUSED,    /* about this message */
	IPC_SUBMIT_UNAVAILABLE /* about us: full, no disk; try later */
};

struct ipc_hello {
	uint32_t version;
	int64_t pid;
	enum ipc_role role;
	struct slice name;
	uint32_t instance;
	struct slice ticket; /* empty, or IPC_TICKET_LEN octets */
};

struct ipc_settings {
	struct slice text;
	/* x400in: each with its length in an octet before it */
	struct slice transport, session, presentation;
	bool ping; /* x400out: open, release, and say how that went */
};

struct ipc_link_event {
	enum ipc_link_state state;
	struct slice link;
	struct slice stage;
	struct slice reason;
	struct slice address;
	uint64_t session;
	struct session_references references;
	bool two_way;
	bool recovered;
	enum ipc_failure failure;
	bool routes; /* bound: the peer takes routing updates */
};

struct ipc_job {
	uint64_t job;
	uint64_t message;
	enum mts_kind kind;
	uint32_t priority; /* rank: 0 urgent, 1 normal, 2 non-urgent */
	uint64_t envelope_length;
	uint64_t content_length;
	struct slice body; /* the first octets of envelope and content */
	struct slice mts_id;
	struct slice note;
	uint64_t activity;	  /* on the association; 0: not noted */
	struct transfer_name old; /* of an earlier try */
	bool only_asked; /* nothing is sent of it but what old resumes */
	struct slice submission; /* report: key of what it is about, or empty */
};

struct ipc_recipient_outcome {
	uint32_t index;
	int32_t reason;
	int32_t diagnostic; /* -1: none */
	struct slice text;
	enum ipc_fate fate;
	int64_t time; /* delivered: s since 1970; 0: now */
};

struct ipc_outcome {
	uint64_t job;
	enum ipc_result result;
	int32_t reason;
	int32_t diagnostic; /* -1: none */
	struct slice text;
	const struct ipc_recipient_outcome *recipients;
	size_t recipient_count;
	uint64_t octets;
	uint64_t association_delay; /* ms */
	uint64_t transfer_delay;    /* ms */
	bool doubtful;	 /* not transferred, but the peer may have it */
	bool user_error; /* the peer aborted in it, with "user error" */
	int64_t time;	 /* delivered: s since 1970; 0: now */
	bool more;	 /* recipients alone; another record follows */
	bool confirm;	 /* it is wanted back when it is committed */
};

struct ipc_cancel {
	uint64_t job;
};

struct ipc_body_request {
	uint64_t job;
	uint64_t offset;
	uint32_t length;
};

struct ipc_body {
	uint64_t job;
	uint64_t offset;
	struct slice data;
};

struct ipc_bind_check {
	struct slice link;
	bool authenticated;
	struct slice name;
	struct slice password;
	struct slice address;
	struct session_references references;
	bool recover;
	bool two_way;
	struct session_references recovered; /* of the session to recover */
	struct slice called_tsel, called_ssel, called_psel; /* x400in */
	enum association_mode mode; /* x400in: in which it calls */
	bool tls;
	struct slice tls_pin, tls_problem, tls_names;
};

struct ipc_bind_answer {
	bool accepted;
	int32_t bind_error;
	struct slice reason;
	struct slice link;
	uint64_t session;
	struct slice local_name;
	struct slice local_password;
	struct slice settings;
	struct slice token;
};

struct ipc_file {
	struct slice postoffice;
	struct slice name;
	uint64_t inode;
	int64_t ctime; /* ns */
	uint64_t size;
};

struct ipc_submit_start {
	uint64_t submit;
	enum mts_kind kind;
	enum ipc_origin origin;
	uint64_t envelope_length;
	uint64_t session;
	uint64_t activity;
	bool has_file;
	struct ipc_file file;
	uint64_t old_session;
	uint64_t old_activity;
	uint64_t left_out; /* recipients, see mhs/curtail.h */
	uint64_t elements_left_out;
	bool refuse_at_once;
	bool parts; /* the envelope comes as its recipients, then the rest;
	             * ipc_submit_size says how much that was */
};

struct ipc_submit_data {
	uint64_t submit;
	struct slice data;
};

struct ipc_submit_size {
	uint64_t submit;
	uint64_t content_length;  /* 0: of this nothing is said */
	uint64_t envelope_length; /* of one in parts, which is whole; or 0 */
	uint64_t recipients_length;
	uint64_t left_out; /* as in ipc_submit_start */
	uint64_t elements_left_out;
};

struct ipc_submit_end {
	uint64_t submit;
	uint64_t content_length;
	struct slice key; /* empty, or IPC_KEY_LEN octets */
	bool too_long;
	struct slice submission_key; /* of an application; or empty */
	struct slice digest;	     /* with it: IPC_DIGEST_LEN octets */
	struct slice recipients; /* in place of it: IPC_RECIPIENT_LEN each */
};

/* The client of a gateway has heard the answer to what it has sent. */
struct ipc_submission_heard {
	struct slice submission_key;
	uint64_t message;
};

struct ipc_submit_cancel {
	uint64_t submit;
	bool keep;
};

struct ipc_submit_progress {
	uint64_t submit;
	uint64_t offset;
	uint64_t marked;
	bool too_long;
};

struct ipc_submit_mark {
	uint64_t submit;
	uint64_t offset;
	struct slice state;
};

enum ipc_resume_result {
	IPC_RESUME_UNKNOWN,
	IPC_RESUME_COMPLETED,
	IPC_RESUME_PARTIAL,
	IPC_RESUME_REFUSED /* not of the session that was recovered */
};

struct ipc_sequence {
	uint64_t job; /* and those after it */
	struct transfer_name name;
};

struct ipc_notice {
	uint32_t number;	    /* of the event */
	const struct slice *values; /* name, value, name, value ... */
	size_t value_count;
};

struct ipc_taken {
	uint64_t message;
	struct transfer_name name;
	bool delivered; /* mixer-out: we are to report */
};

struct ipc_resume_check {
	uint64_t submit;
	uint64_t session;
	uint64_t activity;
	struct transfer_name old; /* references empty: of this session */
};

struct ipc_resume_answer {
	uint64_t submit;
	enum ipc_resume_result result;
	enum mts_kind kind;
	uint64_t envelope_length;
	uint64_t offset;
	struct slice state;
	uint64_t old_session;
};

struct ipc_submit_answer {
	uint64_t submit;
	enum ipc_submit_result result;
	uint64_t message;
	struct slice mts_id;
	int32_t reason;
	int32_t diagnostic;
	struct slice text;
	const struct ipc_recipient_outcome *recipients; /* refused at once */
	size_t recipient_count;
	bool more; /* another answer follows, with others of these */
	bool key_reused;
	struct slice had; /* of each recipient 1: he was taken before; or 0 */
};

struct ipc_route_check {
	uint64_t check;
	struct slice originator; /* an O/R address, or empty */
	uint64_t size;
	const struct slice *addresses;
	size_t address_count;
};

/* Jobs that an app wants since it is bound; the answer has what was given. */
struct ipc_wanted {
	uint64_t number; /* increasing */
	uint64_t jobs;
	uint64_t waiting;
};

enum ipc_claim {
	IPC_CLAIM_GIVEN,
	IPC_CLAIM_UNKNOWN,  /* no such message waits for this application */
	IPC_CLAIM_ELSEWHERE /* another worker has it, or it was never given */
};

struct ipc_job_claim {
	uint64_t message;
	enum ipc_claim result;
};

enum ipc_way {
	IPC_WAY_SERVED,
	IPC_WAY_NO_ROUTE,
	IPC_WAY_REFUSED
};

struct ipc_route_way {
	enum ipc_way result;
	struct slice link;
	int32_t reason;
	int32_t diagnostic; /* -1: none */
	struct slice text;
};

enum ipc_room {
	IPC_ROOM_ENOUGH,
	IPC_ROOM_LATER,
	IPC_ROOM_NEVER
};

struct ipc_route_answer {
	uint64_t check;
	const struct ipc_route_way *ways;
	size_t way_count;
	enum ipc_room room; /* where no address was asked for */
	struct slice text;  /* why there is none */
};

struct ipc_session_closed {
	uint64_t session;
	bool orderly;
};

struct ipc_session_claim {
	uint64_t session;
	struct slice token;
};

struct ipc_session_doubt {
	uint64_t session;
};

struct ipc_file_removed {
	struct ipc_file file;
};

struct ipc_delivery_note {
	uint64_t job;
	struct slice note;
};

struct ipc_request {
	struct slice command;
	const struct slice *arguments;
	size_t argument_count;
};

enum ipc_field_type {
	IPC_FIELD_NUMBER,
	IPC_FIELD_TEXT,
	IPC_FIELD_TRUTH,
	IPC_FIELD_TIME,
	IPC_FIELD_ROWS,
	IPC_FIELD_OCTETS
};

struct ipc_row;

struct ipc_field {
	struct slice name;
	enum ipc_field_type type;
	int64_t number;	     /* number, truth, time (ms since 1970) */
	struct slice octets; /* text, octets */
	const struct ipc_row *rows;
	size_t row_count;
};

struct ipc_row {
	const struct ipc_field *fields;
	size_t field_count;
};

struct ipc_done {
	int32_t status;
	struct slice text;
	uint64_t cursor;
};

struct ipc_worker_ended {
	struct slice name;
	int64_t pid;
	int32_t status; /* exit status, or minus the signal */
	uint64_t item;
	bool counted;
	struct slice text;
};

struct ipc_worker_started {
	int64_t pid;
	enum ipc_role role;
	struct slice name; /* link or postoffice */
	uint32_t instance;
	struct slice ticket; /* IPC_TICKET_LEN octets */
};

struct ipc_throttled {
	struct slice name;
	int64_t until; /* ms since 1970; 0: no longer */
};

struct ipc_routes {
	struct slice envelope; /* to a worker */
	struct slice update;   /* from a worker empty: the peer has taken it */
};

struct ipc_workers_left {
	struct slice name;
	uint32_t count; /* at work for the qmgr before */
};

struct ipc_track_page {
	uint64_t number;
	struct slice page;  /* track.h */
	struct slice queue; /* its UUID; empty: it has none yet */
};

struct ipc_track_ack {
	uint64_t number; /* all up to it */
};

struct ipc_handshake {
	struct slice address;
	bool allowed; /* of the answer */
};

struct ipc_alarm {
	uint32_t event;
	struct slice link;
	uint64_t messages;
	uint64_t age; /* s */
};

struct ipc_problem {
	uint32_t weight;
	int64_t since;
	struct slice text, command;
	uint32_t count;
};

struct ipc_postoffice_state {
	struct slice unread, map; /* empty: nothing is wrong */
	uint64_t aside;
	int64_t aside_since;
	struct slice last;
};

struct ipc_memory_note {
	uint64_t submit;
	struct slice notes;
};

struct ipc_memory_ask {
	uint64_t ask;
	const struct slice *texts; /* keys, or values */
	size_t text_count;
};

struct ipc_record {
	enum ipc_type type;
	union {
		struct ipc_hello hello;
		struct ipc_settings settings;
		struct ipc_link_event link_event;
		struct ipc_job job;
		struct ipc_outcome outcome;
		struct ipc_cancel cancel;
		struct ipc_body_request body_request;
		struct ipc_body body;
		struct ipc_bind_check bind_check;
		struct ipc_bind_answer bind_answer;
		struct ipc_submit_start submit_start;
		struct ipc_submit_data submit_data;
		struct ipc_submit_size submit_size;
		struct ipc_submit_end submit_end;
		struct ipc_submit_cancel submit_cancel;
		struct ipc_submit_progress submit_progress;
		struct ipc_submit_answer submit_answer;
		struct ipc_session_closed session_closed;
		struct ipc_session_claim session_claim;
		struct ipc_session_doubt session_doubt;
		struct ipc_file_removed file_removed;
		struct ipc_request request;
		struct ipc_row row;
		struct ipc_done done;
		struct ipc_worker_ended worker_ended;
		struct ipc_worker_started worker_started;
		struct ipc_throttled throttled;
		struct ipc_workers_left workers_left;
		struct ipc_delivery_note delivery_note; /* and noted */
		struct ipc_submit_mark submit_mark;
		struct ipc_resume_check resume_check;
		struct ipc_resume_answer resume_answer;
		struct ipc_sequence sequence;
		struct ipc_taken taken;
		struct ipc_notice notice;
		struct ipc_routes routes;
		struct ipc_track_page track_page;
		struct ipc_track_ack track_ack;
		struct ipc_handshake handshake;
		struct ipc_route_check route_check;
		struct ipc_route_answer route_answer;
		struct ipc_problem problem;
		struct ipc_alarm alarm;
		struct ipc_postoffice_state postoffice_state;
		struct ipc_wanted wanted;
		struct ipc_job_claim job_claim;
		struct ipc_submission_heard submission_heard;
		struct ipc_memory_note memory_note;
		struct ipc_memory_ask memory_ask;
	};
};

/*
 * ipc_record_encode - append a record to out
 *
 * ERR_LIMIT if it would exceed IPC_RECORD_MAX or the buffer's maximum; out is
 * unchanged then.
 */
int ipc_record_encode(
    const struct ipc_record *record, struct buffer *out) WARN_UNUSED;

/*
 * ipc_record_decode - decode the record at the beginning of octets
 *
 * *used says how many octets it took.  ERR_AGAIN while it is not whole,
 * ERR_LIMIT when it announces more than IPC_RECORD_MAX, else what is wrong
 * with it; diag names the record and its element.
 */
int ipc_record_decode(struct slice octets, struct arena *arena,
    struct ipc_record *record, size_t *used, struct diag *diag) WARN_UNUSED;

/* ipc_type_name - get the name of a type for logs, such as "submit-start" */
const char *ipc_type_name(enum ipc_type type);

/* ipc_role_name - get the name of a role for logs and workers, such as
 * "x400out" */
const char *ipc_role_name(enum ipc_role role);

#endif
