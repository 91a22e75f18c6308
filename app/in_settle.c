/* SPDX-License-Identifier: ISC */
/*
 * in_settle.c - do what the answers of qmgr ask for
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/in.h"
#include "app/new_file.h"
#include "app/reason.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"

/* json_name - compose the name of an object's file */
static void
json_name(char file[ENTRY_FILE_MAX], const char *name)
{
	(void)snprintf(file, ENTRY_FILE_MAX, "%s%s", name, ENTRY_JSON);
}

/* in_is_stuck - tell whether an object can be neither taken nor moved */
bool
in_is_stuck(const struct in *in, const char *name, const struct stat *st)
{
	for (size_t i = 0; i < IN_STUCK_MAX; i++) {
		const struct in_stuck *stuck = &in->stuck[i];

		if (strcmp(stuck->name, name) == 0 &&
		    stuck->inode == st->st_ino &&
		    stuck->ctime.tv_sec == st->st_ctim.tv_sec &&
		    stuck->ctime.tv_nsec == st->st_ctim.tv_nsec)
			return true;
	}
	return false;
}

/* note_stuck - leave an object alone from now on, and say so */
static void
note_stuck(struct in *in, const struct in_object *object, int code)
{
	struct in_stuck *stuck = &in->stuck[in->stuck_next++ % IN_STUCK_MAX];
	char file[ENTRY_FILE_MAX];
	struct stat st;

	json_name(file, object->name);
	if (fstatat(in->app.directory.fd[DIRECTORY_IN_NEW], file, &st,
		AT_SYMLINK_NOFOLLOW) < 0)
		return;
	stuck->inode = st.st_ino;
	stuck->ctime = st.st_ctim;
	(void)strlcpy(stuck->name, object->name, sizeof(stuck->name));
	LOG_EVENT(EVENT_UNEXPECTED,
	    LOG_STRING("application", in->app.application->name),
	    LOG_STRING("file", file), LOG_STRING("reason", strerror(code)));
}

/* in_set_aside - move an object to in/error */
void
in_set_aside(struct in *in, const struct in_object *object, const char *name,
    const struct object_fault *fault)
{
	const int *fd = in->app.directory.fd;
	char file[ENTRY_FILE_MAX];
	int error = reason_prepare(
	    &in->app, DIRECTORY_IN_ERROR, object->name, name, fault);

	json_name(file, object->name);
	if (error == 0 && !object->all_files)
		in_move_strays(in, object);
	/* The object goes last: as long as it is there it is found again. */
	for (size_t i = 0; error == 0 && i < object->file_count; i++)
		if (renameat(fd[DIRECTORY_IN_NEW], object->files[i],
			fd[DIRECTORY_IN_ERROR], object->files[i]) < 0 &&
		    errno != ENOENT)
			error = ERR_IO;
	if (error == 0 &&
	    renameat(fd[DIRECTORY_IN_NEW], file, fd[DIRECTORY_IN_ERROR], file) <
		0 &&
	    errno != ENOENT)
		error = ERR_IO;
	if (error == 0)
		error =
		    reason_publish(&in->app, DIRECTORY_IN_ERROR, object->name);
	if (error < 0) {
		note_stuck(in, object, errno);
		return;
	}
	LOG_EVENT(EVENT_APP_REFUSED,
	    LOG_STRING("application", in->app.application->name),
	    LOG_STRING("file", file), LOG_STRING("error", name),
	    LOG_STRING("place", fault->pointer),
	    LOG_STRING("reason", fault->text));
}

/* own_name - compose the name of ours that an answer has at first */
static void
own_name(char own[NEW_FILE_NAME_MAX], const char *name)
{
	(void)snprintf(own, NEW_FILE_NAME_MAX, ".%.180s%s", name, ENTRY_JSON);
}

/* write_answer - write an answer under a name of ours */
static int
write_answer(struct in *in, const struct in_object *object)
{
	char own[NEW_FILE_NAME_MAX];
	json_t *answer = submitted_answer(&object->sent);
	int error;

	own_name(own, object->name);
	error = new_file_put_json(&in->app.worker,
	    in->app.directory.fd[DIRECTORY_IN_DONE], own,
	    directory_mode(&in->app.directory), answer, NULL);
	json_decref(answer);
	return error;
}

/* publish_answer - give an answer its name: the program may submit another
 * object of that name from then on */
static int
publish_answer(struct in *in, const struct in_object *object)
{
	int done = in->app.directory.fd[DIRECTORY_IN_DONE];
	char file[ENTRY_FILE_MAX], own[NEW_FILE_NAME_MAX];

	json_name(file, object->name);
	own_name(own, object->name);
	return renameat(done, own, done, file) < 0 || fsync(done) < 0 ? ERR_IO
								      : 0;
}

/* remove_object - remove an object that qmgr has, and its files */
static int
remove_object(struct in *in, const struct in_object *object)
{
	int new = in->app.directory.fd[DIRECTORY_IN_NEW];
	char file[ENTRY_FILE_MAX];
	struct stat st;

	json_name(file, object->name);
	/* A program that does not wait for its answer may have put another
	 * object there. */
	if (fstatat(new, file, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_ino != object->st.st_ino)
		return 0;
	if (unlinkat(new, file, 0) < 0) {
		note_stuck(in, object, errno);
		return ERR_IO;
	}
	for (size_t i = 0; i < object->file_count; i++)
		(void)!unlinkat(new, object->files[i], 0);
	return fsync(new) < 0 ? ERR_IO : 0;
}

/* settle_taken - remove an object that qmgr has, and answer the program */
static void
settle_taken(struct in *in, const struct in_object *object)
{
	const struct submission *s = &object->sent.at_qmgr;

	in->backoff = 0;
	/* The answer is on the disk when the object goes, and seen when it is
	 * gone.  Ended in between, in_recover or a second submission, to which
	 * qmgr gives the same answer, does what is left. */
	if (FAULT_POINT("app-in-answer") || write_answer(in, object) < 0 ||
	    remove_object(in, object) < 0 || FAULT_POINT("app-in-removed") ||
	    publish_answer(in, object) < 0) {
		in->unavailable = true;
		return;
	}
	LOG_EVENT(EVENT_APP_TAKEN, LOG_INT("id", s->message),
	    LOG_STRING("mts_id", s->mts_id),
	    LOG_STRING("application", in->app.application->name),
	    LOG_STRING("file", object->name),
	    LOG_STRING("result",
		s->result == IPC_SUBMIT_DUPLICATE ? "taken before" : NULL),
	    LOG_INT("left_out", object->sent.refused_count));
}

/* settle_refused - set an object aside that qmgr has refused */
static void
settle_refused(struct in *in, const struct in_object *object)
{
	struct object_fault fault;
	const char *name = submitted_refusal(&object->sent, &fault);

	in_set_aside(in, object, name, &fault);
}

/* in_settle - do what the answers that have come ask for */
void
in_settle(struct in *in)
{
	for (size_t i = 0; i < LIMITS_FILES; i++) {
		struct in_object *object = &in->objects[i];

		if (!object->busy ||
		    object->sent.at_qmgr.state != SUBMISSION_ANSWERED)
			continue;
		switch (object->sent.at_qmgr.result) {
		case IPC_SUBMIT_ACCEPTED:
		case IPC_SUBMIT_DUPLICATE:
			settle_taken(in, object);
			break;
		case IPC_SUBMIT_REFUSED:
			settle_refused(in, object);
			break;
		case IPC_SUBMIT_UNAVAILABLE:
			in->unavailable = true;
			break;
		}
		in_clear(object);
	}
}
