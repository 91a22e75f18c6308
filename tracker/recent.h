/* SPDX-License-Identifier: ISC */
/*
 * recent.h - what the tracker looked up last, so that it need not ask again
 *
 * Records of a message come within a short time of each other, and addresses
 * come again and again.  Both are kept by what they are called, as long as
 * nothing else takes their place; who finds nothing asks the database.  All is
 * forgotten when rows may have gone (recent_forget).
 */
#ifndef FOURPOST_TRACKER_RECENT_H
#define FOURPOST_TRACKER_RECENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define RECENT_TEXT   160 /* octets; what is longer is not kept */
#define RECENT_COPIES 2

struct recent;

struct recent_item {
	char mts_id[RECENT_TEXT];
	size_t len; /* of mts_id; 0: the place is free */
	int64_t id;
	int64_t last; /* as the database has it: ms */
	bool arrived; /* its arrival is kept already */
	unsigned next;
	uint64_t copies[RECENT_COPIES]; /* queue ids that are noted; 0: none */
};

/* recent_new - begin with nothing; NULL: no memory, which all others take as
 * nothing to be found */
struct recent *recent_new(void);

/* recent_free - free it; NULL does nothing */
void recent_free(struct recent *recent);

/* recent_forget - forget all */
void recent_forget(struct recent *recent);

/* recent_address - find the number of an address by its text */
bool
recent_address(const struct recent *recent, struct slice text, int64_t *id);

/* recent_keep_address - keep the number of an address */
void recent_keep_address(struct recent *recent, struct slice text, int64_t id);

/* recent_item - find an item by its MTS identifier, or NULL; valid until the
 * next is kept */
struct recent_item *recent_item(struct recent *recent, struct slice mts_id);

/* recent_keep_item - keep what is known of an item, but for copies */
void recent_keep_item(struct recent *recent, struct slice mts_id, int64_t id,
    int64_t last, bool arrived);

/* recent_has_copy - tell whether a queue id of an item is noted, and note it
 * from now on; item may be NULL */
bool recent_has_copy(struct recent_item *item, uint64_t message);

#endif
