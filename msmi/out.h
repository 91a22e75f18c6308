/* SPDX-License-Identifier: ISC */
/*
 * out.h - delivery into a postoffice
 *
 * out.c is the life of the worker, out_jobs.c talks to qmgr, out_batch.c does
 * what it wants, out_prepare.c makes a file of a job, out_report.c the text of
 * a report, out_file.c is the file itself.
 *
 * Jobs are done in batches.  Each becomes a file in OUT under a temporary
 * name; when all are on the disk qmgr notes the names (commit); then they get
 * their names.  A job that comes back with a note was prepared by a worker
 * that ended before its outcome: if the temporary file is there it lacks only
 * its name, if it is not there it has it already.
 */
#ifndef FOURPOST_MSMI_OUT_H
#define FOURPOST_MSMI_OUT_H

#include "client/job_channel.h"
#include "mhs/report.h"
#include "msmi/assembly.h"
#include "msmi/msmi.h"
#include "msmi/ndr.h"

#define OUT_NAME_MAX   64
#define OUT_TEMPORARY  ".TMP" /* how the names of files being made end */
#define OUT_TEXT_MAX   248
#define OUT_REPORT_MAX (4 * 1024 * 1024) /* octets of a report we read */

struct out_job {
	struct client_job given; /* by qmgr; the first member */
	char mts_id[256];
	char temporary[OUT_NAME_MAX]; /* as noted, or empty */
	char name[OUT_NAME_MAX];      /* in OUT */
	bool prepared;		      /* a temporary file is to be renamed */
	bool noted;
	uint64_t begun;	 /* monotonic ms */
	uint64_t octets; /* of the file */
	size_t mailboxes;
	enum ipc_result result;
	int reason, diagnostic;
	char text[OUT_TEXT_MAX];
	struct ipc_recipient_outcome *failed; /* owned */
	size_t failed_count;
};

/* A file that is being written, at any offset. */
struct out_file {
	int fd;
	uint64_t at;	   /* where the buffer begins */
	uint64_t unsynced; /* octets written since the disk was waited for */
	struct worker *worker; /* borrowed */
	struct buffer buffer;
};

struct out {
	struct msmi msmi;
	bool stale; /* the map is another file now */
	bool lost;  /* the postoffice cannot be used */
	char why[OUT_TEXT_MAX];
	struct job_channel channel;
	struct out_job jobs[LIMITS_BATCH]; /* of the channel */
	struct assembly assembly;
	struct arena arena; /* of the job at hand */
};

/* out_init - begin without jobs, on a channel to qmgr */
void out_init(struct out *out);

/* out_job_at - find job number i of those there are, from 0, or NULL */
struct out_job *out_job_at(struct out *out, size_t i);

/* out_outcome - report a job's outcome */
void out_outcome(struct out *out, const struct out_job *job);

/* out_prepare - make the file of a job, or decide that there is none */
void out_prepare(struct out *out, struct out_job *job);

/* out_batch - do the jobs there are and report their outcomes */
void out_batch(struct out *out);

/* out_fail - set a job's outcome; text may come from outside */
void out_fail(struct out_job *job, enum ipc_result result, int reason,
    int diagnostic, const char *text);

/* out_unusable - put a job back because the postoffice takes no file: no
 * message is to blame, and the worker ends after this batch */
void out_unusable(struct out *out, struct out_job *job, const char *why);

/* out_report_text - write what the sender reads of a report */
int out_report_text(struct out *out, const struct p1_envelope *envelope,
    const struct report *report, struct buffer *text,
    struct slice *subject) WARN_UNUSED;

/* out_file_begin, out_file_write, out_file_end - make a file: written at any
 * offset, on the disk when it is ended */
int out_file_begin(struct out *out, struct out_file *file, const char *name,
    struct diag *diag) WARN_UNUSED;
int
out_file_write(void *file, uint64_t offset, struct slice octets) WARN_UNUSED;
int out_file_end(
    struct out *out, struct out_file *file, struct diag *diag) WARN_UNUSED;

/* out_file_drop - remove a file that was begun */
void out_file_drop(struct out *out, struct out_file *file, const char *name);

/* out_file_name - give a temporary file its name, which none has */
int out_file_name(
    struct out *out, struct out_job *job, struct diag *diag) WARN_UNUSED;

#endif
