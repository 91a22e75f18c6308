/* SPDX-License-Identifier: ISC */
/*
 * in_settle.c - do what the answers of qmgr ask for
 *
 * accepted, duplicate: the file is qmgr's now, so remove it.  refused: reject
 * it.  unavailable: leave it for later, longer each time.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "msmi/in.h"

/* remove_file - qmgr has it; true if it is gone */
static bool
remove_file(struct in *in, const struct in_file *file)
{
	int p1 = in->msmi.postoffice.fd[PO_P1];
	struct stat st;

	/* Somebody may have put another file there under the same name. */
	if (fstatat(p1, file->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT; /* else it may come back */
	if (st.st_ino != file->inode)
		return true;
	if (FAULT_POINT("in-remove"))
		return false;
	if (unlinkat(p1, file->name, 0) == 0 || errno == ENOENT)
		return !FAULT_POINT("in-removed");
	in_give_up(in, file, strerror(errno));
	return false;
}

/* settle_report - the report on a bad file was answered */
static void
settle_report(struct in *in, struct in_submission *s)
{
	bool reported = s->result == IPC_SUBMIT_ACCEPTED ||
	    s->result == IPC_SUBMIT_DUPLICATE;

	s->busy = false;
	if (s->result == IPC_SUBMIT_UNAVAILABLE) {
		in_turned_away(in, s);
		return;
	}
	if (reported)
		LOG_EVENT(EVENT_MSMI_NDR,
		    LOG_STRING("postoffice", in->msmi.msmail->name),
		    LOG_STRING("file", s->file.name),
		    LOG_STRING("reason", s->why));
	if (s->purpose == IN_NDR)
		(void)in_set_aside(in, &s->file, s->why,
		    reported ? IN_TOLD : IN_NOT_TOLD, NULL);
	else if (in_say_why(in, &s->file, s->aside, s->why,
		     reported ? IN_TOLD : IN_NOT_TOLD) == 0)
		in_forget(in, &s->file);
}

/* settle_file - the message of a file was answered; true if it was removed */
static bool
settle_file(struct in *in, struct in_submission *s)
{
	char why[IN_WHY_MAX];

	s->busy = false;
	if (s->result == IPC_SUBMIT_UNAVAILABLE) {
		in_turned_away(in, s);
		return false;
	}
	if (s->result == IPC_SUBMIT_REFUSED) {
		snprintf(why, sizeof(why), "refused: %s", s->text);
		in_reject_again(in, s, why);
		return false;
	}
	in->backoff = 0;
	in->turned_away = 0;
	LOG_EVENT(EVENT_MSMI_TAKEN, LOG_INT("id", s->message),
	    LOG_STRING("postoffice", in->msmi.msmail->name),
	    LOG_STRING("file", s->file.name), LOG_INT("size", s->file.size),
	    LOG_STRING("result",
		s->result == IPC_SUBMIT_DUPLICATE ? "taken before" : NULL));
	return remove_file(in, &s->file);
}

/* in_settle - do what the answers that have come ask for */
void
in_settle(struct in *in)
{
	struct in_file removed[IN_OUTSTANDING];
	size_t count = 0;

	for (size_t i = 0; i < IN_OUTSTANDING; i++) {
		struct in_submission *s = &in->submissions[i];

		if (!s->busy || !s->answered)
			continue;
		if (s->purpose != IN_FILE)
			settle_report(in, s);
		else if (settle_file(in, s))
			removed[count++] = s->file;
	}
	if (count == 0)
		return;
	/* qmgr may forget a file only when it cannot come back. */
	if (FAULT_POINT("in-sync") ||
	    fsync(in->msmi.postoffice.fd[PO_P1]) < 0) {
		LOG_EVENT(EVENT_UNEXPECTED,
		    LOG_STRING("postoffice", in->msmi.msmail->name),
		    LOG_STRING("reason", strerror(errno)));
		return;
	}
	for (size_t i = 0; i < count; i++)
		in_forget(in, &removed[i]);
}
