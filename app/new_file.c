/* SPDX-License-Identifier: ISC */
/*
 * new_file.c - files of ours: written, on the disk, then given their names
 */
#include "app/new_file.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"

#define MAKE_FILE \
	(O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
/* Waited for in portions: one wait for a gigabyte could be longer than master
 * is ready to see no progress. */
#define SYNC_OCTETS ((uint64_t)32 * 1024 * 1024)
#define JSON_MAX    ((size_t)64 * 1024 * 1024) /* octets of an answer of ours */

/* new_file_init - begin with no file */
void
new_file_init(struct new_file *file)
{
	*file = (struct new_file){.fd = -1};
}

/* new_file_begin - make a file of this name */
int
new_file_begin(struct new_file *file, struct worker *worker, int directory,
    const char *name, mode_t mode, struct diag *diag)
{
	*file = (struct new_file){
	    .worker = worker, .directory = directory, .fd = -1};
	(void)strlcpy(file->name, name, sizeof(file->name));
	/* An earlier worker's file of this name is not whole; a link or FIFO
	 * that others put there goes without having been opened. */
	(void)!unlinkat(directory, name, 0);
	file->fd = openat(directory, name, MAKE_FILE, mode);
	if (file->fd < 0 || FAULT_POINT("app-create"))
		return diag_set(diag, ERR_IO, "%s: %s", name, strerror(errno));
	/* The program reads it as another user, whatever our umask says. */
	(void)!fchmod(file->fd, mode);
	return 0;
}

/* new_file_write - append octets */
int
new_file_write(struct new_file *file, struct slice octets)
{
	while (octets.len > 0) {
		ssize_t n = write(file->fd, octets.data, octets.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || FAULT_POINT("app-write"))
			return ERR_IO;
		file->length += (uint64_t)n;
		file->unsynced += (uint64_t)n;
		octets = slice_of(octets.data + n, octets.len - (size_t)n);
	}
	if (file->unsynced < SYNC_OCTETS)
		return 0;
	file->unsynced = 0;
	worker_tick(file->worker);
	return fdatasync(file->fd) < 0 ? ERR_IO : 0;
}

/* new_file_end - wait until it is on the disk, and close it */
int
new_file_end(struct new_file *file, struct diag *diag)
{
	int error = FAULT_POINT("app-sync") || fsync(file->fd) < 0 ? ERR_IO : 0;

	/* Some file systems tell of a full disk only here. */
	if (close(file->fd) < 0)
		error = ERR_IO;
	file->fd = -1;
	return error < 0
	    ? diag_set(diag, error, "%s: %s", file->name, strerror(errno))
	    : 0;
}

/* new_file_drop - remove a file that was begun */
void
new_file_drop(struct new_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	if (file->name[0] != '\0')
		(void)!unlinkat(file->directory, file->name, 0);
	new_file_init(file);
}

/* new_file_put - make a whole file of a text */
int
new_file_put(struct worker *worker, int directory, const char *name,
    mode_t mode, struct slice text, struct diag *diag)
{
	struct new_file file;
	int error = new_file_begin(&file, worker, directory, name, mode, diag);

	if (error == 0 && (error = new_file_write(&file, text)) < 0)
		(void)diag_set(diag, error, "%s: %s", name, strerror(errno));
	if (error == 0)
		error = new_file_end(&file, diag);
	if (error < 0)
		new_file_drop(&file);
	return error;
}

/* append_json - append octets of a text of JSON to a buffer, for jansson */
static int
append_json(const char *octets, size_t len, void *buffer)
{
	return buffer_append(buffer, octets, len);
}

/* new_file_put_json - make a whole file of an object, as one line */
int
new_file_put_json(struct worker *worker, int directory, const char *name,
    mode_t mode, const json_t *object, struct diag *diag)
{
	struct buffer line;
	int error = ERR_NOMEM;

	buffer_init(&line, JSON_MAX);
	if (object != NULL &&
	    json_dump_callback(object, append_json, &line, JSON_COMPACT) == 0)
		error = buffer_append(&line, "\n", 1);
	if (error == 0)
		error = new_file_put(
		    worker, directory, name, mode, buffer_slice(&line), diag);
	buffer_fini(&line);
	return error;
}
