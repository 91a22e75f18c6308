/* SPDX-License-Identifier: ISC */
/*
 * reason.h - why a file of the program cannot be used, written beside it
 *
 * The reason is on the disk before the file moves, and gets its name when the
 * file has moved: a program that reads it may use the file's name again.
 */
#ifndef FOURPOST_APP_REASON_H
#define FOURPOST_APP_REASON_H

#include "app/app.h"
#include "json/object.h"

/*
 * reason_prepare - write error, pointer, line and text under a name of ours
 *
 * name is the reason as a word for programs ("invalid", "not-yours").  ERR_IO,
 * ERR_NOMEM
 */
int
reason_prepare(struct app *app, enum directory_place place, const char *stem,
    const char *name, const struct object_fault *fault) WARN_UNUSED;

/* reason_publish - name a reason STEM.error.json.  ERR_IO */
int reason_publish(
    struct app *app, enum directory_place place, const char *stem) WARN_UNUSED;

#endif
