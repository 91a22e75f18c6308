/* SPDX-License-Identifier: ISC */
/*
 * memory_note.c - what mixer-memory remembers: values under keys
 *
 * Contract in memory_note.h.
 */
#include "mixer/memory_note.h"

#include <string.h>

#include "ber/reader.h"
#include "ber/writer.h"

/* Octets of notes in a page, beside its own headers and the identifier. */
#define NOTES_MAX (MEMORY_PAGE_MAX - 300)

/* memory_note_put - append a note */
int
memory_note_put(
    char kind, const char *rest, struct slice value, struct buffer *notes)
{
	char key[MEMORY_KEY_MAX / 2];
	size_t len = strlen(rest), before = buffer_length(notes);
	struct ber_writer w;
	int rc;

	if (1 + len > sizeof(key) || value.len > MEMORY_VALUE_MAX)
		return 0;
	key[0] = kind;
	memcpy(key + 1, rest, len);
	ber_writer_init(&w, notes);
	ber_begin(&w, BER_UNI(BER_SEQUENCE));
	ber_put(&w, BER_UNI(BER_OCTET_STRING), slice_of(key, 1 + len));
	ber_put(&w, BER_UNI(BER_OCTET_STRING), value);
	ber_end_element(&w);
	rc = ber_finish(&w);
	if (rc < 0)
		buffer_truncate(notes, before);
	return rc;
}

/* memory_note_key - make a whole key in the arena */
struct slice
memory_note_key(
    char kind, const char *mts_id, const char *rest, struct arena *arena)
{
	const char *key = arena_printf(arena, "%c%s%s%s", kind, mts_id,
	    mts_id[0] != '\0' && rest[0] != '\0' ? " " : "", rest);

	return key != NULL ? slice_of_string(key) : slice_of(NULL, 0);
}

/* memory_note_page - make a page of as many notes as fit */
int
memory_note_page(const char *mts_id, struct slice *notes, struct buffer *page)
{
	struct slice taken = slice_of(notes->data, 0);
	struct ber_reader reader;
	struct ber_element el;
	struct ber_writer w;
	int rc;

	ber_reader_init(&reader, *notes, NULL);
	while (ber_next(&reader, &el) == 1 &&
	    taken.len + el.whole.len <= NOTES_MAX)
		taken.len += el.whole.len;
	if (taken.len == 0)
		return ERR_SYNTAX;
	buffer_reset(page);
	ber_writer_init(&w, page);
	ber_begin(&w, BER_UNI(BER_SEQUENCE));
	ber_put(&w, BER_UNI(BER_UTF8_STRING), slice_of_string(mts_id));
	ber_begin(&w, BER_UNI(BER_SEQUENCE));
	ber_put_raw(&w, taken);
	ber_end_element(&w);
	ber_end_element(&w);
	rc = ber_finish(&w);
	if (rc == 0)
		*notes =
		    slice_of(notes->data + taken.len, notes->len - taken.len);
	return rc;
}

/* take_note - read a note, and hand it on with its whole key */
static int
take_note(struct ber_reader *note, struct slice mts_id, struct arena *arena,
    memory_note_fn *take, void *arg)
{
	struct ber_element key, value;
	struct slice whole;
	const char *id, *rest;
	int rc = ber_expect(note, BER_UNI(BER_OCTET_STRING), "key", &key);

	if (rc == 0)
		rc = ber_expect(
		    note, BER_UNI(BER_OCTET_STRING), "value", &value);
	if (rc == 0 &&
	    (key.contents.len == 0 || key.constructed || value.constructed))
		rc = ERR_SYNTAX;
	if (rc != 0)
		return rc;
	id = key.contents.data[0] == MEMORY_ID ? ""
					       : arena_string(arena, mts_id);
	rest = arena_string(
	    arena, slice_of(key.contents.data + 1, key.contents.len - 1));
	if (id == NULL || rest == NULL)
		return arena_error(arena);
	whole = memory_note_key((char)key.contents.data[0], id, rest, arena);
	if (whole.len == 0)
		return arena_error(arena);
	return whole.len <= MEMORY_KEY_MAX ? take(arg, whole, value.contents)
					   : 0;
}

/* memory_note_read - read a page, with whole keys */
int
memory_note_read(
    struct slice page, struct arena *arena, memory_note_fn *take, void *arg)
{
	struct ber_reader reader, outer, notes, note;
	struct ber_element el, id;
	int rc, more = 1;

	ber_reader_init(&reader, page, NULL);
	rc = ber_expect(&reader, BER_UNI(BER_SEQUENCE), "page", &el);
	if (rc == 0)
		rc = ber_enter(&reader, &el, &outer);
	if (rc == 0)
		rc = ber_expect(&outer, BER_UNI(BER_UTF8_STRING), "id", &id);
	if (rc == 0)
		rc = ber_expect(&outer, BER_UNI(BER_SEQUENCE), "notes", &el);
	if (rc == 0)
		rc = ber_enter(&outer, &el, &notes);
	while (rc == 0 && (more = ber_next(&notes, &el)) == 1) {
		rc = ber_enter(&notes, &el, &note);
		if (rc == 0)
			rc = take_note(&note, id.contents, arena, take, arg);
	}
	return rc == 0 && more < 0 ? more : rc;
}
