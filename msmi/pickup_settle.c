/* SPDX-License-Identifier: ISC */
/*
 * pickup_settle.c - do what the answers of qmgr ask for
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
#include "msmi/pickup.h"

/* remove_file - remove a file that qmgr has; true if it is gone */
static bool
remove_file(struct pickup *pickup, const struct pickup_file *file)
{
	int p1 = pickup->msmi.postoffice.fd[PO_P1];
	struct stat st;

	/* Another file may lie there under the same name by now. */
	if (fstatat(p1, file->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT; /* else it may come back */
	if (st.st_ino != file->inode)
		return true;
	if (FAULT_POINT("in-remove"))
		return false;
	if (unlinkat(p1, file->name, 0) == 0 || errno == ENOENT)
		return !FAULT_POINT("in-removed");
	pickup_give_up(pickup, file, strerror(errno));
	return false;
}

/* settle_report - do what the answer to a report on a bad file asks for */
static void
settle_report(struct pickup *pickup, struct pickup_submission *s)
{
	bool reported = s->at_qmgr.result == IPC_SUBMIT_ACCEPTED ||
	    s->at_qmgr.result == IPC_SUBMIT_DUPLICATE;

	s->busy = false;
	if (s->at_qmgr.result == IPC_SUBMIT_UNAVAILABLE) {
		pickup_turned_away(pickup, s);
		return;
	}
	if (reported)
		LOG_EVENT(EVENT_MSMI_NDR,
		    LOG_STRING("postoffice", pickup->msmi.msmail->name),
		    LOG_STRING("file", s->file.name),
		    LOG_STRING("reason", s->why));
	if (s->purpose == PICKUP_NDR)
		(void)pickup_set_aside(pickup, &s->file, s->why,
		    reported ? PICKUP_TOLD : PICKUP_NOT_TOLD, NULL);
	else if (pickup_write_why(pickup, &s->file, s->aside, s->why,
		     reported ? PICKUP_TOLD : PICKUP_NOT_TOLD) == 0)
		pickup_forget(pickup, &s->file);
}

/* settle_file - do what the answer to a message asks for; true if its file was
 * removed */
static bool
settle_file(struct pickup *pickup, struct pickup_submission *s)
{
	char why[PICKUP_WHY_MAX];

	s->busy = false;
	if (s->at_qmgr.result == IPC_SUBMIT_UNAVAILABLE) {
		pickup_turned_away(pickup, s);
		return false;
	}
	if (s->at_qmgr.result == IPC_SUBMIT_REFUSED) {
		(void)snprintf(
		    why, sizeof(why), "refused: %s", s->at_qmgr.text);
		pickup_reject_again(pickup, s, why);
		return false;
	}
	pickup->backoff = 0;
	pickup->turned_away = 0;
	LOG_EVENT(EVENT_MSMI_TAKEN, LOG_INT("id", s->at_qmgr.message),
	    LOG_STRING("postoffice", pickup->msmi.msmail->name),
	    LOG_STRING("file", s->file.name), LOG_INT("size", s->file.size),
	    LOG_STRING("result",
		s->at_qmgr.result == IPC_SUBMIT_DUPLICATE ? "taken before"
							  : NULL));
	return remove_file(pickup, &s->file);
}

/* pickup_settle - do what the answers that have come ask for */
void
pickup_settle(struct pickup *pickup)
{
	struct pickup_file removed[LIMITS_FILES];
	size_t count = 0;

	for (size_t i = 0; i < LIMITS_FILES; i++) {
		struct pickup_submission *s = &pickup->submissions[i];

		if (!s->busy || s->at_qmgr.state != SUBMISSION_ANSWERED)
			continue;
		if (s->purpose != PICKUP_FILE)
			settle_report(pickup, s);
		else if (settle_file(pickup, s))
			removed[count++] = s->file;
	}
	if (count == 0)
		return;
	/* qmgr may forget a file only when it cannot come back. */
	if (FAULT_POINT("in-sync") ||
	    fsync(pickup->msmi.postoffice.fd[PO_P1]) < 0) {
		LOG_EVENT(EVENT_UNEXPECTED,
		    LOG_STRING("postoffice", pickup->msmi.msmail->name),
		    LOG_STRING("reason", strerror(errno)));
		return;
	}
	for (size_t i = 0; i < count; i++)
		pickup_forget(pickup, &removed[i]);
}
