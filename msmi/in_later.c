/* SPDX-License-Identifier: ISC */
/*
 * in_later.c - files that qmgr cannot take now wait, each for itself
 *
 * One that is too large for what is free, or whose link has its share, keeps
 * no other waiting: the next scan passes it over until its time has come.  When
 * as many in a row as may be outstanding were turned away it is all of them.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "msmi/in.h"

#define WAIT_FIRST 1000 /* ms; twice as long each time */
#define WAIT_MAX   60000

/* find - the entry of a file, or NULL */
static struct in_waiting *
find(struct in *in, const char *name, uint64_t inode)
{
	for (size_t i = 0; i < IN_WAITING_MAX; i++)
		if (in->waiting[i].file.inode == inode &&
		    strcmp(in->waiting[i].file.name, name) == 0)
			return &in->waiting[i];
	return NULL;
}

/* place - the entry that is due first, or was never used */
static struct in_waiting *
place(struct in *in)
{
	struct in_waiting *first = &in->waiting[0];

	for (size_t i = 1; i < IN_WAITING_MAX; i++)
		if (in->waiting[i].until < first->until)
			first = &in->waiting[i];
	return first;
}

/* longer - twice as long as before */
static uint64_t
longer(uint64_t wait)
{
	if (wait == 0)
		return WAIT_FIRST;
	return wait < WAIT_MAX / 2 ? wait * 2 : WAIT_MAX;
}

/* say - that a file waits */
static void
say(const struct in *in, const struct in_submission *s)
{
	char link[CONF_NAME_MAX + 16];

	snprintf(link, sizeof(link), "msmail/%s", in->msmi.msmail->name);
	LOG_EVENT(EVENT_MSMI_WAITS, LOG_STRING("link", link),
	    LOG_STRING("file", s->file.name), LOG_STRING("reason", s->text));
}

/* in_turned_away - qmgr cannot take a file for the time being */
void
in_turned_away(struct in *in, const struct in_submission *s)
{
	struct in_waiting *waiting = find(in, s->file.name, s->file.inode);

	if (waiting == NULL) {
		waiting = place(in);
		*waiting = (struct in_waiting){.file = s->file};
		if (in->turned_away == 0)
			say(in, s);
	}
	waiting->wait = longer(waiting->wait);
	waiting->until = clock_after(waiting->wait);
	if (++in->turned_away < IN_OUTSTANDING || in->unavailable)
		return;
	in->unavailable = true;
	in->backoff = longer(in->backoff);
}

/* in_waits - whether a file that was turned away waits still */
bool
in_waits(struct in *in, const char *name, uint64_t inode)
{
	const struct in_waiting *waiting = find(in, name, inode);

	return waiting != NULL && clock_remaining(waiting->until) > 0;
}

/* in_waiting_next - when the first of them has waited enough */
uint64_t
in_waiting_next(const struct in *in)
{
	uint64_t next = CLOCK_NEVER;

	for (size_t i = 0; i < IN_WAITING_MAX; i++)
		if (clock_remaining(in->waiting[i].until) > 0 &&
		    in->waiting[i].until < next)
			next = in->waiting[i].until;
	return next;
}
