/* SPDX-License-Identifier: ISC */
/*
 * dl_history.c - which lists a message was expanded at, and whom it was for
 * before it was redirected
 */
#include "ber/time.h"
#include "mhs/dl_history.h"
#include "mhs/trace.h"

/* ub-dl-expansions: of a longer history no more is read. */
#define HISTORY_MAX 512

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
	if (arena != NULL)
		rc = or_name_decode(&inner, &part, "history", arena, name);
	if (rc != 0)
		return rc == ERR_NOMEM ? rc : ERR_VALUE;
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
