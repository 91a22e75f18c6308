/* SPDX-License-Identifier: ISC */
/*
 * rounds.c - originators take turns where very many messages are returned
 */
#include "qmgr/links/rounds.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PLACES	  512
#define FNV_BEGIN 0x811c9dc5U
#define FNV_PRIME 0x01000193U

struct rounds {
	uint32_t given[PLACES]; /* messages in this round */
	uint32_t quota;
	unsigned passed; /* originators that had more than it */
};

/* rounds_new - begin the first round */
struct rounds *
rounds_new(void)
{
	struct rounds *rounds = calloc(1, sizeof(*rounds));

	if (rounds != NULL)
		rounds->quota = ROUNDS_QUOTA;
	return rounds;
}

/* rounds_free - free it */
void
rounds_free(struct rounds *rounds)
{
	free(rounds);
}

/* place_of - find the place of an originator: names begin with that, before an
 * octet 0 */
static unsigned
place_of(struct slice names)
{
	uint32_t hash = FNV_BEGIN;

	for (size_t i = 0; i < names.len && names.data[i] != '\0'; i++)
		hash = (hash ^ names.data[i]) * FNV_PRIME;
	return (hash ^ hash >> 16) % PLACES;
}

/* rounds_has_turn - count a message, and tell whether it is within the quota */
bool
rounds_has_turn(struct rounds *rounds, struct slice names)
{
	uint32_t *given;

	if (rounds == NULL)
		return true;
	given = &rounds->given[place_of(names)];
	if (*given > rounds->quota)
		return false;
	if (++*given <= rounds->quota)
		return true;
	rounds->passed++;
	return false;
}

/* rounds_again - begin the next round, if somebody was passed over */
bool
rounds_again(struct rounds *rounds)
{
	if (rounds == NULL || rounds->passed == 0)
		return false;
	/* With one originator left there is nobody to take turns with. */
	rounds->quota = rounds->passed == 1 ||
		rounds->quota > UINT32_MAX / ROUNDS_GROWTH / 2
	    ? UINT32_MAX - 1
	    : rounds->quota * ROUNDS_GROWTH;
	rounds->passed = 0;
	memset(rounds->given, 0, sizeof(rounds->given));
	return true;
}
