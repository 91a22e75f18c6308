/* SPDX-License-Identifier: ISC */
/*
 * search.c - find items by what is known of them, the newest first
 *
 * The numbers of items are taken from the index that fits best, largest first,
 * a batch at a time; then each is compared with all that is asked for.  By an
 * address: the addresses that fit are found first, and where they are not too
 * many the items of each are merged.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tracker/search.h"

#define ADDRESSES_MAX 8000 /* of more all items are looked at instead */
#define BATCH	      64

/* The ids of addresses that fit a pattern. */
struct addresses {
	int64_t ids[ADDRESSES_MAX];
	size_t count;
	bool many; /* more than fit */
};

/* A source of items. */
struct source {
	struct database *db;
	enum statement statement;
	const struct addresses *addresses; /* NULL: the statement needs none */
	int64_t batch[BATCH];		   /* falling */
	size_t count;
};

/* compare_ids - compare two ids, for qsort */
static int
compare_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* resolve_addresses - find the addresses that a pattern fits */
static int
resolve_addresses(struct database *db, const struct address_pattern *pattern,
    struct addresses *found)
{
	static const char sql[] =
	    "SELECT id,key FROM address WHERE key>=?1"
	    " AND key<?1||char(1114111) AND instr(key,?2)>0";
	sqlite3_stmt *s = NULL;
	int rc;

	*found = (struct addresses){.count = 0};
	if (sqlite3_prepare_v2(db->db, sql, -1, &s, NULL) != SQLITE_OK)
		return database_error(db);
	database_bind_text(s, 1, pattern->prefix);
	/* SQLite looks for one part, which leaves few for the others. */
	database_bind_text(s, 2,
	    pattern->part_count > 0 ? pattern->parts[0] : slice_of(NULL, 0));
	while ((rc = database_step(db, s)) == 1 && !found->many) {
		if (!address_pattern_matches(pattern, database_text(s, 1)))
			continue;
		if (found->count == ADDRESSES_MAX)
			found->many = true;
		else
			found->ids[found->count++] = sqlite3_column_int64(s, 0);
	}
	(void)sqlite3_finalize(s);
	/* Neighbours in the index by address are on the same pages. */
	qsort(found->ids, found->count, sizeof(found->ids[0]), compare_ids);
	return rc < 0 ? rc : 0;
}

/* insert_item - put an item into the batch at its place, the smallest falls
 * out; whether a smaller one could still be put in */
static bool
insert_item(struct source *source, int64_t item)
{
	size_t at = source->count;

	while (at > 0 && source->batch[at - 1] < item)
		at--;
	if (at > 0 && source->batch[at - 1] == item)
		return true;
	if (at == BATCH)
		return false;
	if (source->count < BATCH)
		source->count++;
	memmove(&source->batch[at + 1], &source->batch[at],
	    (source->count - 1 - at) * sizeof(source->batch[0]));
	source->batch[at] = item;
	return true;
}

/* fill_from - fill the batch with the items of one address, or of none */
static int
fill_from(struct source *source, const int64_t *address, int64_t below)
{
	sqlite3_stmt *s = database_statement(source->db, source->statement);
	int at = 1, rc;

	if (s == NULL)
		return database_error(source->db);
	if (address != NULL)
		(void)sqlite3_bind_int64(s, at++, *address);
	(void)sqlite3_bind_int64(s, at++, below);
	/* Of a full batch no smaller one is of interest. */
	(void)sqlite3_bind_int64(
	    s, at++, source->count == BATCH ? source->batch[BATCH - 1] : 0);
	(void)sqlite3_bind_int(s, at, BATCH);
	while ((rc = database_step(source->db, s)) == 1)
		if (!insert_item(source, sqlite3_column_int64(s, 0)))
			break;
	(void)sqlite3_reset(s);
	return rc < 0 ? rc : 0;
}

/* fill_batch - fill the batch with the largest items below a number */
static int
fill_batch(struct source *source, int64_t below)
{
	int rc = 0;

	source->count = 0;
	if (source->addresses == NULL)
		return fill_from(source, NULL, below);
	for (size_t i = 0; rc == 0 && i < source->addresses->count; i++)
		rc = fill_from(source, &source->addresses->ids[i], below);
	return rc;
}

/* match_parties - tell whether a recipient of an item is as asked for: 1, 0, or
 * an error */
static int
match_parties(
    struct database *db, const struct search *search, int64_t item, bool *link)
{
	sqlite3_stmt *s = database_statement(db, STATEMENT_PARTY_LIST);
	bool found = false;
	int rc;

	if (s == NULL)
		return database_error(db);
	(void)sqlite3_bind_int64(s, 1, item);
	while ((rc = database_step(db, s)) == 1) {
		if (search->has_to &&
		    !address_pattern_matches(&search->to, database_text(s, 4)))
			continue;
		if (search->has_state &&
		    sqlite3_column_int(s, 1) != (int)search->state)
			continue;
		found = true;
		if (slice_equal(database_text(s, 3), search->link))
			*link = true;
	}
	return rc < 0 ? rc : found;
}

/* search_matches - tell whether an item is as asked for */
int
search_matches(struct database *db, const struct search *search, int64_t item)
{
	sqlite3_stmt *s = database_statement(db, STATEMENT_ITEM_GET);
	bool link = search->link.len == 0, match;
	int64_t time;
	int rc;

	if (s == NULL)
		return database_error(db);
	(void)sqlite3_bind_int64(s, 1, item);
	rc = database_step(db, s);
	if (rc != 1)
		return rc;
	time = sqlite3_column_int64(s, 2);
	match = (search->since == 0 || time >= search->since) &&
	    (search->until == 0 || time <= search->until) &&
	    (search->content_id.len == 0 ||
		slice_equal(database_text(s, 5), search->content_id)) &&
	    (!search->has_from ||
		address_pattern_matches(&search->from, database_text(s, 12)));
	link = link || slice_equal(database_text(s, 9), search->link);
	(void)sqlite3_reset(s);
	if (!match || (!search->has_to && !search->has_state && link))
		return match;
	rc = match_parties(db, search, item, &link);
	return rc < 0 ? rc : rc == 1 && link;
}

/* bound_by_time - find the number that items of a time begin or end with */
static int
bound_by_time(
    struct database *db, enum statement which, int64_t time, int64_t *id)
{
	sqlite3_stmt *s = database_statement(db, which);
	int rc;

	if (s == NULL)
		return database_error(db);
	(void)sqlite3_bind_int64(s, 1, time);
	rc = database_step(db, s);
	if (rc < 0)
		return rc;
	*id = rc == 1 ? sqlite3_column_int64(s, 0) : -1;
	(void)sqlite3_reset(s);
	return 0;
}

/* find_bounds - find between which numbers the items of the time asked for
 * are.  Numbers follow arrival, so that the first of the time has the smallest
 * unless the clock was set back meanwhile */
static int
find_bounds(struct database *db, const struct search *search, int64_t *first,
    int64_t *below)
{
	int64_t last;
	int rc = 0;

	*first = 0;
	*below = search->below > 0 ? search->below : INT64_MAX;
	if (search->since != 0) {
		rc =
		    bound_by_time(db, STATEMENT_ID_SINCE, search->since, first);
		if (*first < 0)
			*first = INT64_MAX;
	}
	if (rc == 0 && search->until != 0) {
		rc =
		    bound_by_time(db, STATEMENT_ID_UNTIL, search->until, &last);
		if (rc == 0 && last + 1 < *below)
			*below = last + 1;
	}
	return rc;
}

/* choose_source - choose where items come from */
static int
choose_source(struct database *db, const struct search *search,
    struct addresses *addresses, struct source *source)
{
	int rc = 0;

	*source = (struct source){.db = db, .statement = STATEMENT_ANY_BELOW};
	if (search->has_to) {
		rc = resolve_addresses(db, &search->to, addresses);
		source->statement = STATEMENT_TO_BELOW;
	}
	if (rc == 0 && search->has_from &&
	    (!search->has_to || addresses->many)) {
		rc = resolve_addresses(db, &search->from, addresses);
		source->statement = STATEMENT_FROM_BELOW;
	}
	if ((search->has_to || search->has_from) && !addresses->many)
		source->addresses = addresses;
	else
		source->statement = STATEMENT_ANY_BELOW;
	return rc;
}

/* look_through - give what matches to found, as long as there is time */
static int
look_through(struct source *source, const struct search *search, int64_t first,
    int64_t below, search_found_fn *found, void *arg, int64_t *next)
{
	uint64_t end = clock_after(SEARCH_STEP_MS);
	int rc = 0;

	*next = below;
	for (;;) {
		rc = fill_batch(source, *next);
		if (rc != 0)
			return rc;
		for (size_t i = 0; i < source->count; i++) {
			if (source->batch[i] < first) {
				*next = 0;
				return 0;
			}
			rc = search_matches(
			    source->db, search, source->batch[i]);
			if (rc == 1)
				rc = found(arg, source->batch[i]);
			if (rc != 0)
				return rc == ERR_AGAIN ? 0 : rc;
			*next = source->batch[i];
			if (clock_monotonic() >= end)
				return 0;
		}
		if (source->count < BATCH) {
			*next = 0;
			return 0;
		}
	}
}

/* by_name - find the items of an MTS identifier or its beginning, a queue id,
 * or a content identifier: these are few */
static int
by_name(struct database *db, const struct search *search, int64_t below,
    search_found_fn *found, void *arg)
{
	static const char id_sql[] =
	    "SELECT id FROM item WHERE mts_id>=?1 AND mts_id<?1||char(1114111)"
	    " AND id<?2 UNION SELECT item FROM copy WHERE message=?3"
	    " AND item<?2 ORDER BY 1 DESC LIMIT 200";
	static const char content_sql[] =
	    "SELECT id FROM item WHERE content_id=?1 AND content_id<>''"
	    " AND id<?2 ORDER BY id DESC LIMIT 200";
	bool id = search->id.len > 0;
	char number[24] = "";
	sqlite3_stmt *s = NULL;
	int rc, found_rc = 0;

	if (sqlite3_prepare_v2(
		db->db, id ? id_sql : content_sql, -1, &s, NULL) != SQLITE_OK)
		return database_error(db);
	if (search->id.len < sizeof(number))
		memcpy(number, id ? search->id.data : (const uint8_t *)"",
		    search->id.len);
	database_bind_text(s, 1, id ? search->id : search->content_id);
	(void)sqlite3_bind_int64(s, 2, below);
	if (id && strspn(number, "0123456789") == search->id.len)
		(void)sqlite3_bind_int64(s, 3, strtoll(number, NULL, 10));
	while (found_rc == 0 && (rc = database_step(db, s)) == 1) {
		rc = search_matches(db, search, sqlite3_column_int64(s, 0));
		if (rc == 1)
			found_rc = found(arg, sqlite3_column_int64(s, 0));
		else if (rc < 0)
			break;
	}
	(void)sqlite3_finalize(s);
	/* Names are few: whoever gets no room asks more closely. */
	if (found_rc != 0)
		return found_rc == ERR_AGAIN ? 0 : found_rc;
	return rc < 0 ? rc : 0;
}

/* find_items - find items, in a transaction */
static int
find_items(struct database *db, const struct search *search,
    search_found_fn *found, void *arg, int64_t *next)
{
	static struct addresses addresses;
	struct source source;
	int64_t first, below;
	int rc = find_bounds(db, search, &first, &below);

	/* Not before: the caller may have both in one place. */
	*next = 0;
	if (rc == 0 && (search->id.len > 0 || search->content_id.len > 0))
		return by_name(db, search, below, found, arg);
	if (rc == 0)
		rc = choose_source(db, search, &addresses, &source);
	if (rc == 0)
		rc = look_through(
		    &source, search, first, below, found, arg, next);
	return rc;
}

/* search_step - find items */
int
search_step(struct database *db, const struct search *search,
    search_found_fn *found, void *arg, int64_t *next)
{
	int ended, rc = database_read(db);

	if (rc != 0) {
		*next = 0;
		return rc;
	}
	rc = find_items(db, search, found, arg, next);
	ended = database_commit(db);
	return rc != 0 ? rc : ended;
}
