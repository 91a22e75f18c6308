/* SPDX-License-Identifier: ISC */
/*
 * conf_lines.c - read a file that the configuration names, line by line
 */
#include "conf/conf_lines.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLANKS " \t\r\n"

/* open_plain - open a file that is nothing else */
static FILE *
open_plain(const char *path, struct diag *diag)
{
	/* A FIFO would have us wait for its writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	FILE *file;

	if (fd < 0 || fstat(fd, &st) < 0) {
		(void)diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return NULL;
	}
	file = S_ISREG(st.st_mode) ? fdopen(fd, "r") : NULL;
	if (file == NULL) {
		(void)diag_set(diag, ERR_IO, "%s: not a file", path);
		(void)close(fd);
	}
	return file;
}

/* take_line - give a line to fn, unless it says nothing */
static int
take_line(
    char *line, size_t len, conf_lines_fn *fn, void *context, struct diag *diag)
{
	if (strlen(line) != len)
		return diag_set(diag, ERR_SYNTAX, "an octet 0 is in it");
	while (len > 0 && strchr(BLANKS, line[len - 1]) != NULL)
		line[--len] = '\0';
	line += strspn(line, BLANKS);
	return *line == '\0' || *line == '#' ? 0 : fn(context, line, diag);
}

/* conf_lines_read - give all lines of a file to fn */
int
conf_lines_read(
    const char *path, conf_lines_fn *fn, void *context, struct diag *diag)
{
	FILE *file = open_plain(path, diag);
	unsigned number = 0;
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int r = 0;

	if (file == NULL)
		return ERR_IO;
	while (r == 0 && (len = getline(&line, &size, file)) >= 0) {
		number++;
		r = take_line(line, (size_t)len, fn, context, diag);
		if (r < 0)
			diag_prefix(diag, "%s:%u", path, number);
	}
	if (r == 0 && ferror(file))
		r = diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	free(line);
	(void)fclose(file);
	return r;
}
