/* SPDX-License-Identifier: ISC */
/*
 * candidates.c - find in the database of all machines where items may be that
 * are searched for
 *
 * The newest first, a window of time after another, each twice as long as the
 * one before while that goes quickly: a search for what is rare moves on
 * through years, one for what is frequent looks at the last hour alone.
 */
#include "tracker/candidates.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "postgresql/postgresql_time.h"
#include "track/address_key.h"

#define HOUR_MS	 ((int64_t)3600 * 1000)
#define QUICK_MS 200 /* after which a window need not be smaller */

/* A recipient may be named after the arrival: by a list that is expanded. */
#define LATER_MS HOUR_MS

#define NAMES_MAX 200 /* items that a name finds */

/* A cursor has the time in these bits and above, and how many candidates of
 * that ms are done with below. */
#define CURSOR_SHIFT 18
#define CURSOR_SKIP  (((uint64_t)1 << CURSOR_SHIFT) - 1)

#define TEXT_MAX (2 * ADDRESS_KEY_MAX + 4)

#define MS(time) "(extract(epoch FROM " time ")*1000)::bigint"

#define COLUMNS(r)                                                        \
	"SELECT " r ".queue," r ".page," r ".place," MS(                  \
	    r ".time") ","                                                \
		       "CASE WHEN e.mts_id='' THEN e.message ELSE 0 END," \
		       "e.mts_id," MACHINE

#define EVENTS                                         \
	" FROM fourpost.event e JOIN fourpost.queue q" \
	" ON q.id=e.queue"

#define WITHIN " WHERE e.time<=$1::timestamptz AND e.time>=$2::timestamptz AND "

#define IN_ORDER                                                      \
	" ORDER BY e.time DESC,e.queue DESC,e.page DESC,e.place DESC" \
	" OFFSET $3::bigint LIMIT 64"

#define LIKE_TO(key) key " LIKE $4::text AND position($5::text IN " key ")>0"

/* The items of the names that are found below, newest first. */
#define NAMED(names)                                                      \
	"SELECT n.queue,0,0,0,n.message,n.mts_id," MACHINE " FROM(" names \
	") n JOIN fourpost.queue q ON q.id=n.queue"                       \
	" ORDER BY n.time DESC,n.queue OFFSET $1::bigint LIMIT 64"

#define NAMES                                                         \
	"SELECT e.queue,e.mts_id,"                                    \
	"CASE WHEN e.mts_id='' THEN e.message ELSE 0 END AS message," \
	"min(e.time) AS time FROM fourpost.event e WHERE "

static const char *const statements[] = {
    /* A message that was here before tracking began has no arrival: then its
     * oldest record counts. */
    [CANDIDATES_ANY] = COLUMNS("e") EVENTS WITHIN
    "e.part=0 AND(e.event=0 OR NOT EXISTS(SELECT 1"
    " FROM fourpost.event a WHERE a.mts_id=e.mts_id AND a.queue=e.queue"
    " AND a.event=0))" IN_ORDER,
    [CANDIDATES_ID] = NAMED(
	NAMES "e.mts_id LIKE $2::text OR(e.message=$3::bigint AND e.message<>0"
	      " AND e.event IN(0,15)) GROUP BY 1,2,3"),
    [CANDIDATES_CONTENT] =
	NAMED(NAMES "e.event=0 AND e.content_id=$2::text GROUP BY 1,2,3"),
    [CANDIDATES_TO] = COLUMNS(
	"r") " FROM(SELECT DISTINCT e.time,e.queue,e.page,e.place"
	     " FROM fourpost.recipient e" WITHIN LIKE_TO("e.key") IN_ORDER
    ") r LEFT JOIN fourpost.event e ON e.queue=r.queue AND e.page=r.page"
    " AND e.place=r.place AND e.time=r.time"
    " LEFT JOIN fourpost.queue q ON q.id=e.queue"
    " ORDER BY r.time DESC,r.queue DESC,r.page DESC,r.place DESC",
    [CANDIDATES_FROM] = COLUMNS("e") EVENTS WITHIN
    "e.event=0 AND e.part=0 AND " LIKE_TO("e.originator_key") IN_ORDER,
    [CANDIDATES_LINK] = COLUMNS("e") EVENTS WITHIN
    "(e.link=$4::text OR e.destination=$4::text)" IN_ORDER,
    [CANDIDATES_STATE] =
	COLUMNS("e") EVENTS WITHIN "e.event=ANY($4::smallint[])" IN_ORDER,
};

/* The records by which a recipient comes to a state, if those are rare. */
static const struct {
	const char *array;
	uint32_t events; /* bits */
} state_events[PARTY_STATES] = {
    [PARTY_FAILED] = {"{3,14}", 1U << TRACK_REPORT | 1U << TRACK_FAILURE},
    [PARTY_HELD] = {"{4}", 1U << TRACK_HOLD},
    [PARTY_QUARANTINED] = {"{13}", 1U << TRACK_QUARANTINE},
    [PARTY_REDIRECTED] = {"{7}", 1U << TRACK_REDIRECTION},
    [PARTY_EXPANDED] = {"{8}", 1U << TRACK_EXPANSION},
    [PARTY_DELETED] = {"{9}", 1U << TRACK_DELETION},
    [PARTY_RETURNED] = {"{10}", 1U << TRACK_RETURN},
    [PARTY_EXPIRED] = {"{11}", 1U << TRACK_EXPIRY},
    [PARTY_DISCARDED] = {"{12}", 1U << TRACK_DISCARD},
};

/* choose_source - choose how the candidates of a search are found */
static enum candidates_source
choose_source(const struct search *search)
{
	if (search->id.len > 0)
		return CANDIDATES_ID;
	if (search->content_id.len > 0)
		return CANDIDATES_CONTENT;
	if (search->has_state && state_events[search->state].array != NULL)
		return CANDIDATES_STATE;
	if (search->has_to)
		return CANDIDATES_TO;
	if (search->has_from)
		return CANDIDATES_FROM;
	/* A message may come to a link long after its arrival, which until is
	 * about. */
	return search->link.len > 0 && search->until == 0 ? CANDIDATES_LINK
							  : CANDIDATES_ANY;
}

/* like_text - write the pattern of LIKE for texts that begin so */
static const char *
like_text(struct slice beginning, char text[TEXT_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < beginning.len && len < TEXT_MAX - 4; i++) {
		char c = (char)beginning.data[i];

		if (c == '%' || c == '_' || c == '\\')
			text[len++] = '\\';
		text[len++] = c;
	}
	text[len++] = '%';
	text[len] = '\0';
	return text;
}

/* plain_text - write a text as it is */
static const char *
plain_text(struct slice from, char text[TEXT_MAX])
{
	size_t len = from.len < TEXT_MAX - 1 ? from.len : TEXT_MAX - 1;

	if (len > 0)
		memcpy(text, from.data, len);
	text[len] = '\0';
	return text;
}

/* queue_id_text - write a queue id, or 0 if it is none */
static const char *
queue_id_text(struct slice id, char text[TEXT_MAX])
{
	(void)plain_text(id, text);
	if (id.len > 18 || strspn(text, "0123456789") != id.len)
		(void)strlcpy(text, "0", TEXT_MAX);
	return text;
}

/* Parameters of a statement, and room for their texts. */
struct parameters {
	const char *values[QUESTION_PARAMETERS_MAX];
	size_t count;
	char from[POSTGRESQL_TIME_MAX], to[POSTGRESQL_TIME_MAX], skip[24];
	char texts[2][TEXT_MAX];
};

/* add_pattern - add the parameters by which an address is looked for */
static void
add_pattern(
    struct parameters *parameters, const struct address_pattern *pattern)
{
	parameters->values[parameters->count++] =
	    like_text(pattern->prefix, parameters->texts[0]);
	/* PostgreSQL looks for one part, which leaves few for the others. */
	parameters->values[parameters->count++] = plain_text(
	    pattern->part_count > 0 ? pattern->parts[0] : slice_of(NULL, 0),
	    parameters->texts[1]);
}

/* add_source - add the parameters of a source */
static void
add_source(struct parameters *parameters, const struct candidates *candidates)
{
	const struct search *search = candidates->search;

	switch (candidates->source) {
	case CANDIDATES_ANY:
		break;
	case CANDIDATES_ID:
		parameters->values[parameters->count++] =
		    like_text(search->id, parameters->texts[0]);
		parameters->values[parameters->count++] =
		    queue_id_text(search->id, parameters->texts[1]);
		break;
	case CANDIDATES_CONTENT:
		parameters->values[parameters->count++] =
		    plain_text(search->content_id, parameters->texts[0]);
		break;
	case CANDIDATES_TO:
		add_pattern(parameters, &search->to);
		break;
	case CANDIDATES_FROM:
		add_pattern(parameters, &search->from);
		break;
	case CANDIDATES_LINK:
		parameters->values[parameters->count++] =
		    plain_text(search->link, parameters->texts[0]);
		break;
	case CANDIDATES_STATE:
		parameters->values[parameters->count++] =
		    state_events[search->state].array;
		break;
	}
}

/* candidates_is_named - tell whether each item is a candidate once */
bool
candidates_is_named(const struct candidates *candidates)
{
	return candidates->source == CANDIDATES_ID ||
	    candidates->source == CANDIDATES_CONTENT;
}

/* find_bounds - find when something happened first and last */
static int
find_bounds(
    struct candidates *candidates, struct question *question, struct diag *diag)
{
	static const char sql[] = "SELECT " MS("min(time)") "," MS(
	    "max(time)") " FROM fourpost.event";
	int64_t first, last;
	int rc = question_ask(question, sql, NULL, 0, diag);

	if (rc == 0)
		rc = question_next(question, diag);
	if (rc < 0)
		return rc;
	first = question_number(question, 0);
	last = question_number(question, 1);
	if (candidates->first < first)
		candidates->first = first;
	if (candidates->until > last)
		candidates->until = last;
	return question_skip(question, diag);
}

/* begin_at - set where a search begins, or goes on */
static void
begin_at(struct candidates *candidates, uint64_t cursor)
{
	const struct search *search = candidates->search;

	if (search->until != 0 && candidates->source == CANDIDATES_TO)
		candidates->until = search->until + LATER_MS;
	else if (search->until != 0 && candidates->source != CANDIDATES_STATE)
		candidates->until = search->until;
	if (cursor != 0) {
		candidates->until = (int64_t)(cursor >> CURSOR_SHIFT);
		candidates->skip = (int64_t)(cursor & CURSOR_SKIP);
	}
}

/* candidates_begin - begin a search, or go on */
int
candidates_begin(struct candidates *candidates, const struct search *search,
    uint64_t cursor, struct question *question, struct diag *diag)
{
	*candidates = (struct candidates){.search = search,
	    .source = choose_source(search),
	    .first = search->since,
	    .until = INT64_MAX >> CURSOR_SHIFT,
	    .window = HOUR_MS};
	begin_at(candidates, cursor);
	return candidates_is_named(candidates)
	    ? 0
	    : find_bounds(candidates, question, diag);
}

/* take_row - take a candidate */
static void
take_row(struct candidates *candidates, const struct question *question)
{
	struct candidate *candidate;
	struct slice id = question_text(question, 5);
	struct slice machine = question_text(question, 6);

	if (candidates->count == CANDIDATES_MAX)
		return;
	candidate = &candidates->list[candidates->count++];
	*candidate = (struct candidate){.queue = question_number(question, 0),
	    .at = {.page = question_number(question, 1),
		.place = question_number(question, 2)},
	    .time = question_number(question, 3),
	    .message = question_number(question, 4)};
	/* A database that others write may have texts of any length: no item is
	 * found by one that is cut. */
	if (id.len < sizeof(candidate->mts_id))
		(void)strlcpy(candidate->mts_id, (const char *)id.data,
		    sizeof(candidate->mts_id));
	(void)strlcpy(candidate->machine, (const char *)machine.data,
	    sizeof(candidate->machine));
}

/* ask_window - ask for the candidates of a time */
static int
ask_window(
    struct candidates *candidates, struct question *question, struct diag *diag)
{
	static struct parameters parameters;

	parameters.count = 0;
	(void)snprintf(parameters.skip, sizeof(parameters.skip), "%" PRId64,
	    candidates->skip);
	if (!candidates_is_named(candidates)) {
		parameters.values[parameters.count++] =
		    postgresql_time(candidates->until, parameters.to);
		parameters.values[parameters.count++] =
		    postgresql_time(candidates->from, parameters.from);
	}
	parameters.values[parameters.count++] = parameters.skip;
	add_source(&parameters, candidates);
	return question_ask(question, statements[candidates->source],
	    parameters.values, parameters.count, diag);
}

/* position - find where a search goes on behind the first count candidates of
 * the window, and those that were looked at before */
static void
position(const struct candidates *candidates, size_t count, int64_t *until,
    int64_t *skip)
{
	*until = candidates->until;
	*skip = candidates->skip;
	if (candidates_is_named(candidates)) {
		*skip += (int64_t)count;
		return;
	}
	if (count == candidates->count && count < CANDIDATES_MAX) {
		*until = candidates->from - 1;
		*skip = 0;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (candidates->list[i].time != *until)
			*skip = 0;
		*until = candidates->list[i].time;
		(*skip)++;
	}
}

/* is_last - tell whether there is nothing behind the window */
static bool
is_last(const struct candidates *candidates)
{
	if (candidates_is_named(candidates))
		return candidates->count < CANDIDATES_MAX ||
		    candidates->skip + CANDIDATES_MAX >= NAMES_MAX;
	return candidates->count < CANDIDATES_MAX &&
	    candidates->from <= candidates->first;
}

/* move_on - go on behind the window that was looked at */
static void
move_on(struct candidates *candidates)
{
	int64_t until, skip;

	candidates->over = candidates->over || is_last(candidates);
	position(candidates, candidates->count, &until, &skip);
	candidates->until = until;
	candidates->skip = skip;
}

/* candidates_next - find the next candidates */
int
candidates_next(
    struct candidates *candidates, struct question *question, struct diag *diag)
{
	uint64_t began = clock_monotonic();
	int rc;

	if (candidates->began)
		move_on(candidates);
	candidates->count = 0;
	candidates->from = candidates->until - candidates->window;
	if (candidates->from < candidates->first)
		candidates->from = candidates->first;
	if (candidates->until < candidates->first &&
	    !candidates_is_named(candidates))
		candidates->over = true;
	if (candidates->over)
		return 0;
	candidates->began = true;
	rc = ask_window(candidates, question, diag);
	if (rc == 0)
		while ((rc = question_next(question, diag)) == 1)
			take_row(candidates, question);
	if (candidates->count < CANDIDATES_MAX &&
	    clock_monotonic() < began + QUICK_MS)
		candidates->window *= 2;
	else if (candidates->window > HOUR_MS)
		candidates->window /= 2;
	return rc;
}

/* candidates_cursor - get where a search goes on */
uint64_t
candidates_cursor(const struct candidates *candidates, size_t count)
{
	int64_t until, skip;

	if (candidates->over ||
	    (count == candidates->count && is_last(candidates)))
		return 0;
	position(candidates, count, &until, &skip);
	if (until < 0)
		return 0;
	/* More of one ms than have room are looked at again. */
	if ((uint64_t)skip > CURSOR_SKIP)
		skip = (int64_t)CURSOR_SKIP;
	return (uint64_t)until << CURSOR_SHIFT | (uint64_t)skip;
}

/* has_recipient - tell whether a record names a recipient asked for, or is the
 * arrival of a report to one */
static bool
has_recipient(const struct search *search, const struct track_record *record)
{
	char key[ADDRESS_KEY_MAX];

	for (size_t i = 0; i < record->recipient_count; i++) {
		size_t len = address_key(record->recipients[i], key);

		if (address_pattern_matches(&search->to, slice_of(key, len)))
			return true;
	}
	return false;
}

/* candidates_rank - tell how well a record serves as the anchor */
unsigned
candidates_rank(
    const struct candidates *candidates, const struct track_record *record)
{
	const struct search *search = candidates->search;

	switch (candidates->source) {
	case CANDIDATES_ANY:
		return record->part != 0	     ? 0
		    : record->event == TRACK_ARRIVAL ? 2
						     : 1;
	case CANDIDATES_ID:
	case CANDIDATES_CONTENT:
		break;
	case CANDIDATES_TO:
		return has_recipient(search, record);
	case CANDIDATES_FROM:
		return record->event == TRACK_ARRIVAL && record->part == 0;
	case CANDIDATES_LINK:
		return slice_equal(record->link, search->link) ||
		    slice_equal(record->to, search->link);
	case CANDIDATES_STATE:
		return (state_events[search->state].events >> record->event &
			   1) != 0;
	}
	return 0;
}
