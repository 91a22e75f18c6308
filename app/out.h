/* SPDX-License-Identifier: ISC */
/*
 * out.h - give messages to a program, and take its answers
 *
 * out.c is the life of the worker, out_jobs.c talks to qmgr, out_write.c makes
 * the files of an object, out_scan.c sees what the program has done with them,
 * out_answer.c reads its answers, out_files.c removes, out_stray.c decides on
 * what belongs to no job.
 *
 * An object is a job and its files:
 *
 *	written	 the files are on the disk, ID.json under a name of ours; qmgr
 *		 is asked to note that
 *	given	 ID.json is in out/new, for the program to claim
 *	claimed	 the program has moved it to out/cur; its time runs
 *	answered an answer was taken (moved to a name of ours), and its outcome
 *		 is with qmgr, which says when it is committed; then the files go
 *
 * A worker that ends leaves all as it is.  The next one gets the same messages
 * as new jobs, and finds by the note and the files how far each was.  A job
 * without a note has no files: what bears its ID is of an older queue.  With
 * delivered-when = "written" an object is delivered when it is given.
 */
#ifndef FOURPOST_APP_OUT_H
#define FOURPOST_APP_OUT_H

#include "app/answer.h"
#include "app/handing.h"
#include "app/new_file.h"

#define OUT_NAME_MAX 64
#define OUT_TEXT_MAX 248
#define OUT_INTERVAL 5000   /* ms between scans, should inotify not tell */
#define OUT_SETTLED  2000   /* ms after which qmgr has given all it has */
#define OUT_LEFTOVER 129600 /* s: files of ours that nobody needs go */

struct out {
	struct app app;
	struct handing hand;
	bool lost; /* the directory cannot be used */
	char why[OUT_TEXT_MAX];
	int inotify;
	uint64_t next_scan, next_sweep; /* monotonic ms */
	struct arena arena;		/* of the object at hand */
};

/* out_init - begin without objects; out_fini frees */
void out_init(struct out *out);
void out_fini(struct out *out);

/* out_wait - wait for qmgr, and for files if there is an inotify: 0,
 * ERR_CLOSED, ERR_TIMEOUT, ERR_CANCELLED */
int out_wait(struct out *out, uint64_t deadline) WARN_UNUSED;

/* out_outcome - report an outcome for all recipients of an object alike */
void out_outcome(struct out *out, struct handed *object, enum ipc_result result,
    const char *text);

/* out_unusable - note that the directory takes no file: the worker ends */
void out_unusable(struct out *out, const char *why);

/* out_write - make the files of an object, or find them */
void out_write(struct out *out, struct handed *object);

/* out_publish - give an object whose files are whole to the program */
void out_publish(struct out *out, struct handed *object);

/* out_scan - see what the program has done with its objects */
void out_scan(struct out *out);

/* out_answer - take an object's answer, which lies in this place under this
 * name, and report it */
void out_answer(struct out *out, struct handed *object,
    enum directory_place place, const char *file);

/* out_refuse - set an answer aside that cannot be used: name says why, for
 * programs */
void out_refuse(struct out *out, enum directory_place place, const char *file,
    uint64_t id, const char *name, const struct object_fault *fault);

/* out_name - compose the name of a file of an object: ID, then the ending;
 * out_own_name - one of ours, which begins with a dot */
void out_name(char name[OUT_NAME_MAX], uint64_t id, const char *ending);
void out_own_name(char name[OUT_NAME_MAX], uint64_t id, const char *ending);

/* out_remove - remove all files of an object */
void out_remove(struct out *out, uint64_t id);

/* out_stray - decide on answers and files that belong to no job, if qmgr has
 * given all that it has */
void out_stray(struct out *out);

/* out_sweep - remove files of ours that nobody has needed for OUT_LEFTOVER */
void out_sweep(struct out *out);

#endif
