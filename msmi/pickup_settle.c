/* SPDX-License-Identifier: ISC */
/*
 * pickup_settle.c - do what the answers of qmgr ask for
 *
 * accepted, duplicate: the file is qmgr's now, so remove it, after a report on
 * recipients that were left out.  refused: reject it.  unavailable: leave it
 * for later, longer each time.
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
	/* A file that cannot be removed would be submitted again with each
	 * scan. */
	pickup_give_up(pickup, file, strerror(errno));
	return false;
}

/* settle_part - do what the answer to a report on recipients asks for; true if
 * the file was removed */
static bool
settle_part(
    struct pickup *pickup, struct pickup_submission *s, enum pickup_told told)
{
	if (told == PICKUP_TOLD)
		return remove_file(pickup, &s->file);
	if (pickup_set_aside(pickup, &s->file, s->why, told, NULL))
		pickup_forget(pickup, &s->file);
	return false;
}

/* settle_report - do what the answer to a report on a bad file asks for; true
 * if the file was removed */
static bool
settle_report(struct pickup *pickup, struct pickup_submission *s)
{
	bool reported = s->at_qmgr.result == IPC_SUBMIT_ACCEPTED ||
	    s->at_qmgr.result == IPC_SUBMIT_DUPLICATE;
	enum pickup_told told = reported ? PICKUP_TOLD : PICKUP_NOT_TOLD;

	s->busy = false;
	/* qmgr is full, not the file bad: the report is made again later. */
	if (s->at_qmgr.result == IPC_SUBMIT_UNAVAILABLE) {
		pickup_turned_away(pickup, s);
		return false;
	}
	if (reported)
		LOG_EVENT(EVENT_MSMI_NDR,
		    LOG_STRING("postoffice", pickup->msmi.msmail->name),
		    LOG_STRING("file", s->file.name),
		    LOG_STRING("reason", s->why));
	if (s->purpose == PICKUP_PART_NDR)
		return settle_part(pickup, s, told);
	if (s->purpose == PICKUP_NDR)
		(void)pickup_set_aside(pickup, &s->file, s->why, told, NULL);
	else if (pickup_write_why(pickup, &s->file, s->aside, s->why, told) ==
	    0)
		pickup_forget(pickup, &s->file);
	return false;
}

/* report_part - have the sender of a file that qmgr has told of the recipients
 * that were left out */
static void
report_part(struct pickup *pickup, struct pickup_submission *s)
{
	int error =
	    FAULT_POINT("in-part") ? ERR_CLOSED : pickup_report_part(pickup, s);

	if (error == 0)
		return; /* the file is removed when qmgr has the report */
	if (s->busy)
		pickup_cancel(pickup, s);
	if (error != ERR_CLOSED && error != ERR_CANCELLED)
		(void)settle_part(pickup, s, PICKUP_NOT_TOLD);
}

/* settle_file - do what the answer to a message asks for; true if its file was
 * removed */
static bool
settle_file(struct pickup *pickup, struct pickup_submission *s)
{
	char why[PICKUP_WHY_MAX];

	s->busy = false;
	/* The file stays where it is, and is read again after a pause. */
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
							  : NULL),
	    LOG_STRING("left_out", s->left_out > 0 ? s->why : NULL));
	if (s->left_out > 0) {
		report_part(pickup, s);
		return false;
	}
	return remove_file(pickup, &s->file);
}

/* forget_file - tell qmgr that a file is gone, and of the report on it */
static void
forget_file(struct pickup *pickup, const struct pickup_submission *s)
{
	struct pickup_file report = pickup_report_file(&s->file);

	/* Both identities were given to qmgr, and each is remembered by
	 * itself. */
	pickup_forget(pickup, &s->file);
	if (s->purpose == PICKUP_PART_NDR)
		pickup_forget(pickup, &report);
}

/* pickup_settle - do what the answers that have come ask for */
void
pickup_settle(struct pickup *pickup)
{
	const struct pickup_submission *removed[LIMITS_FILES];
	size_t count = 0;

	/* All answers first, then one sync for all removals. */
	for (size_t i = 0; i < LIMITS_FILES; i++) {
		struct pickup_submission *s = &pickup->submissions[i];

		if (!s->busy || s->at_qmgr.state != SUBMISSION_ANSWERED)
			continue;
		if (s->purpose == PICKUP_FILE ? settle_file(pickup, s)
					      : settle_report(pickup, s))
			removed[count++] = s;
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
		forget_file(pickup, removed[i]);
}
