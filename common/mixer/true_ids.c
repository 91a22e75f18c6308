/* SPDX-License-Identifier: ISC */
/*
 * true_ids.c - identifiers as they were before a heading cut them
 *
 * Contract in true_ids.h.
 */
#include "mixer/true_ids.h"

#include "mhs/charset.h"
#include "mime/mime_address.h"
#include "mixer/field_list.h"
#include "mixer/message_id.h"

/* Identifiers that are asked for at a time. */
#define RECALL_MAX 40

/* true_ids_fields - read the field list of a heading */
void
true_ids_fields(const struct ipm_heading *h, struct arena *arena,
    struct mime_header *fields)
{
	for (size_t i = 0; i < h->extension_count; i++)
		if (slice_equal(h->extensions[i].type, FIELD_LIST_OID) &&
		    field_list_decode(h->extensions[i].value, arena, fields) ==
			0)
			return;
}

/* add - add an identifier, if it gives the one of the heading again: only that
 * is believed, whoever wrote it */
static void
add(const struct mapping *mapping, struct slice text, struct arena *arena,
    struct true_ids *ids)
{
	struct true_id *id = &ids->list[ids->count];

	if (ids->count == TRUE_IDS_MAX || text.len > MESSAGE_ID_MAX ||
	    !charset_is_ascii(text) ||
	    message_id_to_x400(mapping, text, arena, &id->cut) != 0 ||
	    id->cut.user.len > 0)
		return;
	id->text = text;
	ids->count++;
}

/* add_field - add the identifiers of a field */
static void
add_field(const struct mapping *mapping, struct slice value,
    struct arena *arena, struct true_ids *ids)
{
	struct slice *list;
	size_t count;

	if (mime_address_ids(value, arena, &list, &count) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		add(mapping, list[i], arena, ids);
}

/* true_ids_read - add the identifiers that a field list keeps */
void
true_ids_read(const struct mapping *mapping, const struct mime_header *fields,
    struct arena *arena, struct true_ids *ids)
{
	static const char *const names[] = {
	    "Message-ID", "In-Reply-To", "References", "Supersedes"};

	for (size_t i = 0; i < fields->count; i++)
		for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
			if (mime_name_is(fields->fields[i].name, names[n]))
				add_field(mapping, fields->fields[i].value,
				    arena, ids);
}

/* true_ids_find - find the text of an identifier */
bool
true_ids_find(const struct true_ids *ids,
    const struct ipm_identifier *identifier, struct slice *text)
{
	for (size_t i = 0; i < ids->count && identifier->user.len == 0; i++)
		if (slice_equal(ids->list[i].cut.local, identifier->local)) {
			*text = ids->list[i].text;
			return true;
		}
	return false;
}

/* Identifiers that are to be asked for. */
struct wanted {
	struct mapping_cut list[RECALL_MAX];
	size_t count;
};

/* want - have an identifier asked for, if it was cut and is not known */
static void
want(const struct true_ids *ids, const struct ipm_identifier *identifier,
    struct wanted *wanted)
{
	struct slice text;

	if (wanted->count < RECALL_MAX && message_id_is_cut(identifier) &&
	    !true_ids_find(ids, identifier, &text))
		wanted->list[wanted->count++] =
		    (struct mapping_cut){.local = identifier->local};
}

/* true_ids_recall - add those that are remembered */
void
true_ids_recall(const struct mapping *mapping, const struct ipm_heading *h,
    struct arena *arena, struct true_ids *ids)
{
	struct wanted wanted = {.count = 0};

	if (mapping->recall == NULL)
		return;
	if (h->has_replied_to)
		want(ids, &h->replied_to, &wanted);
	want(ids, &h->this_ipm, &wanted);
	/* The newest of a thread are the last ones. */
	for (size_t i = h->related.count; i > 0; i--)
		want(ids, &h->related.list[i - 1], &wanted);
	for (size_t i = 0; i < h->obsoleted.count; i++)
		want(ids, &h->obsoleted.list[i], &wanted);
	if (wanted.count == 0)
		return;
	mapping->recall(mapping->recall_arg, arena, wanted.list, wanted.count);
	for (size_t i = 0; i < wanted.count; i++)
		if (wanted.list[i].text.len > 0)
			add(mapping, wanted.list[i].text, arena, ids);
}
