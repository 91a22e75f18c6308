/* SPDX-License-Identifier: ISC */
/*
 * send_file.c - the files that a command line names
 */
#include "tools/send_file.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 16384

/* spool - make standard input a file that can be read twice */
static FILE *
spool(void)
{
	FILE *file = tmpfile();
	char piece[PIECE];
	size_t n;

	if (file == NULL)
		return NULL;
	/* Read twice: lengths in the envelope come before the content. */
	while ((n = fread(piece, 1, sizeof(piece), stdin)) > 0)
		if (fwrite(piece, 1, n, file) != n)
			goto fail;
	if (ferror(stdin) == 0 && fflush(file) == 0)
		return file;
fail:
	fclose(file);
	return NULL;
}

/* send_file_open - open a file, or standard input */
int
send_file_open(struct send_files *files, const char *path, struct diag *diag)
{
	bool input = path == NULL || strcmp(path, "-") == 0;
	const char *name = input ? "standard input" : path;
	struct stat status;
	FILE *file;

	if (files->count == SEND_FILES_MAX)
		return diag_set(
		    diag, ERR_LIMIT, "more than %d files", SEND_FILES_MAX);
	file = input ? spool() : fopen(path, "re");
	if (file == NULL)
		return diag_set(diag, ERR_IO, "%s: %s", name, strerror(errno));
	/* A FIFO cannot be read twice, and a device has no size. */
	if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode)) {
		fclose(file);
		return diag_set(diag, ERR_VALUE, "%s: not a file", name);
	}
	files->file[files->count++] = file;
	return 0;
}

/* send_file_name - write the name by which an object has a file */
void
send_file_name(char name[24], size_t i)
{
	(void)snprintf(name, 24, "%zu", i + 1);
}

/* send_file_find - find a file by its name */
FILE *
send_file_find(const struct send_files *files, const char *name)
{
	unsigned long number = strtoul(name, NULL, 10);

	return number == 0 || number > files->count ? NULL
						    : files->file[number - 1];
}

/* send_file_close - close all */
void
send_file_close(struct send_files *files)
{
	while (files->count > 0)
		fclose(files->file[--files->count]);
}
