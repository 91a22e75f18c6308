/* SPDX-License-Identifier: ISC */
/*
 * in.h - take what a program submits
 *
 * in.c is the life of the worker, in_scan.c finds the objects, in_take.c makes
 * a submission of one (in_supply.c reads its files), in_send.c talks to qmgr,
 * in_settle.c does what the answer asks for, in_strays.c finds the files of an
 * object that cannot be read, in_recover.c does what a worker that ended has
 * left.
 *
 * An object is NAME.json in in/new, and the files that it names, which are
 * there before it.  When qmgr has it the answer is written under a name of
 * ours, the object goes, and the answer becomes in/done/NAME.json.  A worker
 * that ends before the object is gone leaves it to the next one, which submits
 * it again under its key and gets the first answer.
 *
 * What cannot be taken is tried once: it is moved to in/error, its reason
 * beside it.
 */
#ifndef FOURPOST_APP_IN_H
#define FOURPOST_APP_IN_H

#include "app/entry.h"
#include "app/submitting.h"
#include "client/limits.h"

#define IN_SCAN_MAX    4096 /* objects of one scan */
#define IN_INTERVAL    5000 /* ms between scans, should inotify not tell */
#define IN_SETTLE      200  /* ms by which a file's date must be past */
#define IN_BACKOFF     1000 /* ms after qmgr could not take one, doubling */
#define IN_BACKOFF_MAX 60000
#define IN_STUCK_MAX   64 /* objects that can be neither taken nor moved */

struct in_object {
	bool busy; /* between the file and what its answer asks for */
	struct submitted sent;
	char name[ENTRY_NAME_MAX + 1];
	struct stat st;		       /* of NAME.json */
	char (*files)[ENTRY_FILE_MAX]; /* that it names; owned */
	size_t file_count;
	bool all_files; /* files are all that it names */
};

/* An object that can neither be taken nor moved. */
struct in_stuck {
	char name[ENTRY_NAME_MAX + 1];
	ino_t inode;
	struct timespec ctime;
};

struct in {
	struct app app;
	struct submitter submitter;
	struct in_object objects[LIMITS_FILES];
	int inotify;
	bool gone;	  /* qmgr */
	bool unavailable; /* it could not take one */
	uint64_t backoff; /* ms */
	uint64_t next_scan;
	struct in_stuck stuck[IN_STUCK_MAX]; /* a ring */
	size_t stuck_next;
	struct submitting submitting; /* the object at hand */
};

enum in_wait_for {
	IN_WAIT_QMGR,
	IN_WAIT_FILES /* and qmgr */
};

/* in_init - begin without objects.  ERR_NOMEM; in_fini frees */
int in_init(struct in *in) WARN_UNUSED;
void in_fini(struct in *in);

/* in_free - find an object that is free, or NULL */
struct in_object *in_free(struct in *in);

/* in_wait - wait for records of qmgr's, which are taken, or for files too */
int
in_wait(struct in *in, enum in_wait_for what, uint64_t deadline) WARN_UNUSED;

/* in_scan - take the objects there are, oldest first */
void in_scan(struct in *in);

/* in_take - submit the object of this file, or set it aside */
void in_take(struct in *in, struct in_object *object, const char *name);

/* in_settle - do what the answers that have come ask for */
void in_settle(struct in *in);

/*
 * in_set_aside - move an object to in/error: its files, the reason, itself
 *
 * name says why as a word for programs.
 */
void in_set_aside(struct in *in, const struct in_object *object,
    const char *name, const struct object_fault *fault);

/*
 * in_move_strays - move what an object may have named to in/error
 *
 * For one that cannot be read: the files whose names begin with NAME and a dot,
 * that came before it, and that no other object there may name.
 */
void in_move_strays(struct in *in, const struct in_object *object);

/* in_recover - name the answers and reasons of objects that are gone */
void in_recover(struct in *in);

/* in_clear - free what an object has, so that it can be used again */
void in_clear(struct in_object *object);

/* in_is_stuck - tell whether an object can be neither taken nor moved */
bool in_is_stuck(const struct in *in, const char *name, const struct stat *st);

#endif
