/* SPDX-License-Identifier: ISC */
/*
 * queue_uuid.c - the name of a queue among those of all machines
 *
 * A part of the header (numbers.c).
 */
#include <sys/random.h>

#include "store/state.h"

/* store_uuid - get the UUID of the queue */
struct slice
store_uuid(const struct store *store)
{
	/* The version stands in this octet of one that was made. */
	return slice_of(store->numbers.uuid,
	    store->numbers.uuid[6] == 0 ? 0 : STORE_UUID_LEN);
}

/* store_uuid_make - have the transaction give the queue a UUID */
int
store_uuid_make(struct store *store)
{
	uint8_t *uuid = store->numbers.uuid;

	if (store_uuid(store).len > 0)
		return 0;
	if (getrandom(uuid, STORE_UUID_LEN, 0) != STORE_UUID_LEN)
		return store_error(store, ERR_IO, "no random numbers");
	/* Version 4, and the variant of the RFC. */
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
	return 0;
}
