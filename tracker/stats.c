/* SPDX-License-Identifier: ISC */
/*
 * stats.c - messages, octets and delays by day, link, sender or recipient
 *
 * One walk over the events of the time.  Delays are counted in classes, eight
 * to a doubling, so that a group needs the same memory whatever it has.
 */
#include "tracker/stats.h"

#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "base/table.h"
#include "track/track.h"

#define DAY_MS	  ((int64_t)86400 * 1000)
#define PARTS	  8
#define CLASSES	  (32 * PARTS)
#define LINK_MAX  64
#define OTHERS_ID INT64_MIN

struct group {
	struct table_link link;
	int64_t id; /* day, address; of a link the hash of its name */
	char name[LINK_MAX];
	int64_t received, sent, octets;
	uint64_t delays;
	uint32_t classes[CLASSES];
};

struct groups {
	const struct stats *stats;
	struct table table;
	struct group *list[STATS_GROUPS_MAX + 1]; /* owned */
	size_t count;
};

/* class_of - tell the class of a delay */
static unsigned
class_of(int64_t ms)
{
	unsigned octave = 0;
	uint64_t value = ms < 0 ? 0 : (uint64_t)ms;

	if (value < PARTS)
		return (unsigned)value;
	while (value >> octave >= 2 * PARTS)
		octave++;
	if (octave >= 30)
		return CLASSES - 1;
	return (octave + 1) * PARTS + (unsigned)(value >> octave) - PARTS;
}

/* delay_of - tell the middle of a class, in ms */
static int64_t
delay_of(unsigned class)
{
	unsigned octave;

	if (class < PARTS)
		return class;
	octave = class / PARTS - 1;
	return ((int64_t)(class % PARTS + PARTS) << octave) +
	    ((int64_t)1 << octave) / 2;
}

/* percentile - find the delay that so many of a hundred are within */
static int64_t
percentile(const struct group *group, unsigned percent)
{
	uint64_t want = (group->delays * percent + 99) / 100, seen = 0;

	for (unsigned i = 0; i < CLASSES; i++) {
		seen += group->classes[i];
		if (seen >= want)
			return delay_of(i);
	}
	return 0;
}

/* find_group - find or make the group of a number; NULL: no memory */
static struct group *
find_group(struct groups *groups, int64_t id)
{
	struct group *group;

	group = TABLE_ENTRY(
	    table_find(&groups->table, (uint64_t)id), struct group, link);
	if (group != NULL)
		return group;
	if (groups->count >= STATS_GROUPS_MAX && id != OTHERS_ID)
		return find_group(groups, OTHERS_ID);
	group = calloc(1, sizeof(*group));
	if (group == NULL)
		return NULL;
	group->id = id;
	table_add(&groups->table, &group->link, (uint64_t)id);
	groups->list[groups->count++] = group;
	return group;
}

/* link_id - make a number of a link's name, in which nobody has an interest */
static int64_t
link_id(struct slice name)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ name.data[i]) * 0x100000001b3;
	return (int64_t)(hash >> 1);
}

/* count_event - count one event in its group */
static int
count_event(struct groups *groups, sqlite3_stmt *s)
{
	int64_t delay = sqlite3_column_int64(s, 3), id;
	struct slice link = database_text(s, 4);
	struct group *group;

	switch (groups->stats->by) {
	case STATS_BY_DAY:
		id =
		    (sqlite3_column_int64(s, 0) + groups->stats->zone) / DAY_MS;
		break;
	case STATS_BY_LINK:
		id = link_id(link);
		break;
	case STATS_BY_SENDER:
	case STATS_BY_RECIPIENT:
	default:
		id = sqlite3_column_int64(s, 5);
		break;
	}
	group = find_group(groups, id);
	if (group == NULL)
		return ERR_NOMEM;
	if (groups->stats->by == STATS_BY_LINK && link.len < LINK_MAX &&
	    group->id != OTHERS_ID && link.len > 0)
		memcpy(group->name, link.data, link.len);
	if (sqlite3_column_int(s, 1) == TRACK_ARRIVAL) {
		group->received++;
		return 0;
	}
	group->sent++;
	group->octets += sqlite3_column_int64(s, 2);
	if (delay > 0) {
		group->delays++;
		group->classes[class_of(delay - 1)]++;
	}
	return 0;
}

/* walk_events - count all events of the time */
static int
walk_events(struct database *db, struct groups *groups)
{
	static const char *const sql[] = {
	    [STATS_BY_DAY] = "SELECT e.time,e.event,e.size,e.delay,e.link,0"
			     " FROM event e WHERE e.time>=?1 AND e.time<=?2"
			     " AND e.event<3",
	    [STATS_BY_LINK] = "SELECT e.time,e.event,e.size,e.delay,e.link,0"
			      " FROM event e WHERE e.time>=?1 AND e.time<=?2"
			      " AND e.event<3",
	    [STATS_BY_SENDER] =
		"SELECT e.time,e.event,e.size,e.delay,e.link,i.originator"
		" FROM event e JOIN item i ON i.id=e.item"
		" WHERE e.time>=?1 AND e.time<=?2 AND e.event<3",
	    [STATS_BY_RECIPIENT] =
		"SELECT e.time,e.event,e.size,e.delay,e.link,r.address"
		" FROM event e JOIN event c ON c.item=e.item"
		" AND c.message=e.message AND c.event=15"
		" JOIN event_recipient r ON r.event=c.id"
		" WHERE e.time>=?1 AND e.time<=?2 AND e.event IN(1,2)",
	};
	const struct stats *stats = groups->stats;
	sqlite3_stmt *s = NULL;
	int rc;

	if (sqlite3_prepare_v2(db->db, sql[stats->by], -1, &s, NULL) !=
	    SQLITE_OK)
		return database_error(db);
	(void)sqlite3_bind_int64(s, 1, stats->since);
	(void)sqlite3_bind_int64(
	    s, 2, stats->until == 0 ? INT64_MAX : stats->until);
	while ((rc = database_step(db, s)) == 1) {
		rc = count_event(groups, s);
		if (rc < 0)
			break;
	}
	(void)sqlite3_finalize(s);
	return rc;
}

/* compare_days - compare by date */
static int
compare_days(const void *a, const void *b)
{
	const struct group *const *x = a, *const *y = b;

	return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

/* compare_messages - compare by the number of messages, most first */
static int
compare_messages(const void *a, const void *b)
{
	const struct group *const *x = a, *const *y = b;
	int64_t p = (*x)->sent + (*x)->received,
		q = (*y)->sent + (*y)->received;

	return p > q ? -1 : p < q;
}

/* add_name - add the name of a group */
static int
add_name(struct database *db, const struct groups *groups,
    const struct group *group, struct row *row)
{
	char date[CALENDAR_TEXT_MAX];
	sqlite3_stmt *s = NULL;
	int rc = 0;

	if (group->id == OTHERS_ID)
		row_string(row, "name", "(others)");
	else if (groups->stats->by == STATS_BY_DAY) {
		(void)calendar_format(group->id * 86400, date);
		/* The date alone: 2026-11-30. */
		row_text(row, "name", slice_of(date, 10));
	} else if (groups->stats->by == STATS_BY_LINK)
		row_text(row, "name", slice_of_string(group->name));
	else if (sqlite3_prepare_v2(db->db,
		     "SELECT text FROM address WHERE id=?", -1, &s,
		     NULL) != SQLITE_OK)
		return database_error(db);
	else {
		(void)sqlite3_bind_int64(s, 1, group->id);
		rc = database_step(db, s);
		row_text(row, "name",
		    rc == 1 ? database_text(s, 0) : slice_of(NULL, 0));
		(void)sqlite3_finalize(s);
	}
	return rc < 0 ? rc : 0;
}

/* give_rows - give the rows of the groups */
static int
give_rows(struct database *db, struct groups *groups, struct arena *arena,
    stats_row_fn *give, void *arg)
{
	bool days = groups->stats->by == STATS_BY_DAY;
	struct row row;
	int rc = 0;

	qsort(groups->list, groups->count, sizeof(groups->list[0]),
	    days ? compare_days : compare_messages);
	for (size_t i = 0;
	     rc == 0 && i < groups->count && (days || i < STATS_ROWS_MAX);
	     i++) {
		const struct group *group = groups->list[i];

		arena_reset(arena);
		row_init(&row, arena);
		rc = add_name(db, groups, group, &row);
		if (rc != 0)
			break;
		row_number(&row, "received", group->received);
		row_number(&row, "sent", group->sent);
		row_number(&row, "octets", group->octets);
		row_number(&row, "delay_median", percentile(group, 50));
		row_number(&row, "delay_p99", percentile(group, 99));
		rc = row.error != 0 ? row.error : give(arg, &row);
	}
	return rc;
}

/* stats_run - compute, and give the rows */
int
stats_run(struct database *db, const struct stats *stats, struct arena *arena,
    stats_row_fn *give, void *arg)
{
	static struct groups groups;
	int rc;

	groups = (struct groups){.stats = stats};
	table_init(&groups.table);
	db->deadline = clock_after(STATS_TIME_MS);
	rc = walk_events(db, &groups);
	if (rc == 0)
		rc = give_rows(db, &groups, arena, give, arg);
	db->deadline = CLOCK_NEVER;
	for (size_t i = 0; i < groups.count; i++)
		free(groups.list[i]);
	table_fini(&groups.table);
	return rc;
}
