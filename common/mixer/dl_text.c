/* SPDX-License-Identifier: ISC */
/*
 * dl_text.c - the lists that a message came by, as a header says them
 *
 * Contract in dl_text.h.
 */
#include "mixer/dl_text.h"

#include "mhs/dl_history.h"
#include "mhs/trace.h"
#include "mime/mime_date.h"
#include "mime/mime_header.h"

/* Octets of an address that is written, which a line must hold, and of all
 * fields, beyond which no more are written. */
#define ADDRESS_MAX 900
#define FIELDS_MAX  6000

/* put_entry - write an entry, if it has a time and an address */
static void
put_entry(const struct address_map *map, const struct dl_history_entry *entry,
    const char *field, struct mime_writer *writer, struct arena *arena)
{
	enum address_kind kind;
	struct slice text;
	char date[MIME_DATE_MAX];

	if (entry->time == TRACE_NO_TIME ||
	    address_to_internet(
		map, &entry->name.address, arena, &text, &kind, NULL) != 0 ||
	    text.len > ADDRESS_MAX)
		return;
	mime_field(writer, field);
	mime_word(writer, text);
	mime_join(writer, ";");
	mime_words(writer, mime_date_format(entry->time, date));
	mime_join(writer, ";");
	mime_field_end(writer);
}

/* dl_text_put - write the entries of a history, the newest first */
void
dl_text_put(const struct address_map *map,
    const struct extension_list *extensions, int number, const char *field,
    struct mime_writer *writer, struct arena *arena)
{
	struct dl_history_entry entries[DL_TEXT_MAX];
	struct dl_history_walk walk;
	size_t count = 0, until = writer->header + FIELDS_MAX;

	if (dl_history_walk_init(&walk, extensions, number) != 0)
		return;
	/* Of a longer history the end, by which loops are found. */
	while (dl_history_walk_next(
		   &walk, arena, &entries[count % DL_TEXT_MAX]) > 0)
		count++;
	for (size_t i = 0;
	     i < count && i < DL_TEXT_MAX && writer->header <= until; i++)
		put_entry(map, &entries[(count - 1 - i) % DL_TEXT_MAX], field,
		    writer, arena);
}

/* dl_text_reason - say why a message was redirected */
const char *
dl_text_reason(int reason)
{
	/* Reasons of X.411 1992 and later, behind the three of 1988. */
	static const char *const reasons[] = {
	    "Recipient Assigned Alternate Recipient",
	    "Originator Requested Alternate Recipient",
	    "Recipient MD Assigned Alternate Recipient", "Directory Look Up",
	    "Alias"};

	return reason >= 0 &&
		(size_t)reason < sizeof(reasons) / sizeof(reasons[0])
	    ? reasons[reason]
	    : "Other";
}

/* last_semicolon - find the last ";" of a text; its length if there is none */
static size_t
last_semicolon(struct slice text)
{
	for (size_t i = text.len; i > 0; i--)
		if (text.data[i - 1] == ';')
			return i - 1;
	return text.len;
}

/* read_expansion - read the value of a field; false: that cannot be read */
static bool
read_expansion(const struct address_map *map, struct slice value,
    struct arena *arena, struct or_name *list, int64_t *time)
{
	enum address_kind kind;
	size_t at;

	/* Semicolons may stand in an address, and one at the end. */
	if (value.len > 0 && value.data[value.len - 1] == ';')
		value.len--;
	at = last_semicolon(value);
	*list = (struct or_name){.directory_name = {.len = 0}};
	return at < value.len &&
	    mime_date_parse(
		slice_of(value.data + at + 1, value.len - at - 1), time) == 0 &&
	    address_from_internet(map, mime_trim(slice_of(value.data, at)),
		arena, &list->address, &kind, NULL) == 0;
}

/* dl_text_get - append the expansions that a message tells of */
int
dl_text_get(const struct address_map *map, struct slice message,
    struct arena *arena, struct extension_list *extensions)
{
	struct slice values[DL_TEXT_MAX];
	struct mime_header header;
	struct or_name list;
	size_t count = 0;
	int64_t time;
	int error = mime_header_parse(mime_header_cut(message), arena, &header);

	if (error < 0)
		return error == ERR_NOMEM ? error : 0;
	for (size_t i = 0; i < header.count && count < DL_TEXT_MAX; i++)
		if (mime_name_is(header.fields[i].name, DL_TEXT_FIELD))
			values[count++] = header.fields[i].value;
	/* The history has the oldest first. */
	while (count-- > 0 && error == 0)
		if (read_expansion(map, values[count], arena, &list, &time))
			error =
			    dl_history_append(extensions, arena, &list, time);
	return error;
}
