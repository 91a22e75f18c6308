/* SPDX-License-Identifier: ISC */
/*
 * new_file.h - files of ours: written under a name that begins with a dot, on
 * the disk, then given their names
 *
 *	new_file_begin, new_file_write ..., new_file_end; renameat
 */
#ifndef FOURPOST_APP_NEW_FILE_H
#define FOURPOST_APP_NEW_FILE_H

#include <sys/types.h>

#include <jansson.h>

#include "base/buffer.h"
#include "worker/worker.h"

#define NEW_FILE_NAME_MAX 192

struct new_file {
	struct worker *worker; /* borrowed */
	int directory;
	int fd; /* -1: none is open */
	char name[NEW_FILE_NAME_MAX];
	uint64_t length;
	uint64_t unsynced; /* octets written since the disk was waited for */
};

/* new_file_init - begin with no file */
void new_file_init(struct new_file *file);

/* new_file_begin - make a file of this name; what bore it goes.  ERR_IO */
int new_file_begin(struct new_file *file, struct worker *worker, int directory,
    const char *name, mode_t mode, struct diag *diag) WARN_UNUSED;

/* new_file_write - append octets.  ERR_IO */
int new_file_write(struct new_file *file, struct slice octets) WARN_UNUSED;

/* new_file_end - wait until it is on the disk, and close it.  ERR_IO */
int new_file_end(struct new_file *file, struct diag *diag) WARN_UNUSED;

/* new_file_drop - remove a file that was begun, if there is one */
void new_file_drop(struct new_file *file);

/* new_file_put - make a whole file of a text.  ERR_IO */
int new_file_put(struct worker *worker, int directory, const char *name,
    mode_t mode, struct slice text, struct diag *diag) WARN_UNUSED;

/* new_file_put_json - make a whole file of an object, as one line.  ERR_IO,
 * ERR_NOMEM (object is NULL, too) */
int new_file_put_json(struct worker *worker, int directory, const char *name,
    mode_t mode, const json_t *object, struct diag *diag) WARN_UNUSED;

#endif
