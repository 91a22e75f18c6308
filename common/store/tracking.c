/* SPDX-License-Identifier: ISC */
/*
 * tracking.c - pages of tracking, until the tracker has them
 *
 * See tracking.h.
 */
#include "store/state.h"

/* Numbers that a ms of the wall clock stands for: more pages than are ever
 * made in one. */
#define NUMBERS_PER_MS 65536
/* Times beyond that would make numbers that leave no room. */
#define TIME_MAX (INT64_MAX / NUMBERS_PER_MS / 2)

/* tracking_recover - go on with numbers that were not given before */
int
tracking_recover(struct store *store, int64_t now)
{
	uint64_t last, memory = 0, time = now < 0 ? 0 : (uint64_t)now;
	int rc = paged_last(store, DB_TRACKING, &last);

	if (rc == 0)
		rc = paged_last(store, DB_MEMORY, &memory);
	/* Mail goes on beside a page of tracking that cannot be read. */
	if (rc != 0 && !store_is_damage(rc))
		return rc;
	/* A clock far in the future must not use up the numbers. */
	if (time > TIME_MAX)
		time = TIME_MAX;
	/* Pages that tracker has deleted leave no trace here, so the time keeps
	 * their numbers from being given again. */
	store_tracking_skip(store, last);
	store_tracking_skip(store, memory);
	store_tracking_skip(store, time * NUMBERS_PER_MS);
	return 0;
}

/* store_tracking_skip - give no number up to this one */
void
store_tracking_skip(struct store *store, uint64_t number)
{
	/* A number beyond the middle is damage, and would leave none to
	 * give. */
	if (number >= store->numbers.page && number < INT64_MAX / 2)
		store->numbers.page = number + 1;
}

/* store_tracking_append - append a page */
int
store_tracking_append(struct store *store, struct slice page, uint64_t *number)
{
	return paged_append(store, DB_TRACKING, page, number);
}

/* store_tracking_delete - delete a page */
int
store_tracking_delete(struct store *store, uint64_t number)
{
	return paged_delete(store, DB_TRACKING, number);
}

/* store_tracking_next - find the first page after a number */
int
store_tracking_next(struct store *store, uint64_t after, uint64_t *number)
{
	return paged_next(store, DB_TRACKING, after, number);
}

/* store_tracking_read - append a page to out */
int
store_tracking_read(struct store *store, uint64_t number, struct buffer *out)
{
	return paged_read(store, DB_TRACKING, number, out);
}

/* store_tracking_octets - count the octets of all pages, on disk */
int
store_tracking_octets(struct store *store, uint64_t *octets)
{
	return db_table_octets(&store->db, DB_TRACKING, octets);
}
