/* SPDX-License-Identifier: ISC */
/*
 * copy.c - copy the queue of a suite that runs
 *
 * qmgr hands over the descriptor of its file, and keeps the pages that were in
 * use when it was asked, until it hears "copied" (qmgr/copy.h). They are copied
 * into DIRECTORY.part, which becomes DIRECTORY when qmgr has confirmed that it
 * kept them, and the copy has been opened and marked.
 */
#include "tools/copy.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "store/snapshot.h"

#define CHUNK	 ((size_t)256 * 1024)
#define META_MAX ((size_t)2 * 65536)
#define DATA	 "data.mdb"

/* The facts that qmgr gave of the queue. */
struct source {
	uint64_t page, pages, messages;
	int64_t made;
	uint8_t meta[META_MAX];
	size_t meta_len;
};

/* system_error - note which call failed for a path */
static int
system_error(struct diag *diag, const char *path)
{
	int code = errno == ENOSPC || errno == EDQUOT ? ERR_FULL
	    : errno == EEXIST			      ? ERR_EXISTS
						      : ERR_IO;

	return diag_set(diag, code, "%s: %s", path, strerror(errno));
}

/* on_row - take what qmgr says of the queue */
static int
on_row(void *arg, const struct ipc_row *row)
{
	struct source *source = arg;

	for (size_t i = 0; i < row->field_count; i++) {
		const struct ipc_field *field = &row->fields[i];

		if (slice_equal_string(field->name, "page"))
			source->page = (uint64_t)field->number;
		else if (slice_equal_string(field->name, "pages"))
			source->pages = (uint64_t)field->number;
		else if (slice_equal_string(field->name, "messages"))
			source->messages = (uint64_t)field->number;
		else if (slice_equal_string(field->name, "made"))
			source->made = field->number;
		else if (slice_equal_string(field->name, "meta") &&
		    field->octets.len <= META_MAX) {
			memcpy(source->meta, field->octets.data,
			    field->octets.len);
			source->meta_len = field->octets.len;
		}
	}
	return 0;
}

/* ask - ask qmgr, and turn its refusal into an error */
static int
ask(struct client *client, const struct client_request *request,
    struct diag *diag)
{
	struct client_done done = {0};
	int error = client_request(client, request, &done, diag);

	if (error == 0 && done.status != EXIT_STATUS_DONE)
		error = diag_set(diag, ERR_DENIED, "%s", done.text);
	return error;
}

/* is_given_up - take what qmgr says without being asked: why it gave the copy
 * up */
static bool
is_given_up(struct client *client, struct diag *diag)
{
	struct pollfd fd = {.fd = client->channel.fd, .events = POLLIN};
	struct ipc_record record;

	if (poll(&fd, 1, 0) <= 0)
		return false;
	if (client_receive(client, &record, diag) == 0)
		(void)diag_set(diag, ERR_FULL, "the copy was given up: %.*s",
		    record.type == IPC_DONE ? (int)record.done.text.len : 0,
		    (const char *)record.done.text.data);
	return true;
}

/* is_empty - tell whether octets are all zero, and can be a hole */
static bool
is_empty(const uint8_t *octets, size_t len)
{
	return octets[0] == 0 && memcmp(octets, octets + 1, len - 1) == 0;
}

/* read_part - read up to len octets at an offset; 0: the file ends there */
static ssize_t
read_part(int fd, uint8_t *octets, size_t len, uint64_t at)
{
	ssize_t n;

	do
		n = pread(fd, octets, len, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n;
}

/* write_part - write octets at an offset, all of them */
static int
write_part(int fd, const uint8_t *octets, size_t len, uint64_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, octets, len, (off_t)at);

		if (n < 0 && errno != EINTR)
			return -1;
		n = n < 0 ? 0 : n;
		octets += n;
		len -= (size_t)n;
		at += (uint64_t)n;
	}
	return 0;
}

/* copy_pages - copy the pages behind the first ones from a file to another */
static int
copy_pages(struct client *client, const struct source *source, int from, int to,
    const char *path, struct diag *diag)
{
	static uint8_t chunk[CHUNK];
	uint64_t at = source->meta_len, end = source->page * source->pages;

	while (at < end) {
		size_t want = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
		ssize_t n = read_part(from, chunk, want, at);

		if (n < 0)
			return diag_set(
			    diag, ERR_IO, "the queue: %s", strerror(errno));
		/* Pages that hold nothing may be missing at the end
		 * (store/tail.c); qmgr, which has just looked at the others,
		 * does not live on a file that lacks one. */
		if (n == 0)
			break;
		/* A queue that was large once has pages that were never written
		 * by this file's owner; holes cost no room. */
		if (!is_empty(chunk, (size_t)n) &&
		    write_part(to, chunk, (size_t)n, at) != 0)
			return system_error(diag, path);
		at += (uint64_t)n;
		if (is_given_up(client, diag))
			return diag->code;
	}
	/* The first pages come last: without them the file is no queue. */
	if (ftruncate(to, (off_t)end) != 0 ||
	    write_part(to, source->meta, source->meta_len, 0) != 0 ||
	    fsync(to) != 0)
		return system_error(diag, path);
	return 0;
}

/* is_sound - tell whether what qmgr said can be of a queue */
static bool
is_sound(const struct source *source)
{
	return source->page >= 512 && source->page <= META_MAX / 2 &&
	    source->meta_len == STORE_SNAPSHOT_META * (size_t)source->page &&
	    source->pages >= STORE_SNAPSHOT_META &&
	    source->pages < INT64_MAX / source->page && source->made > 0;
}

/* begin - have qmgr begin: the descriptor of its file, or an error */
static int
begin(struct client *client, struct source *source, struct diag *diag)
{
	const struct client_request request = {
	    .command = "copy", .on_row = on_row, .arg = source};
	int error = ask(client, &request, diag), fd;

	if (error != 0)
		return error;
	fd = ipc_channel_take_fd(&client->channel);
	if (fd >= 0 && is_sound(source))
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return diag_set(diag, ERR_PROTOCOL, "qmgr did not say what to copy");
}

/* fill - copy the queue into a file of a directory that was made for it */
static int
fill(struct client *client, const char *part, const char *name, int from,
    const struct source *source, struct diag *diag)
{
	const struct client_request request = {
	    .command = "copied", .arguments = &name, .argument_count = 1};
	char path[PATH_MAX + 16];
	int error, to;

	(void)snprintf(path, sizeof(path), "%s/" DATA, part);
	to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to < 0)
		return system_error(diag, path);
	error = copy_pages(client, source, from, to, path, diag);
	if (close(to) != 0 && error == 0)
		error = system_error(diag, path);
	return error == 0 ? ask(client, &request, diag) : error;
}

/* remove_files - remove files of a directory */
static void
remove_files(const char *directory, const char *const *names, size_t count)
{
	char path[PATH_MAX + 16];

	for (size_t i = 0; i < count; i++) {
		(void)snprintf(
		    path, sizeof(path), "%s/%s", directory, names[i]);
		(void)unlink(path);
	}
}

/* sync_directory - make what was made or renamed in a directory durable */
static int
sync_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), error;

	if (fd < 0)
		return -1;
	error = fsync(fd);
	(void)close(fd);
	return error;
}

/* finish - mark the copy, and give it its name */
static int
finish(const char *part, const char *directory, int64_t made, struct diag *diag)
{
	/* Files that the opening of a queue leaves are not of the copy. */
	static const char *const extra[] = {"lock", "lock.mdb"};
	char above[PATH_MAX];
	char *slash;
	int error = store_copy_mark(part, made, diag);

	if (error != 0)
		return error;
	remove_files(part, extra, sizeof(extra) / sizeof(extra[0]));
	(void)strlcpy(above, directory, sizeof(above));
	slash = strrchr(above, '/');
	if (slash == NULL)
		(void)strlcpy(above, ".", sizeof(above));
	else
		slash[slash == above ? 1 : 0] = '\0';
	if (sync_directory(part) != 0 || rename(part, directory) != 0 ||
	    sync_directory(above) != 0)
		return system_error(diag, directory);
	return 0;
}

/* copy_queue - copy the queue into a new directory */
int
copy_queue(struct client *client, const char *directory,
    struct copy_result *result, struct diag *diag)
{
	static const char *const all[] = {DATA, "lock", "lock.mdb"};
	static struct source source;
	char part[PATH_MAX];
	struct stat st;
	int error, from;

	if ((size_t)snprintf(part, sizeof(part), "%s.part", directory) >=
	    sizeof(part) - sizeof(DATA))
		return diag_set(diag, ERR_LIMIT, "%s: too long", directory);
	/* qmgr first: who may not copy is told that. */
	from = begin(client, &source, diag);
	if (from < 0)
		return from;
	errno = EEXIST;
	/* The copy is of mail: for its owner alone. */
	if (lstat(directory, &st) == 0)
		error = system_error(diag, directory);
	else if (mkdir(part, 0700) != 0)
		error = system_error(diag, part);
	else {
		error = fill(client, part, directory, from, &source, diag);
		if (error == 0)
			error = finish(part, directory, source.made, diag);
		if (error != 0) {
			remove_files(part, all, sizeof(all) / sizeof(all[0]));
			(void)rmdir(part);
		}
	}
	(void)close(from);
	if (error != 0)
		return error;
	result->messages = source.messages;
	result->octets = source.page * source.pages;
	return 0;
}
