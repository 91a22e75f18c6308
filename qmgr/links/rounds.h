/* SPDX-License-Identifier: ISC */
/*
 * rounds.h - originators take turns where very many messages are returned
 *
 * Who looks for what is to be returned goes over the messages of a link in
 * rounds.  In a round an originator has a quota of messages; those beyond it
 * are passed over and met again in the next round, whose quota is ROUNDS_GROWTH
 * times as large.  So who has a few messages does not wait for all of somebody
 * who has a hundred thousand, and yet no message is looked at more than a few
 * times.  An originator who alone is left has the rest at once.
 *
 * Originators are told apart by a hash of their names; two that fall together
 * share a quota.
 */
#ifndef FOURPOST_QMGR_LINKS_ROUNDS_H
#define FOURPOST_QMGR_LINKS_ROUNDS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"

#define ROUNDS_QUOTA  64U /* in the first round */
#define ROUNDS_GROWTH 64U

struct rounds;

/* rounds_new - begin the first round, or NULL: no memory */
struct rounds *rounds_new(void) WARN_UNUSED;

/* rounds_free - free it; NULL is allowed */
void rounds_free(struct rounds *rounds);

/* rounds_has_turn - count a message by the names in its record, and tell
 * whether its originator has it within the quota of the round; with NULL all
 * are */
bool rounds_has_turn(struct rounds *rounds, struct slice names);

/* rounds_again - begin the next round, unless nobody was passed over in this
 * one: then false, as with NULL */
bool rounds_again(struct rounds *rounds);

#endif
