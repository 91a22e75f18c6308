/* SPDX-License-Identifier: ISC */
/*
 * pickup_later.c - files that qmgr cannot take now wait, each for itself
 *
 * A file that is too large for what is free, or whose link has its share,
 * keeps no other waiting: the next scan passes it over until its time has
 * come.  When as many in a row as may be outstanding were turned away, qmgr
 * can take none, and the scan waits.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "msmi/pickup.h"

#define WAIT_FIRST 1000 /* ms; twice as long each time */
#define WAIT_MAX   60000

/* find_waiting - find the entry of a file, or NULL */
static struct pickup_waiting *
find_waiting(struct pickup *pickup, const char *name, uint64_t inode)
{
	uint64_t hash = pickup_name_hash(name);

	for (size_t i = 0; i < PICKUP_WAITING_MAX; i++)
		if (pickup->waiting[i].inode == inode &&
		    pickup->waiting[i].name == hash)
			return &pickup->waiting[i];
	return NULL;
}

/* choose_waiting - choose the entry that is due first, or was never used */
static struct pickup_waiting *
choose_waiting(struct pickup *pickup)
{
	struct pickup_waiting *first = &pickup->waiting[0];

	for (size_t i = 1; i < PICKUP_WAITING_MAX; i++)
		if (pickup->waiting[i].until < first->until)
			first = &pickup->waiting[i];
	return first;
}

/* double_wait - wait twice as long as before */
static uint64_t
double_wait(uint64_t wait)
{
	if (wait == 0)
		return WAIT_FIRST;
	return wait < WAIT_MAX / 2 ? wait * 2 : WAIT_MAX;
}

/* log_waiting - log that a file waits */
static void
log_waiting(const struct pickup *pickup, const struct pickup_submission *s)
{
	char link[CONF_NAME_MAX + 16];

	(void)snprintf(
	    link, sizeof(link), "msmail/%s", pickup->msmi.msmail->name);
	LOG_EVENT(EVENT_MSMI_WAITS, LOG_STRING("link", link),
	    LOG_STRING("file", s->file.name),
	    LOG_STRING("reason", s->at_qmgr.text));
}

/* pickup_turned_away - let a file wait that qmgr cannot take */
void
pickup_turned_away(struct pickup *pickup, const struct pickup_submission *s)
{
	struct pickup_waiting *waiting =
	    find_waiting(pickup, s->file.name, s->file.inode);

	if (waiting == NULL) {
		waiting = choose_waiting(pickup);
		*waiting = (struct pickup_waiting){
		    .name = pickup_name_hash(s->file.name),
		    .inode = s->file.inode};
		if (pickup->turned_away == 0)
			log_waiting(pickup, s);
	}
	waiting->wait = double_wait(waiting->wait);
	waiting->until = clock_after(waiting->wait);
	if (++pickup->turned_away < LIMITS_FILES || pickup->unavailable)
		return;
	pickup->unavailable = true;
	pickup->backoff = double_wait(pickup->backoff);
}

/* pickup_waits - tell whether a file that was turned away waits still */
bool
pickup_waits(struct pickup *pickup, const char *name, uint64_t inode)
{
	const struct pickup_waiting *waiting =
	    find_waiting(pickup, name, inode);

	return waiting != NULL && clock_remaining(waiting->until) > 0;
}

/* pickup_waiting_next - find when the first of them has waited enough */
uint64_t
pickup_waiting_next(const struct pickup *pickup)
{
	uint64_t next = CLOCK_NEVER;

	for (size_t i = 0; i < PICKUP_WAITING_MAX; i++)
		if (clock_remaining(pickup->waiting[i].until) > 0 &&
		    pickup->waiting[i].until < next)
			next = pickup->waiting[i].until;
	return next;
}
