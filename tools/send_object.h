/* SPDX-License-Identifier: ISC */
/*
 * send_object.h - make what x4send submits out of the one JSON form
 *
 * The object is one of --json, or is composed of options (compose.h).  The
 * files that it names are looked for beside the file of the object, or in the
 * working directory if that is standard input; those of options are open
 * already.
 */
#ifndef FOURPOST_TOOLS_SEND_OBJECT_H
#define FOURPOST_TOOLS_SEND_OBJECT_H

#include <stdio.h>

#include "conf/conf.h"
#include "json/object_content.h"
#include "tools/send_file.h"

struct send_object {
	struct arena arena;
	struct buffer text; /* JSON */
	struct object object;
	struct object_content *content;
	struct buffer encoded;		/* the envelope */
	int directory;			/* of the files; -1: none */
	const struct send_files *files; /* instead of a directory; or NULL */
	FILE *file;			/* that is being read, or NULL */
	size_t part;			/* whose file it is */
	uint64_t offset;		/* in it */
};

/*
 * send_object_open - read an object from a file, or "-", and encode its
 * envelope
 *
 * ERR_VALUE with what is wrong: file, line, pointer and reason.
 */
int send_object_open(struct send_object *object, const char *path,
    const struct conf *conf, struct diag *diag) WARN_UNUSED;

/*
 * send_object_make - likewise, of the text of an object whose files are those
 * of a command line, which must outlive it
 *
 * ERR_VALUE with what is wrong: pointer and reason.
 */
int send_object_make(struct send_object *object, struct slice text,
    const struct send_files *files, const struct conf *conf,
    struct diag *diag) WARN_UNUSED;

/* send_object_read - read the next octets of the content into room: how many,
 * 0 at its end, or an error */
int64_t send_object_read(struct send_object *object, uint8_t *room, size_t size,
    struct diag *diag) WARN_UNUSED;

/* send_object_close - close the files, free all */
void send_object_close(struct send_object *object);

#endif
