/* SPDX-License-Identifier: ISC */
/*
 * pickup.h - picking up the files of a postoffice's P1 directory
 *
 * pickup.c is the life of the worker, pickup_scan.c finds the files,
 * pickup_take.c makes a submission of one (taking.h), pickup_send.c talks to
 * qmgr, pickup_settle.c does what its answer asks for, pickup_reject.c tells
 * the sender, pickup_aside.c sets aside, pickup_given_up.c remembers what
 * cannot be moved, pickup_state.c tells qmgr how the postoffice is,
 * pickup_later.c lets files wait that qmgr cannot take now,
 * pickup_seen.c waits until files are whole, pickup_lock.c knows whose file is
 * locked.
 *
 * Several submissions await their answer at a time, so that one commit of
 * qmgr's serves many.  A file is removed when its answer says that qmgr has
 * it; a file that was taken before and not removed is known to qmgr by its
 * identity.
 *
 * A file with recipients that are no addresses is submitted for the others
 * first.  The report on them follows while the file is still there: should the
 * worker end in between, the next one reads the file again, learns that the
 * message was taken before, and makes the same report, which has an identity
 * too.  The addresses are bad again, since that depends on the file and the
 * settings alone.
 */
#ifndef FOURPOST_MSMI_PICKUP_H
#define FOURPOST_MSMI_PICKUP_H

#include <sys/stat.h>

#include "client/limits.h"
#include "client/submission.h"
#include "msmi/msmi.h"
#include "msmi/ndr.h"

#define PICKUP_NAME_MAX	    256
#define PICKUP_WHY_MAX	    768
#define PICKUP_GIVEN_UP_MAX 1024
#define PICKUP_WAITING_MAX  256
#define PICKUP_LOCKS_MAX    256
#define PICKUP_MOVED_MAX    256
#define PICKUP_SCAN_MAX	    8192 /* files of one scan */
#define PICKUP_INTERVAL	    5000 /* ms between scans, should inotify not tell */
#define PICKUP_SETTLE	    200	 /* ms without a change, then it is read */
#define PICKUP_PATIENCE	    5000 /* ms without the rest that a file lacks */

enum pickup_purpose {
	PICKUP_FILE, /* the message of a file */
	PICKUP_NDR,  /* to the sender of a bad file, then that is set aside */
	PICKUP_LATE_NDR, /* to the sender of one that was set aside already */
	PICKUP_PART_NDR	 /* on recipients that the message was sent without */
};

/* The facts of a bad file that its sender knows. */
enum pickup_told {
	PICKUP_NOT_TOLD,
	PICKUP_TOLD,
	PICKUP_TO_BE_TOLD /* the report is on its way */
};

/* A file as qmgr knows it again. */
struct pickup_file {
	char name[PICKUP_NAME_MAX];
	uint64_t inode;
	int64_t ctime; /* ns */
	uint64_t size;
};

/* A file that can neither be taken nor moved. */
struct pickup_given_up {
	uint64_t name; /* pickup_name_hash */
	uint64_t inode;
	int64_t ctime;
};

/* A file that qmgr could not take. */
struct pickup_waiting {
	uint64_t name; /* pickup_name_hash */
	uint64_t inode;
	uint64_t until; /* monotonic ms; 0: none */
	uint64_t wait;	/* ms, of this time */
};

/* A lock as it was seen first. */
struct pickup_lock {
	uint64_t name; /* pickup_name_hash */
	uint64_t inode;
	int64_t modified;     /* s, by the clock of whoever wrote it */
	uint64_t first, last; /* monotonic ms: when it was seen */
	bool logged;
};

/* A file as the last scan has found it. */
struct pickup_seen {
	uint64_t name; /* pickup_name_hash */
	uint64_t inode;
	uint64_t size;
	int64_t modified; /* ns, by the clock of whoever wrote it */
	uint64_t first;	  /* monotonic ms: since when it is so */
	bool whole;	  /* it was renamed to its place */
};

struct pickup_submission {
	bool busy; /* between the file and what its answer asks for */
	enum pickup_purpose purpose;
	struct submission at_qmgr;
	struct pickup_file file;
	size_t left_out;	     /* recipients that are no addresses */
	char why[PICKUP_WHY_MAX];    /* of these, or of the whole file */
	char aside[PICKUP_NAME_MAX]; /* PICKUP_LATE_NDR: its name in BAD */
};

enum pickup_trouble {
	PICKUP_TROUBLE_UNREAD, /* no file is taken */
	PICKUP_TROUBLE_MAP,
	PICKUP_TROUBLES
};

/* The state of the postoffice, as qmgr is told. */
struct pickup_state {
	char troubles[PICKUP_TROUBLES][PICKUP_WHY_MAX]; /* "": there is none */
	uint64_t aside;					/* files in BAD */
	int64_t aside_since;	   /* wall clock ms: the oldest came */
	char last[PICKUP_WHY_MAX]; /* the newest, and why */
	uint64_t next_look;	   /* monotonic ms, at BAD */
	ino_t bad_inode;
	struct timespec bad_changed;
	bool set_aside; /* something was, and is not counted */
	bool told;
};

struct pickup {
	struct msmi msmi;
	struct submitter submitter;
	struct pickup_submission submissions[LIMITS_FILES];
	int inotify;
	bool gone;	  /* qmgr */
	bool unavailable; /* as many as may be outstanding were turned away */
	unsigned turned_away; /* in a row */
	bool unreachable;     /* the postoffice; it was logged */
	struct pickup_state state;
	uint64_t backoff; /* ms to wait when unavailable */
	uint64_t next_scan;
	struct pickup_given_up given_up[PICKUP_GIVEN_UP_MAX]; /* a ring */
	size_t given_up_next, given_up_count;
	struct pickup_waiting waiting[PICKUP_WAITING_MAX];
	struct pickup_lock locks[PICKUP_LOCKS_MAX];
	struct pickup_seen *seen, *seen_before; /* by this scan, by the last */
	size_t seen_count, seen_before_count;
	uint64_t moved[PICKUP_MOVED_MAX]; /* names, since the last scan */
	size_t moved_count;
	struct arena arena; /* of the file at hand */
	uint8_t *head;	    /* its beginning, MMFF_HEADER_MAX */
};

enum pickup_taken {
	PICKUP_SUBMITTED, /* or rejected: an answer will come, or nothing */
	PICKUP_LATER,	  /* it may not be whole yet */
	PICKUP_VANISHED
};

enum pickup_wait_for {
	PICKUP_WAIT_QMGR,
	PICKUP_WAIT_FILES /* and qmgr */
};

/* pickup_init - begin without files, on a channel to qmgr; pickup_fini frees.
 * ERR_NOMEM */
int pickup_init(struct pickup *pickup) WARN_UNUSED;
void pickup_fini(struct pickup *pickup);

/* pickup_free - find a submission that is free, or NULL */
struct pickup_submission *pickup_free(struct pickup *pickup);

/* pickup_wait - wait for records of qmgr's, which are taken, or for files too
 */
int pickup_wait(struct pickup *pickup, enum pickup_wait_for what,
    uint64_t deadline) WARN_UNUSED;

/* pickup_scan - take the files there are, oldest first; sets next_scan */
void pickup_scan(struct pickup *pickup);

/* pickup_turned_away - let a file wait that qmgr cannot take for the time
 * being, longer each time */
void pickup_turned_away(
    struct pickup *pickup, const struct pickup_submission *submission);

/* pickup_waits - tell whether a file that was turned away waits still */
bool pickup_waits(struct pickup *pickup, const char *name, uint64_t inode);

/* pickup_waiting_next - find when the first of them has waited enough, or
 * CLOCK_NEVER */
uint64_t pickup_waiting_next(const struct pickup *pickup);

/* pickup_seen_init - make the tables of pickup_seen.c; pickup_seen_fini frees.
 * ERR_NOMEM */
int pickup_seen_init(struct pickup *pickup) WARN_UNUSED;
void pickup_seen_fini(struct pickup *pickup);

/* pickup_moved - note that a file was renamed to its place, and is whole; of
 * PICKUP_MOVED_MAX between two scans */
void pickup_moved(struct pickup *pickup, const char *name);

/* pickup_seen_begin, pickup_seen_note, pickup_seen_end - list the files that
 * are there: what was seen before and is not noted again is forgotten */
void pickup_seen_begin(struct pickup *pickup);
void pickup_seen_note(
    struct pickup *pickup, const char *name, const struct stat *st);
void pickup_seen_end(struct pickup *pickup);

/* pickup_settled - tell whether a file may be read: it was renamed to its
 * place, or has not changed for PICKUP_SETTLE */
bool pickup_settled(
    const struct pickup *pickup, const char *name, const struct stat *st);

/* pickup_may_grow - tell whether a file may still get the rest that it lacks:
 * it has changed within PICKUP_PATIENCE */
bool pickup_may_grow(
    const struct pickup *pickup, const char *name, const struct stat *st);

/* pickup_locked - tell whether somebody holds a lock on a file */
bool pickup_locked(struct pickup *pickup, const char *name);

/* pickup_ignored - tell whether a name is of no message: hidden, temporary, a
 * lock, or too long */
bool pickup_ignored(const char *name);

/* pickup_name_hash - hash a name, for tables that need not show it */
uint64_t pickup_name_hash(const char *name);

/* pickup_take - make a submission of a file, or reject it */
enum pickup_taken pickup_take(struct pickup *pickup,
    struct pickup_submission *submission, const char *name);

/* pickup_open - open and look at a file of P1: 0, ERR_NOTFOUND, or why not */
int pickup_open(struct pickup *pickup, const char *name, int *fd,
    struct pickup_file *file, struct stat *st,
    char why[PICKUP_WHY_MAX]) WARN_UNUSED;

/* pickup_read_at - read exactly len octets at an offset.  ERR_IO,
 * ERR_TRUNCATED */
int
pickup_read_at(int fd, uint8_t *to, size_t len, uint64_t offset) WARN_UNUSED;

/* pickup_read_head - read the beginning of a file into pickup->head */
int pickup_read_head(struct pickup *pickup, int fd,
    const struct pickup_file *file, struct slice *head) WARN_UNUSED;

/* pickup_begin, pickup_body, pickup_end - submit a message in pieces.
 * ERR_CLOSED when qmgr is gone, ERR_REFUSED when it has answered already */
int pickup_begin(struct pickup *pickup, struct pickup_submission *submission,
    enum pickup_purpose purpose, struct slice envelope) WARN_UNUSED;
int pickup_body(struct pickup *pickup, struct pickup_submission *submission,
    struct slice octets) WARN_UNUSED;
int pickup_end(struct pickup *pickup, struct pickup_submission *submission,
    uint64_t content_length) WARN_UNUSED;

/* pickup_cancel - tell qmgr that a submission will not be completed */
void pickup_cancel(struct pickup *pickup, struct pickup_submission *submission);

/* pickup_settle - do what the answers that have come ask for */
void pickup_settle(struct pickup *pickup);

/*
 * pickup_reject - tell the sender that a file cannot be taken, set it aside
 *
 * mmff is what could be read of it, or NULL.  With a sender the file is set
 * aside when the report is safe in the queue.
 */
void pickup_reject(struct pickup *pickup, struct pickup_submission *submission,
    enum ndr_code code, const char *why, const struct mmff *mmff);

/* pickup_reject_again - read a file again that qmgr has refused, and reject it
 */
void pickup_reject_again(struct pickup *pickup,
    struct pickup_submission *submission, const char *why);

/*
 * pickup_report_part - tell the sender of a file, which qmgr has, which of its
 * recipients were left out
 *
 * The file is removed when the report is safe in the queue.  ERR_CLOSED: qmgr
 * is gone, and the next worker tells.  Any other error: nobody can be told.
 */
int pickup_report_part(
    struct pickup *pickup, struct pickup_submission *submission) WARN_UNUSED;

/* pickup_report_file - make the identity of the report on a file's recipients,
 * which no file of P1 has */
struct pickup_file pickup_report_file(const struct pickup_file *file);

/* pickup_set_aside - move a file to BAD, its reason beside it; aside, if not
 * NULL, is the name that it has there.  False: it could not be moved */
bool pickup_set_aside(struct pickup *pickup, const struct pickup_file *file,
    const char *why, enum pickup_told told, char aside[PICKUP_NAME_MAX]);

/* pickup_write_why - write the reason of a file in BAD.  ERR_IO */
int
pickup_write_why(const struct pickup *pickup, const struct pickup_file *file,
    const char *aside, const char *why, enum pickup_told told) WARN_UNUSED;

/*
 * pickup_report_culprit - tell the sender of a file on which a worker ended
 *
 * The file lies in BAD already, as aside: should reading its beginning end
 * this worker too, nobody reads it a third time.
 */
void pickup_report_culprit(struct pickup *pickup,
    struct pickup_submission *submission, const char *aside, const char *why);

/* pickup_state_trouble - note what is wrong with the postoffice, or "" that
 * nothing is */
void pickup_state_trouble(
    struct pickup *pickup, enum pickup_trouble trouble, const char *text);

/* pickup_state_tell - look at what was set aside, and tell qmgr what has
 * changed since it was told */
void pickup_state_tell(struct pickup *pickup);

/* pickup_state_next - find when to scan, or to count what was set aside */
uint64_t pickup_state_next(const struct pickup *pickup);

/* pickup_forget - tell qmgr that a file is gone */
void pickup_forget(struct pickup *pickup, const struct pickup_file *file);

/* pickup_give_up - leave a file alone that can be neither taken nor moved */
void pickup_give_up(
    struct pickup *pickup, const struct pickup_file *file, const char *why);

/* pickup_given_up - tell whether a file was given up, and is unchanged */
bool
pickup_given_up(const struct pickup *pickup, const struct pickup_file *file);

#endif
