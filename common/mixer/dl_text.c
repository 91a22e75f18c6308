/* SPDX-License-Identifier: ISC */
/*
 * dl_text.c - the lists that a message came by, as a header says them
 *
 * Contract in dl_text.h.
 */
#include "mixer/dl_text.h"

#include "mhs/dl_history.h"
#include "mime/mime_date.h"
#include "mime/mime_header.h"

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
