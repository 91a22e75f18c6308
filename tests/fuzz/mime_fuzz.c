/* SPDX-License-Identifier: ISC */
/*
 * mime_fuzz.c - messages of the Internet from strangers
 *
 * The first octet says in pieces of which size the rest arrives.  What is told
 * must not depend on it, and every entity that begins ends.
 */
#include <stdlib.h>

#include "mime/mime_address.h"
#include "mime/mime_date.h"
#include "mime/mime_reader.h"
#include "mime/mime_word.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct mime_charsets charsets;

/* What a reader told, as a number that depends on all of it. */
struct told {
	uint64_t hash;
	unsigned open;
	int error;
};

/* mix - mix octets into the number */
static void
mix(struct told *told, struct slice octets)
{
	for (size_t i = 0; i < octets.len; i++)
		told->hash =
		    (told->hash ^ octets.data[i]) * UINT64_C(0x100000001b3);
}

/* mix_field - mix in what a value means, however it is read */
static void
mix_field(struct told *told, const struct mime_field *field)
{
	struct mime_mailboxes list;
	struct arena arena;
	struct slice *ids, utf8;
	size_t count;
	int64_t seconds;

	arena_init(&arena, (size_t)16 * 1024 * 1024);
	if (mime_address_parse(&charsets, field->value, &arena, &list) == 0)
		for (size_t i = 0; i < list.count; i++) {
			mix(told, list.list[i].address);
			mix(told, list.list[i].phrase);
			mix(told, list.list[i].comment);
		}
	if (mime_address_ids(field->value, &arena, &ids, &count) == 0)
		for (size_t i = 0; i < count; i++)
			mix(told, ids[i]);
	if (mime_word_decode(&charsets, field->value, &arena, &utf8) == 0)
		mix(told, utf8);
	if (mime_date_parse(field->value, &seconds) == 0)
		mix(told, slice_of(&seconds, sizeof(seconds)));
	arena_fini(&arena);
}

static int
on_begin(
    void *arg, const struct mime_entity *entity, enum mime_reading *reading)
{
	struct told *told = arg;

	told->open++;
	mix(told, slice_of(&entity->shape, sizeof(entity->shape)));
	mix(told, entity->type.type);
	for (size_t i = 0; i < entity->type.count; i++)
		mix(told, entity->type.parameters[i].value);
	for (size_t i = 0; i < entity->disposition.count; i++)
		mix(told, entity->disposition.parameters[i].value);
	for (size_t i = 0; i < entity->header.count; i++)
		mix_field(told, &entity->header.fields[i]);
	if (mime_type_is(&entity->type, "multipart", "signed"))
		*reading = MIME_READ_WHOLE;
	return 0;
}

static int
on_data(void *arg, struct slice octets)
{
	struct told *told = arg;

	if (told->open == 0)
		abort();
	mix(told, octets);
	return 0;
}

static int
on_end(void *arg)
{
	struct told *told = arg;

	if (told->open-- == 0)
		abort();
	mix(told, slice_of(&told->open, sizeof(told->open)));
	return 0;
}

/* read_all - read all of a message in pieces */
static void
read_all(struct slice octets, size_t piece, struct told *told)
{
	const struct mime_handler handler = {
	    .begin = on_begin, .data = on_data, .end = on_end, .arg = told};
	const struct mime_limits limits = {
	    .size = UINT64_MAX, .header = 16384, .parts = 100};
	struct mime_reader reader;

	*told = (struct told){.hash = UINT64_C(0xcbf29ce484222325)};
	mime_reader_init(&reader, &handler, &limits, &charsets);
	for (size_t i = 0; told->error == 0 && i < octets.len; i += piece) {
		size_t n = octets.len - i < piece ? octets.len - i : piece;

		told->error =
		    mime_reader_push(&reader, slice_of(octets.data + i, n));
	}
	if (told->error == 0)
		told->error = mime_reader_finish(&reader);
	mime_reader_fini(&reader);
}

/* LLVMFuzzerTestOneInput - check that pieces and the whole tell the same */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool open;
	struct told pieces, whole;

	if (size < 2)
		return 0;
	if (!open)
		mime_charsets_open(&charsets);
	open = true;
	read_all(slice_of(data + 1, size - 1), (size_t)data[0] + 1, &pieces);
	read_all(slice_of(data + 1, size - 1), size, &whole);
	if (pieces.error != whole.error)
		abort();
	if (pieces.error == 0 && (pieces.hash != whole.hash || whole.open != 0))
		abort();
	return 0;
}
