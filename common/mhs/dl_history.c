/* SPDX-License-Identifier: ISC */
/*
 * dl_history.c - which lists a message was expanded at, and whom it was for
 * before it was redirected
 */
#include "ber/time.h"
#include "mhs/dl_history.h"
#include "mhs/trace.h"

/* ub-dl-expansions, ub-redirections: of a longer history no more is read, and
 * none is made. */
#define HISTORY_MAX 512

/* The octets that one entry adds to a history. */
#define ENTRY_MAX (OR_ADDRESS_MAX + 64)

/* enter_history - enter the SEQUENCE that is the value of an extension */
static int
enter_history(const struct extension_list *extensions, int number,
    struct ber_reader *items)
{
	const struct extension *extension = extension_find(extensions, number);
	struct ber_reader reader;
	struct ber_element el;

	if (extension == NULL)
		return ERR_VALUE;
	ber_reader_init(&reader, extension->value, NULL);
	if (ber_expect(&reader, BER_UNI(BER_SEQUENCE), "history", &el) != 0 ||
	    ber_enter(&reader, &el, items) != 0)
		return ERR_VALUE;
	return 0;
}

/* decode_named - read { ORAddressAndOptionalDirectoryName, Time } */
static int
decode_named(const struct ber_reader *items, const struct ber_element *el,
    struct arena *arena, struct or_name *name, int64_t *time)
{
	struct ber_reader inner;
	struct ber_element part;
	int rc = 0;

	*time = TRACE_NO_TIME;
	if (ber_enter(items, el, &inner) != 0 || ber_next(&inner, &part) <= 0)
		return ERR_VALUE;
	/* Without an arena only the time is wanted, and no name need be
	 * read. */
	if (arena != NULL)
		rc = or_name_decode(&inner, &part, "history", arena, name);
	if (rc != 0)
		return rc == ERR_NOMEM ? rc : ERR_VALUE;
	/* An entry whose time cannot be read still names a list. */
	if (ber_next(&inner, &part) > 0 && !part.constructed &&
	    utc_time_parse(part.contents, time) != 0)
		*time = TRACE_NO_TIME;
	return 0;
}

/* dl_history_last - read the last expansion of dl-expansion-history */
int
dl_history_last(const struct extension_list *extensions, struct arena *arena,
    struct dl_history *history)
{
	struct ber_reader items;
	struct ber_element el, last = {.constructed = false};
	unsigned count = 0;
	int rc =
	    enter_history(extensions, EXTENSION_DL_EXPANSION_HISTORY, &items);

	if (rc != 0)
		return rc;
	*history = (struct dl_history){.time = TRACE_NO_TIME};
	history->items = items.rest;
	/* Bounded: each entry costs a decoding, and their number is the
	 * peer's. */
	while ((rc = ber_next(&items, &el)) > 0 && ++count <= HISTORY_MAX)
		last = el;
	if (rc != 0 || !last.constructed)
		return ERR_VALUE;
	return decode_named(
	    &items, &last, arena, &history->list, &history->time);
}

/* dl_history_of_report - make originator-and-DL-expansion-history */
int
dl_history_of_report(const struct dl_history *history,
    const struct or_name *originator, int64_t origin, struct arena *arena,
    struct slice *value)
{
	char text[UTC_TIME_LEN + 1];
	struct ber_writer writer;
	struct buffer out;
	int rc;

	buffer_init(&out, 2 * OR_ADDRESS_MAX + history->items.len);
	ber_writer_init(&writer, &out);
	ber_begin(&writer, BER_UNI(BER_SEQUENCE));
	ber_begin(&writer, BER_UNI(BER_SEQUENCE));
	or_name_encode(&writer, OR_NAME_TAG, originator);
	utc_time_format(origin, text);
	ber_put_string(&writer, BER_UNI(BER_UTC_TIME), text);
	ber_end_element(&writer);
	ber_put_raw(&writer, history->items);
	ber_end_element(&writer);
	rc = ber_finish(&writer);
	if (rc == 0)
		rc = arena_slice(arena, buffer_slice(&out), value);
	buffer_fini(&out);
	return rc;
}

/* redirection_intended - read whom a recipient's message was originally for */
int
redirection_intended(const struct extension_list *extensions,
    struct arena *arena, struct or_name *intended)
{
	struct ber_reader items, inner;
	struct ber_element el;
	int64_t time;
	int rc =
	    enter_history(extensions, EXTENSION_REDIRECTION_HISTORY, &items);

	if (rc != 0)
		return rc;
	if (ber_next(&items, &el) <= 0 || ber_enter(&items, &el, &inner) != 0 ||
	    ber_next(&inner, &el) <= 0)
		return ERR_VALUE;
	return decode_named(&inner, &el, arena, intended, &time);
}

/* dl_history_before - read who stands before a list in
 * originator-and-DL-expansion-history */
int
dl_history_before(const struct extension_list *extensions, struct arena *arena,
    const struct or_address *list, struct or_name *before)
{
	struct ber_reader items;
	struct ber_element el;
	struct or_name last;
	unsigned count = 0;
	int rc = enter_history(
	    extensions, EXTENSION_ORIGINATOR_AND_DL_EXPANSION_HISTORY, &items);

	while (rc == 0 && ber_next(&items, &el) > 0 && count <= HISTORY_MAX) {
		struct or_name name;
		int64_t time;

		rc = decode_named(&items, &el, arena, &name, &time);
		/* X.411: the list stands behind the originator or list that it
		 * was expanded for. */
		if (rc == 0 && count > 0 &&
		    or_address_compare(&name.address, list) == 0) {
			*before = last;
			return 0;
		}
		last = name;
		count++;
	}
	return rc == ERR_NOMEM ? rc : ERR_VALUE;
}

/* begin_history - begin the SEQUENCE of a history with the items that it has */
static int
begin_history(struct ber_writer *writer, const struct extension *extension,
    const struct extension_list *extensions, int number)
{
	struct ber_reader items, rest;
	struct ber_element el;
	unsigned count = 0;
	int rc;

	ber_begin(writer, BER_UNI(BER_SEQUENCE));
	if (extension == NULL)
		return 0;
	rc = enter_history(extensions, number, &items);
	if (rc != 0)
		return rc;
	rest = items;
	while ((rc = ber_next(&items, &el)) > 0)
		count++;
	/* A history at its bound is a loop that nobody found; another entry
	 * would hide it. */
	if (rc == 0 && count >= HISTORY_MAX)
		return ERR_LIMIT;
	ber_put_raw(writer, rest.rest);
	return rc;
}

/* put_named - write the name and time of an entry */
static void
put_named(struct ber_writer *writer, const struct or_name *name, int64_t time)
{
	char text[UTC_TIME_LEN + 1];

	utc_time_format(time, text);
	ber_begin(writer, BER_UNI(BER_SEQUENCE));
	or_name_encode(writer, OR_NAME_TAG, name);
	ber_put_string(writer, BER_UNI(BER_UTC_TIME), text);
	ber_end_element(writer);
}

/*
 * append_entry - add an entry to a history; reason -1: none is written
 *
 * A history of somebody else's that cannot be read cannot be continued; a new
 * one takes its place.
 */
static int
append_entry(struct extension_list *extensions, int number, struct arena *arena,
    const struct or_name *name, int64_t time, int reason)
{
	const struct extension *old = extension_find(extensions, number);
	struct ber_writer writer;
	struct buffer out;
	struct slice value;
	int rc;

	buffer_init(
	    &out, ENTRY_MAX + (old == NULL ? 0 : (size_t)old->value.len));
	ber_writer_init(&writer, &out);
	rc = begin_history(&writer, old, extensions, number);
	/* A history that cannot be read is begun again, rather than the message
	 * lost. */
	if (rc != 0 && rc != ERR_LIMIT) {
		buffer_reset(&out);
		ber_writer_init(&writer, &out);
		rc = begin_history(&writer, NULL, extensions, number);
	}
	if (reason >= 0)
		ber_begin(&writer, BER_UNI(BER_SEQUENCE));
	put_named(&writer, name, time);
	if (reason >= 0) {
		ber_put_integer(&writer, BER_UNI(BER_ENUMERATED), reason);
		ber_end_element(&writer);
	}
	ber_end_element(&writer);
	if (rc == 0)
		rc = ber_finish(&writer);
	if (rc == 0)
		rc = arena_slice(arena, buffer_slice(&out), &value);
	buffer_fini(&out);
	return rc != 0 ? rc
		       : extension_set(extensions, arena, number,
			     old == NULL ? 0 : old->criticality, value);
}

/* dl_history_append - add an expansion to dl-expansion-history */
int
dl_history_append(struct extension_list *extensions, struct arena *arena,
    const struct or_name *list, int64_t time)
{
	return append_entry(
	    extensions, EXTENSION_DL_EXPANSION_HISTORY, arena, list, time, -1);
}

/* redirection_append - add a redirection to redirection-history */
int
redirection_append(struct extension_list *extensions, struct arena *arena,
    const struct or_name *intended, int64_t time,
    enum redirection_reason reason)
{
	return append_entry(extensions, EXTENSION_REDIRECTION_HISTORY, arena,
	    intended, time, (int)reason);
}

/* has_address - search an address in a history, each entry of which is within
 * so many SEQUENCEs */
static int
has_address(const struct extension_list *extensions, int number,
    unsigned nested, struct arena *arena, const struct or_address *address)
{
	struct ber_reader items, inner;
	struct ber_element el;
	unsigned count = 0;
	int rc = enter_history(extensions, number, &items);

	if (rc != 0)
		return 0;
	while (ber_next(&items, &el) > 0 && ++count <= HISTORY_MAX) {
		struct or_name name = {.directory_name = {.len = 0}};
		int64_t time;

		/* X.411: in redirection-history a name and its time stand
		 * within an entry, beside the reason. */
		inner = items;
		if (nested > 0 &&
		    (ber_enter(&items, &el, &inner) != 0 ||
			ber_next(&inner, &el) <= 0))
			continue;
		rc = decode_named(&inner, &el, arena, &name, &time);
		if (rc == ERR_NOMEM)
			return rc;
		if (rc == 0 && or_address_compare(&name.address, address) == 0)
			return 1;
	}
	return 0;
}

/* dl_history_has - search an address in dl-expansion-history */
int
dl_history_has(const struct extension_list *extensions, struct arena *arena,
    const struct or_address *address)
{
	return has_address(
	    extensions, EXTENSION_DL_EXPANSION_HISTORY, 0, arena, address);
}

/* redirection_has - search an address in redirection-history */
int
redirection_has(const struct extension_list *extensions, struct arena *arena,
    const struct or_address *address)
{
	return has_address(
	    extensions, EXTENSION_REDIRECTION_HISTORY, 1, arena, address);
}

/* dl_history_walk_init - walk over a history */
int
dl_history_walk_init(struct dl_history_walk *walk,
    const struct extension_list *extensions, int number)
{
	walk->number = number;
	walk->count = 0;
	return enter_history(extensions, number, &walk->items);
}

/* read_entry - read an entry, and the reason of a redirection */
static int
read_entry(const struct dl_history_walk *walk, const struct ber_element *el,
    struct arena *arena, struct dl_history_entry *entry)
{
	struct ber_reader inner = walk->items;
	struct ber_element named = *el, reason;
	int64_t value;

	*entry = (struct dl_history_entry){.reason = -1};
	if (walk->number == EXTENSION_REDIRECTION_HISTORY) {
		if (ber_enter(&walk->items, el, &inner) != 0 ||
		    ber_next(&inner, &named) <= 0)
			return ERR_VALUE;
		if (ber_next(&inner, &reason) > 0 &&
		    ber_get_integer(
			&inner, &reason, "reason", 0, INT32_MAX, &value) == 0)
			entry->reason = (int)value;
	}
	return decode_named(&inner, &named, arena, &entry->name, &entry->time);
}

/* dl_history_walk_next - get the next entry of a history */
int
dl_history_walk_next(struct dl_history_walk *walk, struct arena *arena,
    struct dl_history_entry *entry)
{
	struct ber_element el;
	int error;

	while (ber_next(&walk->items, &el) > 0 && walk->count++ < HISTORY_MAX) {
		error = read_entry(walk, &el, arena, entry);
		if (error == 0)
			return 1;
		if (error == ERR_NOMEM)
			return error;
	}
	return 0;
}
