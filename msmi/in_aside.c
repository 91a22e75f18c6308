/* SPDX-License-Identifier: ISC */
/*
 * in_aside.c - set a file aside: BAD/NAME, and BAD/NAME.why beside it
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
#include "msmi/in.h"

#define TRIES_MAX 10000

/* is_there - whether BAD has this name */
static bool
is_there(const struct in *in, const char *name)
{
	struct stat st;

	return fstatat(in->msmi.postoffice.fd[PO_BAD], name, &st,
		   AT_SYMLINK_NOFOLLOW) == 0;
}

/* choose - a name that BAD does not have */
static bool
choose(const struct in *in, const char *name, char free_name[IN_NAME_MAX])
{
	/* Room for a number and ".why" in what a directory takes. */
	(void)snprintf(free_name, IN_NAME_MAX, "%.240s", name);
	for (unsigned i = 1; i < TRIES_MAX; i++) {
		if (!is_there(in, free_name))
			return true;
		(void)snprintf(free_name, IN_NAME_MAX, "%.240s.%u", name, i);
	}
	return false;
}

/* in_say_why - NAME.why: what, why, when, which event */
int
in_say_why(const struct in *in, const struct in_file *file, const char *name,
    const char *why, enum in_told told)
{
	static const char *const known[] = {[IN_NOT_TOLD] = "could not be told",
	    [IN_TOLD] = "was sent a non-delivery report",
	    [IN_TO_BE_TOLD] = "is told if the beginning can be read"};
	char path[IN_NAME_MAX + 8], when[CALENDAR_TEXT_MAX], text[2600];
	char shown[4 * IN_NAME_MAX];
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
	(void)!unlinkat(in->msmi.postoffice.fd[PO_BAD], path, 0);
	fd = openat(in->msmi.postoffice.fd[PO_BAD], path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
	    0640);
	if (fd < 0)
		return ERR_IO;
	written = write(fd, text, (size_t)len) == len && fsync(fd) == 0;
	if (close(fd) != 0 || !written)
		return ERR_IO;
	return 0;
}

/* cannot_move - a reason without its file says nothing; a file that is gone
 * needs none */
static void
cannot_move(struct in *in, const struct in_file *file, const char *name)
{
	int error = errno;
	char path[IN_NAME_MAX + 8];

	(void)snprintf(path, sizeof(path), "%s.why", name);
	(void)!unlinkat(in->msmi.postoffice.fd[PO_BAD], path, 0);
	if (error != ENOENT)
		in_give_up(in, file, strerror(error));
}

/* in_set_aside - move a file to BAD, its reason beside it */
bool
in_set_aside(struct in *in, const struct in_file *file, const char *why,
    enum in_told told, char aside[IN_NAME_MAX])
{
	int p1 = in->msmi.postoffice.fd[PO_P1];
	int bad = in->msmi.postoffice.fd[PO_BAD];
	char name[IN_NAME_MAX];

	if (!choose(in, file->name, name)) {
		in_give_up(in, file, "BAD has too many of this name");
		return false;
	}
	if (FAULT_POINT("in-aside") ||
	    in_say_why(in, file, name, why, told) < 0 ||
	    FAULT_POINT("in-why") || renameat(p1, file->name, bad, name) < 0) {
		cannot_move(in, file, name);
		return false;
	}
	if (FAULT_POINT("in-moved"))
		return false;
	if (fsync(bad) < 0 || fsync(p1) < 0)
		LOG_EVENT(EVENT_UNEXPECTED,
		    LOG_STRING("postoffice", in->msmi.msmail->name),
		    LOG_STRING("reason", strerror(errno)));
	LOG_EVENT(EVENT_MSMI_REFUSED,
	    LOG_STRING("postoffice", in->msmi.msmail->name),
	    LOG_STRING("file", file->name), LOG_INT("size", file->size),
	    LOG_STRING("aside", name), LOG_STRING("reason", why));
	if (told == IN_TOLD)
		in_forget(in, file);
	if (aside != NULL)
		(void)strlcpy(aside, name, IN_NAME_MAX);
	return true;
}

/* in_give_up - a file that can be neither taken nor moved is left alone */
void
in_give_up(struct in *in, const struct in_file *file, const char *why)
{
	LOG_EVENT(EVENT_MSMI_REFUSED,
	    LOG_STRING("postoffice", in->msmi.msmail->name),
	    LOG_STRING("file", file->name),
	    LOG_STRING("reason", "left in P1, it cannot be moved"),
	    LOG_STRING("system", why));
	in->given_up[in->given_up_next] = *file;
	in->given_up_next = (in->given_up_next + 1) % IN_GIVEN_UP_MAX;
	if (in->given_up_count < IN_GIVEN_UP_MAX)
		in->given_up_count++;
}

/* in_given_up - whether a file is one of these, unchanged */
bool
in_given_up(const struct in *in, const struct in_file *file)
{
	for (size_t i = 0; i < in->given_up_count; i++) {
		const struct in_file *f = &in->given_up[i];

		if (f->inode == file->inode && f->ctime == file->ctime &&
		    strcmp(f->name, file->name) == 0)
			return true;
	}
	return false;
}
