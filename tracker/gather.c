/* SPDX-License-Identifier: ISC */
/*
 * gather.c - the items of candidates, out of the database of all machines
 */
#include "tracker/gather.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define REPORTS_MAX    16   /* of one item */
#define RECIPIENTS_MAX 4096 /* of one record, which a page bounds */

static const char records_sql[] =
    "SELECT c.n,e.page,e.place,(extract(epoch FROM e.time)*1000)::bigint,"
    "e.event,e.kind,e.mts_id,e.message,e.part,e.link,e.size,e.reason+1,"
    "e.diagnostic+1,e.text,e.who,e.other,e.delay+1,e.delay_queue+1,"
    "e.delay_transfer+1,e.originator,e.content_id,e.content_type,e.priority,"
    "e.trace,e.subject,e.destination,r.address"
    " FROM unnest($1::integer[],$2::text[],$3::bigint[])"
    " WITH ORDINALITY c(queue,mts_id,message,n)"
    " JOIN fourpost.event e ON e.mts_id=c.mts_id AND e.queue=c.queue"
    " AND(c.message=0 OR e.message=c.message)"
    " LEFT JOIN fourpost.recipient r ON r.queue=e.queue AND r.page=e.page"
    " AND r.place=e.place AND r.time=e.time"
    " ORDER BY c.n,e.page,e.place,r.number";

/* The columns of these. */
enum column {
	COLUMN_N,
	COLUMN_PAGE,
	COLUMN_PLACE,
	COLUMN_TIME,
	COLUMN_EVENT,
	COLUMN_KIND,
	COLUMN_MTS_ID,
	COLUMN_MESSAGE,
	COLUMN_PART,
	COLUMN_LINK,
	COLUMN_SIZE,
	COLUMN_REASON,
	COLUMN_DIAGNOSTIC,
	COLUMN_TEXT,
	COLUMN_WHO,
	COLUMN_OTHER,
	COLUMN_DELAY,
	COLUMN_DELAY_QUEUE,
	COLUMN_DELAY_TRANSFER,
	COLUMN_ORIGINATOR,
	COLUMN_CONTENT_ID,
	COLUMN_CONTENT_TYPE,
	COLUMN_PRIORITY,
	COLUMN_TRACE,
	COLUMN_SUBJECT,
	COLUMN_DESTINATION,
	COLUMN_ADDRESS
};

/* A report that another message made, on whatever machine, is told of on
 * each. */
static const char reports_sql[] =
    "SELECT c.n,r.mts_id,r.time FROM unnest($1::text[])"
    " WITH ORDINALITY c(mts_id,n) CROSS JOIN LATERAL(SELECT e.mts_id,"
    "(extract(epoch FROM min(e.time))*1000)::bigint AS time"
    " FROM fourpost.event e WHERE e.subject=c.mts_id AND c.mts_id<>''"
    " AND e.event=0 GROUP BY 1 ORDER BY 2 LIMIT 16) r ORDER BY c.n,r.time";

/* The reports that came about one item. */
struct reports {
	char ids[REPORTS_MAX][CANDIDATES_ID_MAX];
	int64_t times[REPORTS_MAX];
	size_t count;
};

/* The walk through the records of the candidates. */
struct walk {
	const struct gather *gather;
	struct reports reports[CANDIDATES_MAX];
	size_t at; /* candidate, from 1 on; 0: before the first */
	struct candidate_place anchor;
	unsigned rank; /* of the anchor; 0: there is none yet */
	/* the record that is put together */
	struct track_record record;
	struct candidate_place place;
	struct slice recipients[RECIPIENTS_MAX];
	bool has_record;
	size_t done;
};

/* put_quoted - append a text to an array of PostgreSQL's */
static int
put_quoted(struct buffer *array, const char *text)
{
	int rc = buffer_append(array, "\"", 1);

	for (size_t i = 0; rc == 0 && text[i] != '\0'; i++) {
		if (text[i] == '"' || text[i] == '\\')
			rc = buffer_append(array, "\\", 1);
		if (rc == 0)
			rc = buffer_append(array, &text[i], 1);
	}
	return rc == 0 ? buffer_append(array, "\"", 1) : rc;
}

/* put_number - append a number to an array */
static int
put_number(struct buffer *array, int64_t number)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%" PRId64, number);

	return buffer_append(array, text, (size_t)len);
}

/* The arrays that name the candidates: queues, MTS identifiers, queue ids. */
struct arrays {
	struct buffer queues, ids, messages;
};

/* put_all - append a text to all arrays, with its NUL where len counts that */
static int
put_all(struct arrays *arrays, const char *text, size_t len)
{
	int rc = buffer_append(&arrays->queues, text, len);

	if (rc == 0)
		rc = buffer_append(&arrays->ids, text, len);
	return rc == 0 ? buffer_append(&arrays->messages, text, len) : rc;
}

/* put_candidates - write the arrays, each ended by a NUL */
static int
put_candidates(const struct candidates *candidates, struct arrays *arrays)
{
	int rc = put_all(arrays, "{", 1);

	for (size_t i = 0; rc == 0 && i < candidates->count; i++) {
		const struct candidate *candidate = &candidates->list[i];

		if (i > 0)
			rc = put_all(arrays, ",", 1);
		if (rc == 0)
			rc = put_number(&arrays->queues, candidate->queue);
		if (rc == 0)
			rc = put_quoted(&arrays->ids, candidate->mts_id);
		if (rc == 0)
			rc = put_number(&arrays->messages, candidate->message);
	}
	return rc == 0 ? put_all(arrays, "}", 2) : rc;
}

/* take_report - note a report about a candidate */
static void
take_report(struct walk *walk, const struct question *question)
{
	size_t n = (size_t)question_number(question, 0);
	struct slice id = question_text(question, 1);
	struct reports *reports;

	if (n < 1 || n > CANDIDATES_MAX || id.len >= CANDIDATES_ID_MAX)
		return;
	reports = &walk->reports[n - 1];
	if (reports->count == REPORTS_MAX)
		return;
	(void)strlcpy(reports->ids[reports->count], (const char *)id.data,
	    CANDIDATES_ID_MAX);
	reports->times[reports->count++] = question_number(question, 2);
}

/* ask_reports - have the reports about all candidates */
static int
ask_reports(struct walk *walk, const struct arrays *arrays,
    struct question *question, struct diag *diag)
{
	const char *parameters[] = {(const char *)arrays->ids.data};
	int rc = question_ask(question, reports_sql, parameters, 1, diag);

	if (rc == 0)
		while ((rc = question_next(question, diag)) == 1)
			take_report(walk, question);
	return rc;
}

/* begin_item - begin the item of the next candidate, with its reports */
static int
begin_item(struct walk *walk, size_t n)
{
	const struct candidate *candidate =
	    &walk->gather->candidates->list[n - 1];
	const struct reports *reports = &walk->reports[n - 1];
	int rc = fold_begin(walk->gather->fold);

	walk->at = n;
	walk->rank = 0;
	for (size_t i = 0; rc == 0 && i < reports->count; i++)
		rc = fold_report(walk->gather->fold,
		    slice_of_string(reports->ids[i]), reports->times[i],
		    slice_of_string(candidate->mts_id));
	return rc;
}

/* end_item - give the item whose records are all there, if the candidate is its
 * anchor and it is as asked for */
static int
end_item(struct walk *walk)
{
	const struct gather *gather = walk->gather;
	const struct candidate *candidate =
	    &gather->candidates->list[walk->at - 1];
	int rc = 0;

	if (candidates_is_named(gather->candidates) ||
	    (walk->rank > 0 && walk->anchor.page == candidate->at.page &&
		walk->anchor.place == candidate->at.place))
		rc = fold_matches(gather->fold, gather->candidates->search);
	if (rc == 1)
		rc = gather->found(gather->arg, candidate);
	fold_end(gather->fold);
	if (rc == 0)
		walk->done = walk->at;
	return rc;
}

/* end_record - put the record that is complete into the item */
static int
end_record(struct walk *walk)
{
	struct track_record *record = &walk->record;
	unsigned rank;
	int rc;

	if (!walk->has_record)
		return 0;
	walk->has_record = false;
	record->recipients = walk->recipients;
	rank = candidates_rank(walk->gather->candidates, record);
	if (rank > walk->rank) {
		walk->rank = rank;
		walk->anchor = walk->place;
	}
	rc = fold_record(walk->gather->fold, record);
	arena_reset(walk->gather->arena);
	return rc;
}

/* keep_text - have a column outlive the row */
static int
keep_text(const struct walk *walk, const struct question *question, int column,
    struct slice *text)
{
	return arena_slice(
	    walk->gather->arena, question_text(question, column), text);
}

/* begin_texts - begin the texts of a record */
static int
begin_texts(struct walk *walk, const struct question *question)
{
	struct track_record *record = &walk->record;
	const struct {
		int column;
		struct slice *text;
	} texts[] = {{COLUMN_MTS_ID, &record->mts_id},
	    {COLUMN_LINK, &record->link}, {COLUMN_TEXT, &record->text},
	    {COLUMN_WHO, &record->by}, {COLUMN_OTHER, &record->other},
	    {COLUMN_ORIGINATOR, &record->originator},
	    {COLUMN_CONTENT_ID, &record->content_id},
	    {COLUMN_CONTENT_TYPE, &record->content_type},
	    {COLUMN_TRACE, &record->trace}, {COLUMN_SUBJECT, &record->subject},
	    {COLUMN_DESTINATION, &record->to}};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(texts) / sizeof(texts[0]); i++)
		rc = keep_text(walk, question, texts[i].column, texts[i].text);
	return rc;
}

/* begin_record - begin a record */
static int
begin_record(struct walk *walk, const struct question *question)
{
	int64_t event = question_number(question, COLUMN_EVENT);
	int64_t kind = question_number(question, COLUMN_KIND);
	int64_t numbers[COLUMN_ADDRESS];

	for (int i = 0; i < COLUMN_ADDRESS; i++)
		numbers[i] = question_number(question, i);
	walk->place = (struct candidate_place){
	    .page = numbers[COLUMN_PAGE], .place = numbers[COLUMN_PLACE]};
	walk->record = (struct track_record){.time = numbers[COLUMN_TIME],
	    .message = (uint64_t)numbers[COLUMN_MESSAGE],
	    .part = (uint64_t)numbers[COLUMN_PART],
	    .size = (uint64_t)numbers[COLUMN_SIZE],
	    .priority = (uint64_t)numbers[COLUMN_PRIORITY],
	    .reason_plus = (uint64_t)numbers[COLUMN_REASON],
	    .diagnostic_plus = (uint64_t)numbers[COLUMN_DIAGNOSTIC],
	    .delay_plus = (uint64_t)numbers[COLUMN_DELAY],
	    .delay_queue_plus = (uint64_t)numbers[COLUMN_DELAY_QUEUE],
	    .delay_transfer_plus = (uint64_t)numbers[COLUMN_DELAY_TRANSFER]};
	/* An event of a newer release is passed over. */
	walk->has_record = event >= 0 && event < TRACK_EVENTS && kind >= 0 &&
	    kind <= MTS_REPORT;
	if (!walk->has_record)
		return 0;
	walk->record.event = (enum track_event)event;
	walk->record.kind = (enum mts_kind)kind;
	return begin_texts(walk, question);
}

/* is_next_record - tell whether a row is of another record than the last */
static bool
is_next_record(const struct walk *walk, const struct question *question)
{
	return !walk->has_record ||
	    question_number(question, COLUMN_PAGE) != walk->place.page ||
	    question_number(question, COLUMN_PLACE) != walk->place.place;
}

/* take_recipient - take the recipient of a row, if it has one */
static int
take_recipient(struct walk *walk, const struct question *question)
{
	struct track_record *record = &walk->record;

	if (!walk->has_record || record->recipient_count == RECIPIENTS_MAX ||
	    question_text(question, COLUMN_ADDRESS).len == 0)
		return 0;
	return keep_text(walk, question, COLUMN_ADDRESS,
	    &walk->recipients[record->recipient_count++]);
}

/* take_row - take a row, which is of the last record, of the next, or of the
 * next candidate */
static int
take_row(struct walk *walk, const struct question *question)
{
	size_t n = (size_t)question_number(question, COLUMN_N);
	int rc = 0;

	if (n < 1 || n > walk->gather->candidates->count)
		return ERR_PROTOCOL;
	if (n != walk->at || is_next_record(walk, question))
		rc = end_record(walk);
	if (rc == 0 && n != walk->at) {
		if (walk->at != 0)
			rc = end_item(walk);
		if (rc == 0)
			rc = begin_item(walk, n);
	}
	if (rc == 0 && !walk->has_record)
		rc = begin_record(walk, question);
	return rc == 0 ? take_recipient(walk, question) : rc;
}

/* end_walk - end the last record and item */
static int
end_walk(struct walk *walk)
{
	int rc;

	if (walk->at == 0)
		return 0;
	rc = end_record(walk);
	return rc == 0 ? end_item(walk) : rc;
}

/* walk_records - walk through the records of all candidates */
static int
walk_records(struct walk *walk, const struct arrays *arrays,
    struct question *question, struct diag *diag)
{
	const char *parameters[] = {(const char *)arrays->queues.data,
	    (const char *)arrays->ids.data,
	    (const char *)arrays->messages.data};
	int rc = question_ask(question, records_sql, parameters, 3, diag);
	int inner = 0;

	if (rc == 0)
		while (inner == 0 && (rc = question_next(question, diag)) == 1)
			inner = take_row(walk, question);
	if (rc == 0 && inner == 0)
		inner = end_walk(walk);
	/* An item that has begun is not of interest any more. */
	fold_end(walk->gather->fold);
	if (inner != 0)
		rc = question_skip(question, diag);
	return rc < 0 ? rc : inner;
}

/* gather_items - find the items of the candidates */
int
gather_items(const struct gather *gather, struct question *question,
    size_t *done, struct diag *diag)
{
	static struct walk walk;
	struct arrays arrays;
	int rc;

	*done = 0;
	memset(&walk, 0, sizeof(walk));
	walk.gather = gather;
	buffer_init(&arrays.queues, (size_t)64 * 1024);
	buffer_init(
	    &arrays.ids, (size_t)2 * CANDIDATES_MAX * CANDIDATES_ID_MAX + 4096);
	buffer_init(&arrays.messages, (size_t)64 * 1024);
	rc = put_candidates(gather->candidates, &arrays);
	if (rc == 0)
		rc = ask_reports(&walk, &arrays, question, diag);
	if (rc == 0)
		rc = walk_records(&walk, &arrays, question, diag);
	/* Candidates behind the last item have no records any more. */
	*done = rc == 0 ? gather->candidates->count : walk.done;
	buffer_fini(&arrays.queues);
	buffer_fini(&arrays.ids);
	buffer_fini(&arrays.messages);
	return rc == ERR_AGAIN ? 0 : rc;
}
