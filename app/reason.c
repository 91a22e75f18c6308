/* SPDX-License-Identifier: ISC */
/*
 * reason.c - why a file of the program cannot be used, written beside it
 */
#include "app/reason.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/new_file.h"

/* make_reason - make the object, or NULL */
static json_t *
make_reason(const char *name, const struct object_fault *fault)
{
	json_t *object = json_pack("{s:s, s:s, s:s}", "error", name, "pointer",
	    fault->pointer, "text", fault->text);

	if (object != NULL && fault->line > 0)
		(void)json_object_set_new(
		    object, "line", json_integer(fault->line));
	return object;
}

/* name_reason - compose the name of a reason, and that of ours before */
static void
name_reason(char file[NEW_FILE_NAME_MAX - 1], char own[NEW_FILE_NAME_MAX],
    const char *stem)
{
	(void)snprintf(file, NEW_FILE_NAME_MAX - 1, "%.160s.error.json", stem);
	(void)snprintf(own, NEW_FILE_NAME_MAX, ".%s", file);
}

/* reason_prepare - write a reason under a name of ours */
int
reason_prepare(struct app *app, enum directory_place place, const char *stem,
    const char *name, const struct object_fault *fault)
{
	char file[NEW_FILE_NAME_MAX - 1], own[NEW_FILE_NAME_MAX];
	json_t *reason = make_reason(name, fault);
	int error;

	name_reason(file, own, stem);
	error = new_file_put_json(&app->worker, app->directory.fd[place], own,
	    directory_mode(&app->directory), reason, NULL);
	json_decref(reason);
	return error;
}

/* reason_publish - name a reason STEM.error.json */
int
reason_publish(struct app *app, enum directory_place place, const char *stem)
{
	int directory = app->directory.fd[place];
	char file[NEW_FILE_NAME_MAX - 1], own[NEW_FILE_NAME_MAX];

	name_reason(file, own, stem);
	return renameat(directory, own, directory, file) < 0 ||
		fsync(directory) < 0
	    ? ERR_IO
	    : 0;
}
