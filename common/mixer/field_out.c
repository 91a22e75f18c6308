/* SPDX-License-Identifier: ISC */
/*
 * field_out.c - fields that several kinds of header have
 *
 * Contract in field_out.h.
 */
#include "mixer/field_out.h"

#include <stdio.h>
#include <string.h>

#include "mime/mime_date.h"
#include "mixer/heading.h"
#include "mixer/oid_text.h"

_Static_assert(P1_NO_TIME == IPM_NO_TIME, "no time is one value");

/* field_string - write a field of one string */
void
field_string(struct mime_writer *writer, const char *name, const char *value)
{
	mime_field(writer, name);
	mime_text(writer, slice_of_string(value));
	mime_field_end(writer);
}

/* field_time - write a field of one time, unless there is none */
void
field_time(struct mime_writer *writer, const char *name, int64_t seconds)
{
	char text[MIME_DATE_MAX];

	if (seconds != P1_NO_TIME)
		field_string(writer, name, mime_date_format(seconds, text));
}

/* field_address - write a field of an address of the Internet */
void
field_address(struct mime_writer *writer, const struct mapping *mapping,
    struct arena *arena, const char *name, const char *prefix,
    const struct or_name *value)
{
	enum address_kind kind;
	struct slice text;
	char *line;

	if (address_to_internet(mapping->addresses, &value->address, arena,
		&text, &kind, NULL) != 0)
		return;
	line = arena_printf(
	    arena, "%s%.*s", prefix, (int)text.len, (const char *)text.data);
	if (line == NULL)
		return;
	mime_field(writer, name);
	mime_value(writer, slice_of_string(line));
	mime_field_end(writer);
}

/* format_extension - write the name of an extension as RFC 2156 has it */
static void
format_extension(const struct extension *extension, char text[OID_TEXT_MAX])
{
	const char *name;

	if (extension->number == EXTENSION_PRIVATE) {
		oid_text(extension->oid, text);
		return;
	}
	name = extension_name(extension->number);
	(void)snprintf(text, OID_TEXT_MAX, "%.80s(%d)",
	    name != NULL ? name : "", extension->number);
}

/* field_discarded - write a field that names the extensions that are lost */
void
field_discarded(struct mime_writer *writer, const char *name,
    const struct extension_list *list, bool (*is_written)(int number))
{
	char text[OID_TEXT_MAX];
	bool any = false;

	for (size_t i = 0; i < list->count; i++) {
		if (is_written(list->items[i].number) ||
		    (any && writer->field > HEADING_TEXT_MAX))
			continue;
		format_extension(&list->items[i], text);
		if (!any)
			mime_field(writer, name);
		else
			mime_join(writer, ",");
		any = true;
		mime_words(writer, text);
	}
	if (any)
		mime_field_end(writer);
}

/* is_named - tell whether a field is one of those */
static bool
is_named(struct slice name, const char *const *others)
{
	for (; *others != NULL; others++)
		if (mime_name_is(name, *others))
			return true;
	return false;
}

/* field_kept - write the fields of a part that were kept */
void
field_kept(struct mime_writer *writer, const struct mime_header *fields,
    const char *const *others)
{
	char name[MIME_NAME_MAX + 1];

	for (size_t i = 0; i < fields->count; i++) {
		const struct mime_field *f = &fields->fields[i];

		if (!mime_name_begins(f->name, "Content-") ||
		    is_named(f->name, others) || f->name.len > MIME_NAME_MAX)
			continue;
		memcpy(name, f->name.data, f->name.len);
		name[f->name.len] = '\0';
		mime_field(writer, name);
		mime_value(writer, f->value);
		mime_field_end(writer);
	}
}
