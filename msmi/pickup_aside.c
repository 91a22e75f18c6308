/* SPDX-License-Identifier: ISC */
/*
 * pickup_aside.c - set a file aside: BAD/NAME, and BAD/NAME.why beside it
 *
 * A name that is taken in BAD gets a number: NAME.1, NAME.2 ...  The reason
 * is written first, so that no file lies there without one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/fault.h"
#include "base/log.h"
#include "msmi/pickup.h"

#define TRIES_MAX 10000

/* is_there - tell whether BAD has this name */
static bool
is_there(const struct pickup *pickup, const char *name)
{
	struct stat st;

	return fstatat(pickup->msmi.postoffice.fd[PO_BAD], name, &st,
		   AT_SYMLINK_NOFOLLOW) == 0;
}

/* choose_name - choose a name that BAD does not have */
static bool
choose_name(const struct pickup *pickup, const char *name,
    char free_name[PICKUP_NAME_MAX])
{
	/* Room for a number and ".why" in what a directory takes. */
	(void)snprintf(free_name, PICKUP_NAME_MAX, "%.240s", name);
	for (unsigned i = 1; i < TRIES_MAX; i++) {
		if (!is_there(pickup, free_name))
			return true;
		(void)snprintf(
		    free_name, PICKUP_NAME_MAX, "%.240s.%u", name, i);
	}
	return false;
}

/* pickup_write_why - write NAME.why: what, why, when, which event */
int
pickup_write_why(const struct pickup *pickup, const struct pickup_file *file,
    const char *name, const char *why, enum pickup_told told)
{
	static const char *const known[] = {
	    [PICKUP_NOT_TOLD] = "could not be told",
	    [PICKUP_TOLD] = "was sent a non-delivery report",
	    [PICKUP_TO_BE_TOLD] = "is told if the beginning can be read"};
	char path[PICKUP_NAME_MAX + 8], when[CALENDAR_TEXT_MAX], text[2600];
	char shown[4 * PICKUP_NAME_MAX];
	int fd, len;
	bool written;

	/* A name is its writer's own, and may have line ends in it. */
	(void)escape_text(shown, sizeof(shown), slice_of_string(file->name));

	(void)snprintf(path, sizeof(path), "%s.why", name);
	len = snprintf(text, sizeof(text),
	    "file: P1/%s\nsize: %llu\nreason: %s\ntime: %s\nevent: %d\n"
	    "sender: %s\n",
	    shown, (unsigned long long)file->size, why,
	    calendar_format(clock_wall() / 1000, when),
	    event_number(EVENT_MSMI_REFUSED), known[told]);
	/* An earlier reason of ours is replaced; others' links and FIFOs go
	 * without having been opened. */
	(void)!unlinkat(pickup->msmi.postoffice.fd[PO_BAD], path, 0);
	fd = openat(pickup->msmi.postoffice.fd[PO_BAD], path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
	    0640);
	if (fd < 0)
		return ERR_IO;
	written = write(fd, text, (size_t)len) == len && fsync(fd) == 0;
	if (close(fd) != 0 || !written)
		return ERR_IO;
	return 0;
}

/* undo_why - remove the reason of a file that did not move, and give the file
 * up unless it is gone */
static void
undo_why(
    struct pickup *pickup, const struct pickup_file *file, const char *name)
{
	int error = errno;
	char path[PICKUP_NAME_MAX + 8];

	(void)snprintf(path, sizeof(path), "%s.why", name);
	(void)!unlinkat(pickup->msmi.postoffice.fd[PO_BAD], path, 0);
	if (error != ENOENT)
		pickup_give_up(pickup, file, strerror(error));
}

/* pickup_set_aside - move a file to BAD, its reason beside it */
bool
pickup_set_aside(struct pickup *pickup, const struct pickup_file *file,
    const char *why, enum pickup_told told, char aside[PICKUP_NAME_MAX])
{
	int p1 = pickup->msmi.postoffice.fd[PO_P1];
	int bad = pickup->msmi.postoffice.fd[PO_BAD];
	char name[PICKUP_NAME_MAX];

	if (!choose_name(pickup, file->name, name)) {
		pickup_give_up(pickup, file, "BAD has too many of this name");
		return false;
	}
	if (FAULT_POINT("in-aside") ||
	    pickup_write_why(pickup, file, name, why, told) < 0 ||
	    FAULT_POINT("in-why") || renameat(p1, file->name, bad, name) < 0) {
		undo_why(pickup, file, name);
		return false;
	}
	if (FAULT_POINT("in-moved"))
		return false;
	if (fsync(bad) < 0 || fsync(p1) < 0)
		LOG_EVENT(EVENT_UNEXPECTED,
		    LOG_STRING("postoffice", pickup->msmi.msmail->name),
		    LOG_STRING("reason", strerror(errno)));
	LOG_EVENT(EVENT_MSMI_REFUSED,
	    LOG_STRING("postoffice", pickup->msmi.msmail->name),
	    LOG_STRING("file", file->name), LOG_INT("size", file->size),
	    LOG_STRING("aside", name), LOG_STRING("reason", why));
	pickup->state.set_aside = true;
	if (told == PICKUP_TOLD)
		pickup_forget(pickup, file);
	if (aside != NULL)
		(void)strlcpy(aside, name, PICKUP_NAME_MAX);
	return true;
}
