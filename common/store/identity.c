/* SPDX-License-Identifier: ISC */
/*
 * identity.c - the file that says that there was a queue
 *
 * See store_options.  The file stands outside the queue's directory, so that it
 * outlives what takes the database away: a file system that is not mounted, a
 * restore that was forgotten, a hand.  It is made after the first commit, so
 * that a crash between the two leaves a queue without the file, and never the
 * file without a queue.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/state.h"

/* identity_lost - tell whether there was a database where there is none now */
int
identity_lost(const char *directory, const char *identity, struct diag *diag)
{
	struct stat st;

	/* No file, or one that cannot be seen: nothing says that a database was
	 * here. */
	if (identity == NULL || lstat(identity, &st) != 0)
		return 0;
	return diag_set(diag, ERR_CORRUPT,
	    "queue %s: the database is gone or empty, but %s says that there "
	    "was one: bring it back, or make an empty one by x4check --create",
	    directory, identity);
}

/* identity_make - write the file unless there is one */
int
identity_make(const char *identity, struct diag *diag)
{
	int fd, rc = 0;

	if (identity == NULL)
		return 0;
	/* Exclusive: an identity that is there already is older and stays. */
	fd = open(identity,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 && errno == EEXIST)
		return 0;
	if (fd < 0)
		return diag_set(
		    diag, ERR_IO, "%s: %s", identity, strerror(errno));
	/* Durable before mail is accepted, or a crash could leave a queue that
	 * may be forgotten unnoticed. */
	if (dprintf(fd, "fourpost queue, made at %lld\n",
		(long long)(clock_wall() / 1000)) < 0 ||
	    fsync(fd) != 0)
		rc =
		    diag_set(diag, ERR_IO, "%s: %s", identity, strerror(errno));
	if (close(fd) != 0 && rc == 0)
		rc =
		    diag_set(diag, ERR_IO, "%s: %s", identity, strerror(errno));
	return rc;
}
