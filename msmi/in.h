/* SPDX-License-Identifier: ISC */
/*
 * in.h - taking the files of a postoffice's P1 directory
 *
 * in.c is the life of the worker, in_scan.c finds the files, in_take.c makes
 * a submission of one, in_send.c talks to qmgr, in_settle.c does what its
 * answer asks for, in_reject.c tells the sender, in_aside.c sets aside,
 * in_later.c lets files wait that cannot be taken now, in_lock.c knows whose
 * file is locked.
 *
 * Several submissions await their answer at a time, so that one commit of
 * qmgr's serves many.  A file is removed when its answer says that qmgr has
 * it; a file that was taken before and not removed is known to qmgr by its
 * identity.
 */
#ifndef FOURPOST_MSMI_IN_H
#define FOURPOST_MSMI_IN_H

#include <sys/stat.h>

#include "msmi/draft.h"
#include "msmi/msmi.h"
#include "msmi/ndr.h"

#define IN_OUTSTANDING	16
#define IN_NAME_MAX	256
#define IN_WHY_MAX	768
#define IN_GIVEN_UP_MAX 1024
#define IN_WAITING_MAX	256
#define IN_LOCKS_MAX	256
#define IN_SETTLE_MS	200  /* a younger file may still be written */
#define IN_PATIENCE_MS	5000 /* and one that ends too early for so long */

enum in_purpose {
	IN_FILE,    /* the message of a file */
	IN_NDR,	    /* to the sender of a bad file, then that is set aside */
	IN_LATE_NDR /* to the sender of one that was set aside already */
};

/* What the sender of a bad file knows. */
enum in_told {
	IN_NOT_TOLD,
	IN_TOLD,
	IN_TO_BE_TOLD /* the report is on its way */
};

/* A file as qmgr knows it again. */
struct in_file {
	char name[IN_NAME_MAX];
	uint64_t inode;
	int64_t ctime; /* ns */
	uint64_t size;
};

/* A file that qmgr could not take. */
struct in_waiting {
	struct in_file file;
	uint64_t until; /* monotonic ms; 0: none */
	uint64_t wait;	/* ms, of this time */
};

/* A lock as it was seen first. */
struct in_lock {
	char name[IN_NAME_MAX + 8];
	uint64_t inode;
	int64_t modified;     /* s, by the clock of whoever wrote it */
	uint64_t first, last; /* monotonic ms: when it was seen */
	bool said;
};

struct in_submission {
	bool busy;
	bool answered;
	enum in_purpose purpose;
	enum ipc_submit_result result;
	uint64_t number;
	uint64_t sent;	   /* octets of the body */
	uint64_t progress; /* of these committed */
	uint64_t message;  /* queue id, of the answer */
	struct in_file file;
	char text[256];		 /* of the answer */
	char why[IN_WHY_MAX];	 /* IN_NDR: why the file is set aside */
	char aside[IN_NAME_MAX]; /* IN_LATE_NDR: its name in BAD */
};

struct in {
	struct msmi msmi;
	struct in_submission submissions[IN_OUTSTANDING];
	uint64_t next_number;
	int inotify;
	bool gone;	  /* qmgr */
	bool unavailable; /* as many as may be outstanding were turned away */
	unsigned turned_away; /* in a row */
	bool unreachable;     /* the postoffice; it was said */
	uint64_t backoff;     /* ms to wait when unavailable */
	uint64_t next_scan;
	struct in_file given_up[IN_GIVEN_UP_MAX]; /* a ring */
	size_t given_up_next, given_up_count;
	struct in_waiting waiting[IN_WAITING_MAX];
	struct in_lock locks[IN_LOCKS_MAX];
	struct arena arena;  /* of the file at hand */
	uint8_t *head;	     /* its beginning, MMFF_HEADER_MAX */
	struct buffer piece; /* of its body, until it fills a record */
};

enum in_taken {
	IN_SUBMITTED, /* or rejected: an answer will come, or nothing more */
	IN_LATER,     /* it may not be whole yet */
	IN_VANISHED
};

/* in_free - a submission that is free, or NULL */
struct in_submission *in_free(struct in *in);

/* in_wait - wait for qmgr or, if watch, for files; takes what qmgr said */
int in_wait(struct in *in, bool watch, uint64_t deadline) WARN_UNUSED;

/* in_scan - take the files there are, oldest first; sets next_scan */
void in_scan(struct in *in);

/* in_turned_away - qmgr cannot take a file for the time being: it waits, longer
 * each time */
void in_turned_away(struct in *in, const struct in_submission *submission);

/* in_waits - whether a file that was turned away waits still */
bool in_waits(struct in *in, const char *name, uint64_t inode);

/* in_waiting_next - when the first of them has waited enough, or CLOCK_NEVER */
uint64_t in_waiting_next(const struct in *in);

/* in_locked - whether somebody holds a lock on a file */
bool in_locked(struct in *in, const char *name);

/* in_ignored - whether a name is none of ours: hidden, temporary, a lock */
bool in_ignored(const char *name);

/* in_take - make a submission of a file, or reject it */
enum in_taken
in_take(struct in *in, struct in_submission *submission, const char *name);

/* in_open - open and look at a file of P1: 0, ERR_NOTFOUND, or why not */
int in_open(struct in *in, const char *name, int *fd, struct in_file *file,
    struct stat *st, char why[IN_WHY_MAX]) WARN_UNUSED;

/* in_read_head - the beginning of a file */
int in_read_head(struct in *in, int fd, const struct in_file *file,
    struct slice *head) WARN_UNUSED;

/* The pieces of a submission; ERR_CLOSED when qmgr is gone, ERR_REFUSED when
 * it has answered already. */
int in_begin(struct in *in, struct in_submission *submission,
    enum in_purpose purpose, struct slice envelope) WARN_UNUSED;
int in_body(struct in *in, struct in_submission *submission,
    struct slice octets) WARN_UNUSED;
int in_end(struct in *in, struct in_submission *submission,
    uint64_t content_length) WARN_UNUSED;
void in_cancel(struct in *in, struct in_submission *submission);

/* in_settle - do what the answers that have come ask for */
void in_settle(struct in *in);

/*
 * in_reject - a file cannot be taken: tell its sender, set it aside
 *
 * mmff is what could be read of it, or NULL.  With a sender the file is set
 * aside when the report is safe in the queue.
 */
void in_reject(struct in *in, struct in_submission *submission,
    enum ndr_code code, const char *why, const struct mmff *mmff);

/* in_reject_again - the same when qmgr has refused it: read it anew */
void in_reject_again(
    struct in *in, struct in_submission *submission, const char *why);

/* in_set_aside - move a file to BAD, its reason beside it; aside, if not
 * NULL, is the name that it has there.  False: it could not be moved */
bool in_set_aside(struct in *in, const struct in_file *file, const char *why,
    enum in_told told, char aside[IN_NAME_MAX]);

/* in_say_why - write the reason of a file in BAD.  ERR_IO */
int in_say_why(const struct in *in, const struct in_file *file,
    const char *aside, const char *why, enum in_told told) WARN_UNUSED;

/*
 * in_report_culprit - tell the sender of a file on which a worker ended
 *
 * The file lies in BAD already, as aside: should reading its beginning end us
 * too, nobody reads it a third time.
 */
void in_report_culprit(struct in *in, struct in_submission *submission,
    const char *aside, const char *why);

/* in_forget - tell qmgr that a file is gone */
void in_forget(struct in *in, const struct in_file *file);

/* in_give_up - a file that can be neither taken nor moved is left alone */
void in_give_up(struct in *in, const struct in_file *file, const char *why);
bool in_given_up(const struct in *in, const struct in_file *file);

#endif
