/* SPDX-License-Identifier: ISC */
/*
 * fold.c - events whose number others decide on are said at once, then counted
 */
#include "base/clock.h"
#include "base/fold.h"

#include <string.h>

/* less_needed - compare two entries: whether a is to be replaced before b */
static bool
less_needed(const struct fold_who *a, const struct fold_who *b)
{
	if (a->used != b->used)
		return !a->used;
	return a->count != b->count ? a->count < b->count : a->seen < b->seen;
}

/* find_who - find the entry of a name, or make one in the place of another */
static struct fold_who *
find_who(struct fold *fold, const char *name)
{
	struct fold_who *who, *least = &fold->who[0];
	uint64_t inherited;

	for (unsigned i = 0; i < FOLD_WHOS; i++) {
		who = &fold->who[i];
		if (who->used &&
		    strncmp(who->name, name, FOLD_WHO_MAX - 1) == 0)
			return who;
		if (less_needed(who, least))
			least = who;
	}
	/* The count is inherited, so that a name which comes often is never
	 * pushed out by many that come once (Metwally, Agrawal, El Abbadi:
	 * Space-Saving). */
	inherited = least->count;
	*least = (struct fold_who){
	    .used = true, .count = inherited, .inherited = inherited};
	(void)strlcpy(least->name, name, sizeof(least->name));
	return least;
}

/* find_detail - find the place of a detail that was said, or -1 */
static int
find_detail(const struct fold_who *who, uint32_t hash)
{
	for (int i = 0; i < FOLD_DETAILS; i++)
		if (who->detail[i].said != 0 && who->detail[i].hash == hash)
			return i;
	return -1;
}

/* note_detail - remember that a detail was said, in the place of the one that
 * was said longest ago */
static void
note_detail(struct fold_who *who, int place, uint32_t hash, uint64_t now)
{
	if (place < 0) {
		place = 0;
		for (int i = 1; i < FOLD_DETAILS; i++)
			if (who->detail[i].said < who->detail[place].said)
				place = i;
	}
	who->detail[place].hash = hash;
	who->detail[place].said = now;
	who->detail[place].more = 0;
}

/* has_room - tell whether a minute may have one more line; begin the next
 * one */
static bool
has_room(uint64_t *window, unsigned *lines, unsigned most, uint64_t now)
{
	if (now - *window >= FOLD_MINUTE || *window == 0) {
		*window = now;
		*lines = 0;
	}
	return *lines < most;
}

/* count - count an event that is not said */
static void
count(struct fold *fold, struct fold_who *who, uint64_t now)
{
	bool goes_on = fold->told != 0 && now - fold->told < 2 * FOLD_MINUTE;

	who->count++;
	if (fold->count++ != 0)
		return;
	fold->since = now;
	fold->pause = goes_on ? 2 * fold->pause : FOLD_MINUTE;
	if (fold->pause > FOLD_HOUR)
		fold->pause = FOLD_HOUR;
}

/* fold_say - note an event: whether it is to be said */
bool
fold_say(struct fold *fold, const struct fold_rule *rule, const char *name,
    uint32_t hash, uint64_t now, uint64_t *before)
{
	struct fold_who *who = find_who(fold, name);
	int known = find_detail(who, hash);

	who->seen = now;
	if ((known >= 0 && now - who->detail[known].said < rule->pause) ||
	    !has_room(&who->window, &who->lines, rule->lines_each, now) ||
	    !has_room(&fold->window, &fold->lines, rule->lines, now)) {
		if (known >= 0)
			who->detail[known].more++;
		count(fold, who, now);
		return false;
	}
	who->lines++;
	fold->lines++;
	*before = known < 0 ? 0 : who->detail[known].more;
	note_detail(who, known, hash, now);
	return true;
}

/* find_worst - find the one that certainly caused most */
static const struct fold_who *
find_worst(const struct fold *fold)
{
	const struct fold_who *worst = &fold->who[0], *who;

	for (unsigned i = 1; i < FOLD_WHOS; i++) {
		who = &fold->who[i];
		if (who->count - who->inherited >
		    worst->count - worst->inherited)
			worst = who;
	}
	return worst;
}

/* fold_due - tell whether a summary is due */
bool
fold_due(struct fold *fold, uint64_t now, struct fold_summary *summary)
{
	const struct fold_who *worst;

	if (fold->count == 0 ||
	    (now != CLOCK_NEVER && now - fold->since < fold->pause))
		return false;
	worst = find_worst(fold);
	*summary = (struct fold_summary){.count = fold->count,
	    .since = fold->since,
	    .worst = worst->name,
	    .worst_count = worst->count - worst->inherited};
	fold->told = now;
	fold->count = 0;
	for (unsigned i = 0; i < FOLD_WHOS; i++)
		fold->who[i].count = fold->who[i].inherited = 0;
	return true;
}
