/* SPDX-License-Identifier: ISC */
/*
 * out_answer.c - read the program's answers
 *
 * An answer is taken by moving it to a name of ours: from then on it is the
 * only one, and a worker that follows finds it there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/entry.h"
#include "app/out.h"
#include "app/reason.h"
#include "base/fault.h"
#include "base/log.h"

/* out_refuse - set an answer aside that cannot be used */
void
out_refuse(struct out *out, enum directory_place place, const char *file,
    uint64_t id, const char *name, const struct object_fault *fault)
{
	struct app *app = &out->app;
	char stem[OUT_NAME_MAX], aside[OUT_NAME_MAX];

	out_name(stem, id, "");
	out_name(aside, id, ENTRY_JSON);
	if (reason_prepare(app, DIRECTORY_OUT_ERROR, stem, name, fault) < 0 ||
	    renameat(app->directory.fd[place], file,
		app->directory.fd[DIRECTORY_OUT_ERROR], aside) < 0 ||
	    reason_publish(app, DIRECTORY_OUT_ERROR, stem) < 0) {
		out_unusable(out, strerror(errno));
		return;
	}
	LOG_EVENT(EVENT_APP_ANSWER_REFUSED, LOG_INT("id", id),
	    LOG_STRING("application", app->application->name),
	    LOG_STRING("error", name), LOG_STRING("place", fault->pointer),
	    LOG_STRING("reason", fault->text));
}

/* read_answer - read the file of an answer that was taken */
static int
read_answer(struct out *out, const struct handed *object, const char *taken,
    struct answer *answer, struct object_fault *fault)
{
	const struct answer_for on = {object->responsible, object->recipients};
	struct buffer text;
	struct diag diag = {0};
	struct stat st;
	int error;

	buffer_init(&text, ANSWER_MAX + 128 * 1024);
	error = entry_read(out->app.directory.fd[DIRECTORY_OUT_TMP], taken,
	    ANSWER_MAX, &text, &st, &diag);
	if (error < 0)
		(void)object_fault_set(
		    fault, error, "", "%s", diag_text(&diag));
	else
		error = answer_read(
		    buffer_slice(&text), &on, &out->arena, answer, fault);
	buffer_fini(&text);
	return error;
}

/* out_answer - take an object's answer and report it */
void
out_answer(struct out *out, struct handed *object, enum directory_place place,
    const char *file)
{
	const int *fd = out->app.directory.fd;
	struct object_fault fault = {0};
	char taken[OUT_NAME_MAX], name[OUT_NAME_MAX];
	struct answer answer;
	int error;

	out_own_name(taken, object->given.message, ".answer");
	if (place != DIRECTORY_OUT_TMP &&
	    (renameat(fd[place], file, fd[DIRECTORY_OUT_TMP], taken) < 0 ||
		FAULT_POINT("app-taken"))) {
		if (errno != ENOENT)
			out_unusable(out, strerror(errno));
		return;
	}
	arena_reset(&out->arena);
	error = read_answer(out, object, taken, &answer, &fault);
	if (error == ERR_NOMEM) {
		out_unusable(out, error_strerror(error));
		return;
	}
	if (error < 0) {
		out_refuse(out, DIRECTORY_OUT_TMP, taken, object->given.message,
		    "invalid", &fault);
		return;
	}
	/* An object that is answered must not be claimed any more. */
	out_name(name, object->given.message, ENTRY_JSON);
	(void)!unlinkat(fd[DIRECTORY_OUT_NEW], name, 0);
	if (fsync(fd[DIRECTORY_OUT_TMP]) < 0)
		out_unusable(out, strerror(errno));
	else
		handing_answer(&out->hand, object, &answer);
}
