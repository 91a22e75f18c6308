/* SPDX-License-Identifier: ISC */
/*
 * track.c - records of tracking as BER (track.asn)
 *
 * One table describes the elements of a record; encoder and decoder walk it.
 */
#include "track/track.h"

#include <stddef.h>

#include "base/log.h"
#include "ber/list.h"
#include "ber/writer.h"
#include "track/shorten.h"

#define VERSION 1
/* A record: what a page has room for beside its own headers and version. */
#define RECORD_MAX ((size_t)TRACK_PAGE_MAX - 16)
/* Headers of two octets of tag and three of length, numbers of eight. */
#define TEXT_OVER   5
#define NUMBER_OVER 11
/* Recipients of one record: each has two octets at least. */
#define RECIPIENTS_MAX (TRACK_PAGE_MAX / 2)

enum kind {
	SMALL, /* an enum */
	NUMBER,
	TIME,
	TEXT,
	ADDRESS,
	ADDRESSES,
	SHORTENED /* addresses by shorten.h */
};

struct element {
	const char *name;
	enum kind kind;
	size_t at;
	int64_t max; /* of SMALL */
	bool in_all; /* parts */
};

#define ELEMENT(kind, name, member)                                         \
	{                                                                   \
		name, kind, offsetof(struct track_record, member), 0, false \
	}
#define IN_ALL(kind, name, member, max)                                      \
	{                                                                    \
		name, kind, offsetof(struct track_record, member), max, true \
	}

static const struct element elements[] = {
    IN_ALL(SMALL, "event", event, TRACK_EVENTS - 1),
    IN_ALL(TIME, "time", time, 0),
    IN_ALL(NUMBER, "message", message, 0),
    IN_ALL(SMALL, "kind", kind, MTS_REPORT),
    IN_ALL(TEXT, "mts-id", mts_id, 0),
    IN_ALL(NUMBER, "part", part, 0),
    ELEMENT(TEXT, "link", link),
    ELEMENT(ADDRESS, "originator", originator),
    ELEMENT(TEXT, "content-id", content_id),
    ELEMENT(TEXT, "content-type", content_type),
    ELEMENT(NUMBER, "priority", priority),
    ELEMENT(NUMBER, "size", size),
    ELEMENT(TEXT, "trace", trace),
    IN_ALL(ADDRESSES, "recipients", recipients, 0),
    ELEMENT(NUMBER, "reason", reason_plus),
    ELEMENT(NUMBER, "diagnostic", diagnostic_plus),
    ELEMENT(TEXT, "text", text),
    ELEMENT(TEXT, "by", by),
    ELEMENT(TEXT, "subject", subject),
    ELEMENT(ADDRESS, "other", other),
    ELEMENT(NUMBER, "delay", delay_plus),
    ELEMENT(NUMBER, "delay-queue", delay_queue_plus),
    ELEMENT(NUMBER, "delay-transfer", delay_transfer_plus),
    IN_ALL(TEXT, "to", to, 0),
    IN_ALL(SHORTENED, "shortened", recipients, 0),
};

/* The elements that a record gets last: the queue id, and behind all. */
#define AT_MESSAGE 2
#define AT_TO	   23

#define COUNT (sizeof(elements) / sizeof(elements[0]))

_Static_assert(SHORTEN_TEXT_MAX == TRACK_ADDRESS_MAX,
    "an address that is kept whole can be shortened");
_Static_assert(sizeof(enum track_event) == sizeof(uint32_t) &&
	sizeof(enum mts_kind) == sizeof(uint32_t),
    "enums are read and written as 32 bits");

/* limit_of - get how much of a text is kept */
static size_t
limit_of(enum kind kind)
{
	return kind == TEXT ? TRACK_TEXT_MAX : TRACK_ADDRESS_MAX;
}

/* cut_text - cut a text that is too long, between two characters of UTF-8 */
static struct slice
cut_text(struct slice text, size_t max)
{
	if (text.len <= max)
		return text;
	/* Half a character would make the whole text invalid for SQLite and
	 * for JSON. */
	while (max > 0 && (text.data[max] & 0xc0) == 0x80)
		max--;
	return slice_of(text.data, max);
}

/* member - get the address of what an element stands for */
static const void *
member(const struct track_record *record, const struct element *el)
{
	return (const char *)record + el->at;
}

/* number_of - get the value of an element that is a number */
static int64_t
number_of(const struct track_record *record, const struct element *el)
{
	uint64_t value;

	if (el->kind == SMALL)
		return *(const uint32_t *)member(record, el);
	value = *(const uint64_t *)member(record, el);
	return value > INT64_MAX ? 0 : (int64_t)value;
}

/* text_of - get the value of an element that is a text, cut to its bound */
static struct slice
text_of(const struct track_record *record, const struct element *el)
{
	return cut_text(
	    *(const struct slice *)member(record, el), limit_of(el->kind));
}

/* wanted - tell whether an element is in a part of a record */
static bool
wanted(const struct element *el, uint64_t part)
{
	return part == 0 || el->in_all;
}

/* room_for - compute how much room all but the recipients leave for them */
static size_t
room_for(const struct track_record *record, uint64_t part)
{
	size_t used = 3 * TEXT_OVER;

	/* An arrival has neither text nor other, so that there is room. */
	if (record->event == TRACK_ARRIVAL)
		used += TRACK_TO_MAX;

	for (size_t i = 0; i < COUNT; i++) {
		if (!wanted(&elements[i], part))
			continue;
		if (elements[i].kind == TEXT || elements[i].kind == ADDRESS)
			used += TEXT_OVER + text_of(record, &elements[i]).len;
		else if (elements[i].kind != ADDRESSES &&
		    elements[i].kind != SHORTENED)
			used += NUMBER_OVER;
	}
	return used > RECORD_MAX ? 0 : RECORD_MAX - used;
}

/* put_recipients - write as many of a list of recipients as there is room for,
 * shortened: how many */
static size_t
put_recipients(struct ber_writer *w, uint32_t tag,
    const struct slice *recipients, size_t count, size_t room)
{
	struct slice before = slice_of(NULL, 0), text, short_text;
	uint8_t octets[SHORTEN_MAX];
	size_t i;

	if (count == 0)
		return 0;
	ber_begin(w, tag);
	for (i = 0; i < count; i++, before = text) {
		text = cut_text(recipients[i], TRACK_ADDRESS_MAX);
		short_text = shorten(before, text, octets);
		if (TEXT_OVER + short_text.len > room)
			break;
		room -= TEXT_OVER + short_text.len;
		ber_put(w, BER_UNI(BER_OCTET_STRING), short_text);
	}
	ber_end_element(w);
	return i;
}

/* put_element - write an element, unless it has its default */
static void
put_element(struct ber_writer *w, const struct track_record *record, size_t i,
    uint64_t part)
{
	uint32_t tag = BER_CTX((uint32_t)i);
	int64_t number;

	if (elements[i].kind == TEXT || elements[i].kind == ADDRESS) {
		struct slice text = text_of(record, &elements[i]);

		if (text.len > 0)
			ber_put(w, tag, text);
		return;
	}
	number = elements[i].at == offsetof(struct track_record, part)
	    ? (int64_t)part
	    : number_of(record, &elements[i]);
	/* The first two are always there. */
	if (number != 0 || i < 2)
		ber_put_integer(w, tag, number);
}

/* put_part - write one part of a record, with as many of the recipients as
 * there is room for: *count is how many of them */
static int
put_part(const struct track_record *record, uint64_t part,
    const struct slice *recipients, size_t *count, struct buffer *out)
{
	size_t room = room_for(record, part);
	struct ber_writer w;

	ber_writer_init(&w, out);
	ber_begin(&w, BER_UNI(BER_SEQUENCE));
	for (size_t i = 0; i < COUNT; i++) {
		if (!wanted(&elements[i], part))
			continue;
		if (elements[i].kind == SHORTENED)
			*count = put_recipients(
			    &w, BER_CTX((uint32_t)i), recipients, *count, room);
		else if (elements[i].kind != ADDRESSES)
			put_element(&w, record, i, part);
	}
	ber_end_element(&w);
	return ber_finish(&w);
}

/* track_encode_parts - append a record as further parts of one */
int
track_encode_parts(
    const struct track_record *record, uint64_t *first, struct buffer *records)
{
	size_t before = buffer_length(records), done = 0, count;
	uint64_t part = *first;
	int rc;

	do {
		/* A page holds at most one value of LMDB without overflow
		 * pages, so a record is cut rather than grown. */
		count = record->recipient_count - done;
		rc = put_part(
		    record, part, record->recipients + done, &count, records);
		/* The bounds of texts leave room for one. */
		if (count == 0 && done < record->recipient_count)
			panic("track: no room for a recipient");
		part++;
		done += count;
	} while (rc == 0 && done < record->recipient_count);
	if (rc != 0)
		buffer_truncate(records, before);
	else
		*first = part;
	return rc;
}

/* track_encode - append a record, in parts where it has many recipients */
int
track_encode(const struct track_record *record, struct buffer *records)
{
	uint64_t part = 0;

	return track_encode_parts(record, &part, records);
}

/* set_one - append one encoded record, with a queue id and a link */
static int
set_one(const struct ber_element *record, uint64_t message, struct slice to,
    struct buffer *records)
{
	struct ber_reader in;
	struct ber_element el;
	struct ber_writer w;
	uint32_t tag;
	bool written = false;

	ber_reader_init(&in, record->contents, NULL);
	ber_writer_init(&w, records);
	ber_begin(&w, BER_UNI(BER_SEQUENCE));
	while (ber_peek(&in, &tag) == 1) {
		if (!written && tag > BER_CTX(AT_MESSAGE)) {
			ber_put_integer(
			    &w, BER_CTX(AT_MESSAGE), (int64_t)message);
			written = true;
			ber_put_raw(&w, in.rest);
			break;
		}
		if (ber_next(&in, &el) != 1)
			break;
		ber_put_raw(&w, el.whole);
	}
	if (!written)
		ber_put_integer(&w, BER_CTX(AT_MESSAGE), (int64_t)message);
	if (to.len > 0)
		ber_put(&w, BER_CTX(AT_TO), to);
	ber_end_element(&w);
	return ber_finish(&w);
}

/* track_set_message - append a record, which may be in parts, with a queue id
 * and a link */
int
track_set_message(struct slice record, uint64_t message, struct slice to,
    struct buffer *records)
{
	size_t before = buffer_length(records);
	struct ber_reader reader;
	struct ber_element el;
	int rc = 0;

	ber_reader_init(&reader, record, NULL);
	while (rc == 0 && ber_next(&reader, &el) == 1)
		rc = set_one(&el, message, to, records);
	if (rc != 0)
		buffer_truncate(records, before);
	return rc;
}

/* track_make_page - make a page of as many records as fit */
int
track_make_page(struct slice *records, struct buffer *page)
{
	struct ber_reader reader;
	struct ber_writer w;
	struct ber_element el;
	struct slice taken = slice_of(records->data, 0);
	int rc;

	ber_reader_init(&reader, *records, NULL);
	while (ber_next(&reader, &el) == 1 &&
	    taken.len + el.whole.len <= RECORD_MAX)
		taken.len += el.whole.len;
	/* The rest stays with the caller for the next page. */
	buffer_reset(page);
	ber_writer_init(&w, page);
	ber_begin(&w, BER_UNI(BER_SEQUENCE));
	ber_put_integer(&w, BER_UNI(BER_INTEGER), VERSION);
	ber_begin(&w, BER_CTX(0));
	ber_put_raw(&w, taken);
	ber_end_element(&w);
	ber_end_element(&w);
	rc = ber_finish(&w);
	if (rc == 0)
		*records = slice_of(
		    records->data + taken.len, records->len - taken.len);
	return rc;
}

/* track_open - begin to read a page */
int
track_open(struct track_reader *reader, struct slice page, struct arena *arena,
    struct diag *diag)
{
	struct ber_reader outer, inner;
	struct ber_element el;
	int64_t version;
	int rc;

	ber_reader_init(&outer, page, diag);
	rc = ber_expect(&outer, BER_UNI(BER_SEQUENCE), "tracking page", &el);
	if (rc == 0)
		rc = ber_enter(&outer, &el, &inner);
	if (rc == 0)
		rc = ber_end(&outer, "tracking page");
	if (rc == 0)
		rc = ber_expect(&inner, BER_UNI(BER_INTEGER), "version", &el);
	if (rc == 0)
		rc = ber_get_integer(
		    &inner, &el, "version", 0, INT32_MAX, &version);
	if (rc == 0 && version != VERSION)
		rc = diag_set(diag, ERR_UNSUPPORTED,
		    "tracking page: version %lld is not known",
		    (long long)version);
	if (rc == 0)
		rc = ber_expect(&inner, BER_CTX(0), "records", &el);
	if (rc == 0)
		rc = ber_enter(&inner, &el, &reader->records);
	reader->arena = arena;
	return rc;
}

/* get_address - read one address of a list */
static int
get_address(const struct ber_reader *in, const struct ber_element *el,
    const char *name, struct arena *arena, void *item)
{
	struct slice *address = item;

	(void)arena;
	/* A short one may be longer by some octets. */
	if (el->constructed || el->contents.len > SHORTEN_MAX)
		return ber_error(in, el, ERR_VALUE, name, "bad length");
	*address = el->contents;
	return 0;
}

static const struct ber_list_kind addresses = {.member = "recipient",
    .size = sizeof(struct slice),
    .most = RECIPIENTS_MAX,
    .get = get_address};

/* lengthen - read short addresses as the addresses that they are */
static int
lengthen(const struct ber_reader *in, const struct ber_element *el,
    struct arena *arena, struct slice *list, size_t count)
{
	struct slice before = slice_of(NULL, 0);
	int rc;

	for (size_t i = 0; i < count; i++) {
		rc = shorten_undo(before, list[i], arena, &list[i]);
		if (rc != 0)
			return ber_error(
			    in, el, rc, "shortened", "bad recipient");
		before = list[i];
	}
	return 0;
}

/* get_element - read one element into its member */
static int
get_element(const struct track_reader *reader, const struct ber_reader *in,
    const struct ber_element *el, const struct element *e,
    struct track_record *record)
{
	void *to = (char *)record + e->at;
	void *items = NULL;
	int64_t number = 0;
	int rc;

	switch (e->kind) {
	case TEXT:
	case ADDRESS:
		if (el->constructed || el->contents.len > limit_of(e->kind))
			return ber_error(
			    in, el, ERR_VALUE, e->name, "bad length");
		*(struct slice *)to = el->contents;
		return 0;
	case ADDRESSES:
	case SHORTENED:
		rc = ber_get_list(in, el, e->name, &addresses, reader->arena,
		    &items, &record->recipient_count);
		record->recipients = items;
		return rc == 0 && e->kind == SHORTENED
		    ? lengthen(
			  in, el, reader->arena, items, record->recipient_count)
		    : rc;
	case SMALL:
		rc = ber_get_integer(in, el, e->name, 0, e->max, &number);
		*(uint32_t *)to = (uint32_t)number;
		return rc;
	case NUMBER:
	case TIME:
		rc = ber_get_integer(in, el, e->name, 0, INT64_MAX, &number);
		*(uint64_t *)to = (uint64_t)number;
		return rc;
	}
	return 0;
}

/* track_next - read the next record */
int
track_next(
    struct track_reader *reader, struct track_record *record, struct diag *diag)
{
	struct track_record r = {.event = TRACK_ARRIVAL};
	struct ber_reader in;
	struct ber_element el;
	int rc = ber_next(&reader->records, &el);

	if (rc == 0)
		return ERR_NOTFOUND;
	if (rc > 0 && el.tag != BER_UNI(BER_SEQUENCE))
		return diag_set(diag, ERR_SYNTAX, "tracking record: bad tag");
	if (rc > 0)
		rc = ber_enter(&reader->records, &el, &in);
	while (rc >= 0 && (rc = ber_next(&in, &el)) > 0) {
		uint32_t number = el.tag - BER_CTX(0);

		/* An element that a newer version wrote is passed over, so that
		 * a tracker which is a version behind loses nothing else. */
		if (el.tag >= BER_CTX(0) && number < COUNT)
			rc = get_element(
			    reader, &in, &el, &elements[number], &r);
		if (rc < 0)
			break;
	}
	if (rc == 0)
		*record = r;
	return rc;
}

/* track_event_name - get the name of an event */
const char *
track_event_name(enum track_event event)
{
	static const char *const names[TRACK_EVENTS] = {
	    [TRACK_ARRIVAL] = "arrival",
	    [TRACK_TRANSFER] = "transfer",
	    [TRACK_DELIVERY] = "delivery",
	    [TRACK_REPORT] = "report",
	    [TRACK_HOLD] = "hold",
	    [TRACK_RELEASE] = "release",
	    [TRACK_REROUTE] = "reroute",
	    [TRACK_REDIRECTION] = "redirection",
	    [TRACK_EXPANSION] = "expansion",
	    [TRACK_DELETION] = "deletion",
	    [TRACK_RETURN] = "return",
	    [TRACK_EXPIRY] = "expiry",
	    [TRACK_DISCARD] = "discard",
	    [TRACK_QUARANTINE] = "quarantine",
	    [TRACK_FAILURE] = "failure",
	    [TRACK_COPY] = "copy",
	};

	return (unsigned)event < TRACK_EVENTS ? names[event] : "unknown";
}
