/* SPDX-License-Identifier: ISC */
/*
 * out_file.c - files of OUT: whole or not there
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "msmi/out.h"

#define BUFFER_MAX  (64 * 1024)
#define NAMES_MAX   1000
#define SYNC_OCTETS ((uint64_t)32 * 1024 * 1024)

/* out_file_begin - create a file under a temporary name */
int
out_file_begin(
    struct out *out, struct out_file *file, const char *name, struct diag *diag)
{
	int dir = out->msmi.postoffice.fd[PO_OUT], fd;

	/* A file of this name was never noted, so it is of no job.  Remove it
	 * rather than open it: others may have put a FIFO or a link there. */
	(void)!unlinkat(dir, name, 0);
	fd = openat(dir, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
	    0660);
	if (fd < 0 || FAULT_POINT("out-create")) {
		if (fd >= 0)
			close(fd);
		return diag_set(
		    diag, ERR_IO, "OUT/%s: %s", name, strerror(errno));
	}
	/* The postoffice reads it as another user, whatever our umask says. */
	(void)!fchmod(fd, 0660);
	file->fd = fd;
	file->at = 0;
	file->unsynced = 0;
	file->worker = &out->msmi.worker;
	buffer_init(&file->buffer, BUFFER_MAX);
	return 0;
}

/* out_file_write_all - write octets at an offset */
static int
out_file_write_all(int fd, struct slice octets, uint64_t offset)
{
	while (octets.len > 0) {
		/* Written at its offset, since text and attachments are written
		 * side by side. */
		ssize_t n = pwrite(fd, octets.data, octets.len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || FAULT_POINT("out-write"))
			return ERR_IO;
		offset += (uint64_t)n;
		octets = slice_of(octets.data + n, octets.len - (size_t)n);
	}
	return 0;
}

/*
 * written - have octets go to the disk now and then
 *
 * Waited for in portions: one wait for a gigabyte could be longer than master
 * is ready to see no progress.
 */
static int
written(struct out_file *file, size_t len)
{
	file->unsynced += len;
	/* A large file is synced as it grows: one sync at the end could last
	 * longer than the watchdog waits. */
	if (file->unsynced < SYNC_OCTETS)
		return 0;
	file->unsynced = 0;
	worker_tick(file->worker);
	return fdatasync(file->fd) < 0 ? ERR_IO : 0;
}

/* flush - write what was gathered */
static int
flush(struct out_file *file)
{
	struct slice gathered = buffer_slice(&file->buffer);
	int error = out_file_write_all(file->fd, gathered, file->at);

	file->at += gathered.len;
	buffer_reset(&file->buffer);
	return error < 0 ? error : written(file, gathered.len);
}

/* out_file_write - write octets at an offset, gathered where they follow */
int
out_file_write(void *arg, uint64_t offset, struct slice octets)
{
	struct out_file *file = arg;
	int error;

	if (offset != file->at + buffer_length(&file->buffer) ||
	    octets.len > BUFFER_MAX - buffer_length(&file->buffer)) {
		if ((error = flush(file)) < 0)
			return error;
		file->at = offset;
	}
	/* A piece as large as the buffer would only be copied. */
	if (octets.len < BUFFER_MAX)
		return buffer_append(&file->buffer, octets.data, octets.len);
	error = out_file_write_all(file->fd, octets, offset);
	file->at = offset + octets.len;
	return error < 0 ? error : written(file, octets.len);
}

/* out_file_end - have everything on the disk but the name */
int
out_file_end(struct out *out, struct out_file *file, struct diag *diag)
{
	int error = flush(file);

	(void)out;
	/* Data first, name later: a name must never show a file whose octets
	 * are not on the disk. */
	if (error == 0 && (FAULT_POINT("out-sync") || fsync(file->fd) < 0))
		error = ERR_IO;
	if (error < 0)
		return diag_set(diag, error, "%s", strerror(errno));
	buffer_fini(&file->buffer);
	/* Some file systems of the network tell of a full disk only here. */
	if (close(file->fd) < 0)
		error = diag_set(diag, ERR_IO, "%s", strerror(errno));
	file->fd = -1;
	return error;
}

/* out_file_drop - remove a file that was begun */
void
out_file_drop(struct out *out, struct out_file *file, const char *name)
{
	if (file->fd >= 0) {
		buffer_fini(&file->buffer);
		close(file->fd);
	}
	file->fd = -1;
	(void)!unlinkat(out->msmi.postoffice.fd[PO_OUT], name, 0);
}

/* out_file_name - give a temporary file its name, which none has */
int
out_file_name(struct out *out, struct out_job *job, struct diag *diag)
{
	int dir = out->msmi.postoffice.fd[PO_OUT];

	/* An id may come again after a new queue was made. */
	for (unsigned i = 1; i < NAMES_MAX; i++) {
		if (i == 1)
			(void)snprintf(job->name, sizeof(job->name),
			    "%08llX.P1",
			    (unsigned long long)job->given.message);
		else
			(void)snprintf(job->name, sizeof(job->name),
			    "%08llX-%u.P1",
			    (unsigned long long)job->given.message, i);
		if (renameat2(dir, job->temporary, dir, job->name,
			RENAME_NOREPLACE) == 0)
			return 0;
		if (errno == EEXIST)
			continue;
		/* A file system without that: look, then rename. */
		if (errno == EINVAL || errno == ENOSYS) {
			struct stat st;

			if (fstatat(dir, job->name, &st, AT_SYMLINK_NOFOLLOW) ==
			    0)
				continue;
			if (renameat(dir, job->temporary, dir, job->name) == 0)
				return 0;
		}
		break;
	}
	return diag_set(diag, ERR_IO, "OUT/%s: %s", job->name, strerror(errno));
}
