/* SPDX-License-Identifier: ISC */
/*
 * send_file.h - the files that a command line names
 */
#ifndef FOURPOST_TOOLS_SEND_FILE_H
#define FOURPOST_TOOLS_SEND_FILE_H

#include <stdio.h>

#include "base/error.h"

#define SEND_FILES_MAX 64

struct send_files {
	FILE *file[SEND_FILES_MAX]; /* owned */
	size_t count;
};

/* send_file_open - open a file, or standard input for "-" or NULL, as the next
 * one.  ERR_LIMIT, ERR_IO, ERR_VALUE (no file) */
int send_file_open(
    struct send_files *files, const char *path, struct diag *diag) WARN_UNUSED;

/* send_file_name - write the name by which an object has file number i */
void send_file_name(char name[24], size_t i);

/* send_file_find - find a file by that name, or NULL */
FILE *send_file_find(const struct send_files *files, const char *name);

/* send_file_close - close all */
void send_file_close(struct send_files *files);

#endif
