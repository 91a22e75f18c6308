/* SPDX-License-Identifier: ISC */
/*
 * pickup_lock.c - locks of Microsoft Mail: NAME.0LK or STEM.0LK beside a file
 *
 * A lock that its owner left behind counts no more after LOCK_AGE.  Its age is
 * measured by our own clock from when it was first seen: the clock of a share
 * may be hours away, and our wall clock may be set by days at any moment.  A
 * worker that is started anew measures anew.
 */
#include <fcntl.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "msmi/pickup.h"

#define LOCK_AGE ((uint64_t)3600 * 1000) /* ms, by our own clock */
#define LOCK_SAY ((uint64_t)60 * 1000)	 /* ms until it is logged */
#define AHEAD	 ((int64_t)60)		 /* s beyond which a date is ahead */

/* find_lock - find the entry of a lock, made if it is new */
static struct pickup_lock *
find_lock(struct pickup *pickup, const char *name, const struct stat *st)
{
	struct pickup_lock *oldest = &pickup->locks[0];
	uint64_t hash = pickup_name_hash(name);

	for (size_t i = 0; i < PICKUP_LOCKS_MAX; i++) {
		struct pickup_lock *lock = &pickup->locks[i];

		if (lock->inode == st->st_ino &&
		    lock->modified == st->st_mtim.tv_sec &&
		    lock->name == hash) {
			lock->last = clock_monotonic();
			return lock;
		}
		if (lock->last < oldest->last)
			oldest = lock;
	}
	*oldest = (struct pickup_lock){.name = hash,
	    .inode = st->st_ino,
	    .modified = st->st_mtim.tv_sec,
	    .first = clock_monotonic(),
	    .last = clock_monotonic()};
	return oldest;
}

/* log_lock - log once that a file waits for a lock */
static void
log_lock(const struct pickup *pickup, struct pickup_lock *lock,
    const char *name, const char *file)
{
	char link[CONF_NAME_MAX + 16];

	if (lock->logged)
		return;
	lock->logged = true;
	(void)snprintf(
	    link, sizeof(link), "msmail/%s", pickup->msmi.msmail->name);
	LOG_EVENT(EVENT_MSMI_LOCKED, LOG_STRING("link", link),
	    LOG_STRING("file", file), LOG_STRING("lock", name),
	    LOG_INT("ahead_s", lock->modified - clock_wall() / 1000));
}

/* is_held - tell whether a lock still keeps others away */
static bool
is_held(struct pickup *pickup, const char *name, const char *file,
    const struct stat *st)
{
	struct pickup_lock *lock = find_lock(pickup, name, st);
	uint64_t age = clock_monotonic() - lock->first;
	int64_t dated = clock_wall() / 1000 - lock->modified;

	if (age >= LOCK_AGE)
		return false;
	if (age >= LOCK_SAY || dated < -AHEAD)
		log_lock(pickup, lock, name, file);
	return true;
}

/* pickup_locked - tell whether somebody holds a lock on a file */
bool
pickup_locked(struct pickup *pickup, const char *name)
{
	int p1 = pickup->msmi.postoffice.fd[PO_P1];
	const char *dot = strrchr(name, '.');
	char lock[PICKUP_NAME_MAX + 8];
	struct stat st;

	/* Gateways lock A.P1 by A.P1.0LK or by A.0LK: both count. */
	for (unsigned i = 0; i < 2; i++) {
		int len = i == 0 || dot == NULL ? (int)strlen(name)
						: (int)(dot - name);

		(void)snprintf(lock, sizeof(lock), "%.*s.0LK", len, name);
		if (fstatat(p1, lock, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    is_held(pickup, lock, name, &st))
			return true;
	}
	return false;
}
