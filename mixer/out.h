/* SPDX-License-Identifier: ISC */
/*
 * out.h - give messages to an SMTP server
 *
 * out.c is the life of the worker: one connection of qmgr's, one to the server,
 * which out_ping.c only tries.
 * out_message.c makes the message of a job, out_content.c its octets, out_job.c
 * sends it, out_fate.c says what became of each recipient, out_doubt.c what
 * nobody can know; out_memory.c asks mixer-memory.
 */
#ifndef FOURPOST_MIXER_OUT_H
#define FOURPOST_MIXER_OUT_H

#include "client/job_channel.h"
#include "mhs/p1.h"
#include "mhs/report.h"
#include "mixer/mixer.h"
#include "mixer/message_out.h"
#include "mixer/report_out.h"
#include "relay/relay.h"

#define OUT_MEMORY   (1024 * 1024) /* octets of a message that are kept */
#define OUT_TEXT_MAX 256
#define OUT_CUT_MAX  200 /* identifiers that are asked for in one message */
#define OUT_SENT_MAX CLIENT_JOBS_MAX

/* Facts known of a recipient. */
enum out_state {
	OUT_PENDING, /* not asked for yet */
	OUT_TAKEN,   /* by RCPT; the message is under way */
	OUT_PASSED,  /* the server has it */
	OUT_LATER,
	OUT_FAILED
};

struct out_recipient {
	uint32_t index; /* in the envelope */
	const char *to; /* NULL: it has no address */
	const char *notify, *orcpt;
	enum out_state state;
	bool answered; /* an MTA asks for a report, the originator does not */
	bool reported; /* the server took NOTIFY, and reports */
	int reason, diagnostic;
	char text[OUT_TEXT_MAX];
};

struct out_job {
	struct client_job given; /* by qmgr; the first member */
	uint64_t begun;		 /* monotonic ms */
};

/* The message of the job at hand, in the arena but for its content. */
struct out_message {
	struct p1_envelope envelope;
	const char *from, *envid;
	struct out_recipient *recipients;
	size_t count;
	/* out_content.c: its octets, with its headers; owned */
	struct buffer content;
	uint64_t length; /* of the message */
	bool large;	 /* it is not in content, and is mapped again */
	bool eight_bit;	 /* it has octets beyond ASCII */
	bool receipt;	 /* it is a notification of X.420 */
	struct ipm_raw raw;
};

/* A message that the server has, and qmgr may not know of yet. */
struct out_sent {
	uint64_t job, message; /* 0: none */
	enum ipc_result how;   /* all have it: delivered or transferred; or
				* later: some do */
	char mts_id[MTS_IDENTIFIER_TEXT];
};

/* A question to mixer-memory that is under way (out_memory.c). */
struct out_memory {
	uint64_t asked;	     /* its number */
	uint64_t left;	     /* ms that the message may still wait */
	struct arena *arena; /* where values go; NULL: nobody waits */
	struct slice *values;
	size_t count;
	bool answered, known;
	/* of the message: answers are the same when it is mapped again */
	struct mapping_cut *cut; /* OUT_CUT_MAX, in the arena; or NULL */
	size_t cut_count;
};

struct out {
	struct mixer mixer;
	struct job_channel channel;
	struct out_job jobs[LIMITS_BATCH];
	struct arena arena;
	struct out_message message;
	struct out_memory memory;
	struct relay relay; /* to the server */
	struct out_sent sent[OUT_SENT_MAX];
	size_t sent_count; /* so far */
	bool let_go;	   /* the server ended a session at rest */
	uint64_t patience; /* for an answer without qmgr, monotonic ms; or 0 */
};

/* out_wait - wait for a descriptor, as association_io wants it, while qmgr's
 * records are taken */
int out_wait(void *arg, int fd, short events, uint64_t deadline);

/* out_secure - take the keys and certificates for the relay, before
 * confinement */
int out_secure(struct out *out, struct diag *diag) WARN_UNUSED;

/* out_ping - try the server, and tell qmgr each step */
void out_ping(struct out *out);

/* out_message_make - read a job, and make its message.  ERR_CLOSED, ERR_NOMEM,
 * ERR_CANCELLED; any other is the message's own */
int out_message_make(
    struct out *out, struct out_job *job, struct diag *diag) WARN_UNUSED;

/* out_content_begin - begin a message with its first fields */
int out_content_begin(struct out *out, struct diag *diag) WARN_UNUSED;

/* out_content_gather - take octets of the message at hand, as a sink; arg is
 * out */
int out_content_gather(void *arg, struct slice octets) WARN_UNUSED;

/* out_content_make - map the content of a job, likewise */
int out_content_make(
    struct out *out, struct out_job *job, struct diag *diag) WARN_UNUSED;

/* out_content_write - write the message to a sink: errors of this, of qmgr's
 * channel */
int out_content_write(struct out *out, struct out_job *job, mime_sink sink,
    void *arg) WARN_UNUSED;

/* out_job - send the message of a job, and report what became of it */
void out_job(struct out *out, struct out_job *job);

/* out_doubt - tell that the server may have the message of a job, and was not
 * heard to have taken it */
void out_doubt(const struct out *out, const struct out_job *job);

/* out_doubt_until - note a message that the server has, until out_doubt_over:
 * qmgr has committed that.  how is delivered or transferred if that is so of
 * all its recipients */
void out_doubt_until(
    struct out *out, const struct out_job *job, enum ipc_result how);
void out_doubt_over(struct out *out, uint64_t job);

/* out_doubt_report - tell the next qmgr of those that are noted */
void out_doubt_report(struct out *out);

/* out_fate_set - note what a reply says of a recipient */
void
out_fate_set(struct out_recipient *recipient, const struct smtp_reply *reply);

/* out_fate_report - report the outcome of a job by those of its recipients */
void out_fate_report(struct out *out, const struct out_job *job);

/* out_memory_begin - begin a message, for which mixer-memory has 200 ms */
void out_memory_begin(struct out *out);

/* out_memory_take - take an answer of mixer-memory */
void out_memory_take(struct out *out, const struct ipc_memory_ask *answer);

/* out_memory_recall - find what identifiers were cut from; arg is the struct
 * out (mapping.h, recall) */
void out_memory_recall(
    void *arg, struct arena *arena, struct mapping_cut *cut, size_t count);

/* out_memory_origin - find what the sender of a message said, on which a report
 * is written, as far as it is remembered.  ERR_NOMEM */
int out_memory_origin(struct out *out, const struct report *report,
    struct report_origin *origin) WARN_UNUSED;

#endif
