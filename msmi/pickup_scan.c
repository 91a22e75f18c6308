/* SPDX-License-Identifier: ISC */
/*
 * pickup_scan.c - find the files of P1, oldest first
 *
 * A scan takes what it found; what comes meanwhile is for the next.  Names
 * that are hidden, temporary or locks of Microsoft Mail are nobody's message.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "msmi/pickup.h"

#define SCAN_SOON   PICKUP_SETTLE /* ms until a file may be whole */
#define ANSWER_WAIT 60000	  /* ms between looks at qmgr */

struct found {
	char name[PICKUP_NAME_MAX];
	struct timespec modified;
};

/* ends_in - tell whether a name has this ending, in any case */
static bool
ends_in(const char *name, const char *ending)
{
	size_t len = strlen(name), end = strlen(ending);

	return len >= end && strcasecmp(name + len - end, ending) == 0;
}

/* pickup_ignored - tell whether a name is of no message */
bool
pickup_ignored(const char *name)
{
	/* Names that senders use while they write, and those of locks. */
	return name[0] == '.' || ends_in(name, ".TMP") ||
	    ends_in(name, ".0LK") || strncasecmp(name, "LOCKP1ID.", 9) == 0 ||
	    strcasecmp(name, "POPULATE.MSM") == 0 ||
	    strlen(name) >= PICKUP_NAME_MAX;
}

/* is_outstanding - tell whether a file awaits its answer */
static bool
is_outstanding(const struct pickup *pickup, const char *name)
{
	/* An outstanding file is still there until its answer has come; to take
	 * it again would submit it twice. */
	for (size_t i = 0; i < LIMITS_FILES; i++) {
		if (pickup->submissions[i].busy &&
		    strcmp(pickup->submissions[i].file.name, name) == 0)
			return true;
	}
	return false;
}

/* older - compare by age, then by name */
static int
older(const void *left, const void *right)
{
	/* Senders expect order, and names break ties within one tick of the
	 * file system. */
	const struct found *a = left, *b = right;
	int order = clock_compare(&a->modified, &b->modified);

	return order != 0 ? order : strcmp(a->name, b->name);
}

/* list_files - list the files there are; *more if not all of them, *locks if
 * there is a lock of one */
static size_t
list_files(struct pickup *pickup, struct found *files, bool *more, bool *locks)
{
	int p1 = pickup->msmi.postoffice.fd[PO_P1];
	int fd = openat(p1, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	struct stat st;
	size_t count = 0;

	*more = *locks = false;
	if (dir == NULL) {
		LOG_EVENT(EVENT_UNEXPECTED,
		    LOG_STRING("postoffice", pickup->msmi.msmail->name),
		    LOG_STRING("reason", strerror(errno)));
		if (fd >= 0)
			close(fd);
		return 0;
	}
	pickup_seen_begin(pickup);
	while ((entry = readdir(dir)) != NULL) {
		if (ends_in(entry->d_name, ".0LK"))
			*locks = true;
		/* Files are looked at by lstat: a link must not lead out of the
		 * directory. */
		if (pickup_ignored(entry->d_name) ||
		    is_outstanding(pickup, entry->d_name) ||
		    fstatat(p1, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    pickup_waits(pickup, entry->d_name, st.st_ino))
			continue;
		/* Bounded, as the table of what was seen is; the rest follows
		 * with the next scan. */
		if (count == PICKUP_SCAN_MAX) {
			*more = true;
			break;
		}
		pickup_seen_note(pickup, entry->d_name, &st);
		(void)strlcpy(files[count].name, entry->d_name,
		    sizeof(files[count].name));
		files[count++].modified = st.st_mtim;
	}
	closedir(dir);
	pickup_seen_end(pickup);
	qsort(files, count, sizeof(*files), older);
	return count;
}

/* may_go_on - tell whether the next file may be taken */
static bool
may_go_on(const struct pickup *pickup)
{
	return !pickup->gone && !pickup->unavailable &&
	    !pickup->msmi.worker.stopping;
}

/* wait_for_free - wait until a submission is free; NULL: the worker stops */
static struct pickup_submission *
wait_for_free(struct pickup *pickup)
{
	struct pickup_submission *free_one;

	while (may_go_on(pickup) && (free_one = pickup_free(pickup)) == NULL) {
		if (pickup_wait(pickup, PICKUP_WAIT_QMGR,
			clock_after(ANSWER_WAIT)) == ERR_CLOSED)
			return NULL;
		pickup_settle(pickup);
	}
	return may_go_on(pickup) ? pickup_free(pickup) : NULL;
}

/* pickup_scan - take the files there are, oldest first */
void
pickup_scan(struct pickup *pickup)
{
	struct found *files = calloc(PICKUP_SCAN_MAX, sizeof(*files));
	struct pickup_submission *submission;
	bool more = false, later = false, locks;
	size_t count, gone = 0;

	pickup->next_scan = clock_after(PICKUP_INTERVAL);
	pickup->turned_away = 0;
	if (files == NULL)
		return;
	/* All names are listed before the first is taken: a directory that
	 * changes while it is read may show a name twice, or never. */
	count = list_files(pickup, files, &more, &locks);
	for (size_t i = 0; i < count; i++) {
		if (locks && pickup_locked(pickup, files[i].name)) {
			later = true;
			continue;
		}
		if ((submission = wait_for_free(pickup)) == NULL)
			break;
		if (pickup_take(pickup, submission, files[i].name) ==
		    PICKUP_LATER)
			later = true;
		else
			gone++;
		/* Answers that came meanwhile, without waiting for more. */
		if (pickup_wait(pickup, PICKUP_WAIT_QMGR, 0) == ERR_CLOSED)
			break;
		pickup_settle(pickup);
	}
	free(files);
	if (pickup->next_scan > pickup_waiting_next(pickup))
		pickup->next_scan = pickup_waiting_next(pickup);
	if (pickup->unavailable) {
		pickup->unavailable = false;
		pickup->next_scan = clock_after(pickup->backoff);
	} else if (more && gone > 0) {
		/* A full list means that more files wait: only if none could be
		 * taken is there a pause. */
		pickup->next_scan = 0;
	} else if (more || later) {
		pickup->next_scan = clock_after(SCAN_SOON);
	}
}
