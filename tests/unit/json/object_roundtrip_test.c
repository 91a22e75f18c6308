/* SPDX-License-Identifier: ISC */
/*
 * object_roundtrip_test.c - what is given out and submitted again is the same
 *
 * Random envelopes of all kinds with random contents: the content comes back
 * octet for octet where it is given, and equal in value where it is made of
 * ipm, parts, report or notification; the envelope in all that may be
 * submitted, which is all but identifier, trace, histories and bilateral
 * information.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/json/json_object.h"
#include "tests/unit/json/object_random.h"
#include "tests/unit/mhs/p1_random.h"
#include "tests/unit/test.h"

#define CONTENT_MAX ((size_t)4 * 1024 * 1024)

/* An object that is sent round. */
struct round {
	uint64_t seed;
	struct or_random random;
	enum mts_kind kind;
	struct arena arena;
	struct buffer octets; /* of the envelope */
	struct p1_envelope envelope;
	struct buffer content;
	char *text; /* as it was given out */
};

/* add_known - add extensions that are members of their own, some with a
 * criticality that is not the usual one */
static void
add_known(struct round *round)
{
	struct p1_envelope *e = &round->envelope;
	struct or_random *random = &round->random;
	static const int flags[] = {1, 3, 4};

	if (or_random_below(random, 3) == 0)
		ck_assert_int_eq(p1_set_latest_delivery_time(
				     &e->extensions, &round->arena, 1790000000),
		    0);
	for (size_t i = 0; i < 3; i++)
		if (or_random_below(random, 3) == 0)
			ck_assert_int_eq(extension_set(&e->extensions,
					     &round->arena, flags[i],
					     or_random_below(random, 2) == 0
						 ? CRITICAL_FOR_DELIVERY
						 : CRITICAL_FOR_TRANSFER,
					     slice_of("\x0a\x01\x01", 3)),
			    0);
	if (or_random_below(random, 3) == 0)
		ck_assert_int_eq(extension_set(&e->extensions, &round->arena,
				     EXTENSION_CONTENT_CORRELATOR, 0,
				     or_random_below(random, 2) == 0
					 ? slice_of("\x16\x03"
						    "abc",
					       5)
					 : slice_of("\x04\x03\x00\x01\xff", 5)),
		    0);
}

/* draw_names - give the envelope names with attributes of every kind */
static void
draw_names(struct round *round)
{
	struct p1_envelope *e = &round->envelope;

	if (or_random_below(&round->random, 2) == 0)
		return;
	e->originator = object_random_name(&round->random, &round->arena);
	for (size_t i = 0; i < e->recipient_count; i++)
		e->recipients[i].name =
		    object_random_name(&round->random, &round->arena);
}

/* round_init - draw an object of a seed */
static void
round_init(struct round *round, unsigned n)
{
	static const enum mts_kind kinds[] = {
	    MTS_MESSAGE, MTS_MESSAGE, MTS_MESSAGE, MTS_PROBE, MTS_REPORT};
	struct diag diag = {0};

	*round = (struct round){
	    .seed = (n + 1) * 0x9e3779b97f4a7c15U, .kind = kinds[n % 5]};
	round->random.state = round->seed;
	arena_init(&round->arena, OBJECT_ARENA_MAX);
	buffer_init(&round->octets, P1_RANDOM_OCTETS);
	buffer_init(&round->content, CONTENT_MAX);
	p1_random_build(
	    round->seed, round->kind, P1_RANDOM_COMES_IN, &round->octets);
	ck_assert_msg(p1_decode(round->kind, buffer_slice(&round->octets),
			  &round->arena, &round->envelope, &diag) == 0,
	    "%u: %s", n, diag_text(&diag));
	draw_names(round);
	if (round->kind == MTS_REPORT) {
		object_random_report(
		    &round->random, &round->arena, &round->content);
		return;
	}
	add_known(round);
	if (round->kind == MTS_MESSAGE)
		round->envelope.content_type.built_in = object_random_content(
		    &round->random, &round->arena, &round->content);
}

/* round_fini - free all */
static void
round_fini(struct round *round)
{
	free(round->text);
	buffer_fini(&round->octets);
	buffer_fini(&round->content);
	arena_fini(&round->arena);
}

/* keep_submitted - leave in a list what may be submitted */
static void
keep_submitted(struct extension_list *list)
{
	static const int of_mta[] = {EXTENSION_REDIRECTION_HISTORY,
	    EXTENSION_DL_EXPANSION_HISTORY, EXTENSION_TRACE_INFORMATION,
	    EXTENSION_INTERNAL_TRACE};

	for (size_t i = 0; i < 4; i++)
		extension_remove(list, of_mta[i]);
}

/* has_extension - tell whether a list has an extension, with all it says */
static bool
has_extension(const struct extension_list *list, const struct extension *wanted)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct extension *e = &list->items[i];

		if (e->number == wanted->number &&
		    slice_equal(e->oid, wanted->oid) &&
		    e->criticality == wanted->criticality &&
		    slice_equal(e->value, wanted->value))
			return true;
	}
	return false;
}

/* same_extensions - check that two lists say the same */
static void
same_extensions(
    unsigned n, struct extension_list *given, const struct extension_list *got)
{
	keep_submitted(given);
	ck_assert_msg(given->count == got->count, "%u: %zu and %zu extensions",
	    n, given->count, got->count);
	for (size_t i = 0; i < given->count; i++)
		ck_assert_msg(has_extension(got, &given->items[i]),
		    "%u: extension %d", n, given->items[i].number);
}

/* same_recipients - check that the recipients are the same */
static void
same_recipients(
    unsigned n, struct p1_envelope *given, const struct p1_envelope *got)
{
	ck_assert_uint_eq(given->recipient_count, got->recipient_count);
	for (size_t i = 0; i < given->recipient_count; i++) {
		struct p1_recipient *a = &given->recipients[i];
		const struct p1_recipient *b = &got->recipients[i];

		ck_assert_msg(
		    or_address_compare(&a->name.address, &b->name.address) == 0,
		    "%u: recipient %zu", n, i);
		ck_assert_int_eq(a->number, b->number);
		ck_assert_int_eq(
		    a->explicit_conversion, b->explicit_conversion);
		/* Of both reports the originator gets the one of delivery,
		 * which has the other in it. */
		if ((a->indicators & P1_ORIGINATOR_REPORT) != 0)
			a->indicators &=
			    ~(uint32_t)P1_ORIGINATOR_NON_DELIVERY_REPORT;
		ck_assert_uint_eq(a->indicators & 0xf8000000U, b->indicators);
		same_extensions(n, &a->extensions, &b->extensions);
	}
}

/* same_envelope - check that all that may be submitted is the same */
static void
same_envelope(unsigned n, struct p1_envelope *a, const struct p1_envelope *b)
{
	ck_assert_int_eq(a->kind, b->kind);
	ck_assert_msg(or_address_compare(
			  &a->originator.address, &b->originator.address) == 0,
	    "%u: originator", n);
	same_extensions(n, &a->extensions, &b->extensions);
	if (a->kind == MTS_REPORT)
		return;
	same_recipients(n, a, b);
	ck_assert_int_eq(a->content_type.built_in, b->content_type.built_in);
	ck_assert_int_eq(a->priority, b->priority);
	ck_assert_uint_eq(a->indicators & 0xf0000000U, b->indicators);
	ck_assert_int_eq(a->deferred_time, b->deferred_time);
	ck_assert(slice_equal(a->content_identifier, b->content_identifier));
	ck_assert_int_eq(a->content_length, b->content_length);
	if (a->original_eits.len > 0)
		ck_assert(slice_equal(a->original_eits, b->original_eits));
}

/* Given out with its content, an object comes back octet for octet, and is one
 * by the Schema. */
START_TEST(octets)
{
	const struct object_context context = {.id = 7,
	    .arrival = 5,
	    .attempt = 1,
	    .content = {.place = OBJECT_INLINE}};
	unsigned count = getenv("FOURPOST_TEST_LONG") != NULL ? 10000 : 150;
	char path[] = "/tmp/fourpost-test.XXXXXX";
	int fd = mkstemp(path);
	FILE *lines = fdopen(fd, "w");

	ck_assert_ptr_nonnull(lines);
	for (unsigned n = 0; n < count; n++) {
		struct object_fault fault = {0};
		struct json_object back;
		struct round round;

		round_init(&round, n);
		round.text = json_object_write(&round.envelope,
		    buffer_slice(&round.content), &context, NULL);
		(void)fprintf(lines, "good %s\n", round.text);
		ck_assert_msg(
		    json_object_read(&back, round.text, NULL, &fault) == 0,
		    "%u: %s: %s\n%.2000s", n, fault.pointer, fault.text,
		    round.text);
		ck_assert_msg(slice_equal(buffer_slice(&round.content),
				  buffer_slice(&back.content)),
		    "%u: another content", n);
		same_envelope(n, &round.envelope, &back.object.envelope);
		json_object_fini(&back);
		round_fini(&round);
	}
	ck_assert_int_eq(fclose(lines), 0);
	json_object_validate(path);
	printf("figure: %u objects went round\n", count);
}
END_TEST

/* described - get the members that describe the content, without what may
 * differ: how a text travelled */
static json_t *
described(const char *text)
{
	static const char *const names[] = {
	    "ipm", "parts", "report", "notification"};
	json_t *all = json_loads(text, 0, NULL), *found = json_object(), *part;
	size_t i;

	ck_assert_msg(all != NULL && found != NULL, "%s", text);
	json_array_foreach(json_object_get(all, "parts"), i, part)(void)
	    json_object_del(part, "charset");
	for (i = 0; i < 4; i++)
		if (json_object_get(all, names[i]) != NULL)
			ck_assert_int_eq(json_object_set(found, names[i],
					     json_object_get(all, names[i])),
			    0);
	(void)json_object_del(json_object_get(found, "report"), "trace");
	json_decref(all);
	return found;
}

/* difference - find a member of two objects that is not the same */
static const char *
difference(json_t *before, json_t *after)
{
	static char text[2048];
	const char *name;
	json_t *value, *other;
	char *a, *b;

	json_object_foreach(before, name, value)
	{
		other = json_object_get(after, name);
		if (json_equal(value, other))
			continue;
		if (json_is_object(value) && json_is_object(other))
			return difference(value, other);
		a = json_dumps(value, JSON_ENCODE_ANY);
		b = json_dumps(other, JSON_ENCODE_ANY);
		(void)snprintf(text, sizeof(text), "%s: %.900s\n%.900s", name,
		    a, b != NULL ? b : "nothing");
		free(a);
		free(b);
		return text;
	}
	return "a member more";
}

/* Without its content, an object comes back equal in value. */
START_TEST(values)
{
	unsigned count = getenv("FOURPOST_TEST_LONG") != NULL ? 10000 : 150;

	for (unsigned n = 0; n < count; n++) {
		struct object_fault fault = {0};
		struct json_parts files, again_files;
		struct json_object back;
		struct round round;
		json_t *before, *after;
		char *again;

		round_init(&round, n);
		json_parts_init(&files);
		json_parts_init(&again_files);
		round.text = json_object_write(&round.envelope,
		    buffer_slice(&round.content), NULL, &files.taker);
		ck_assert_msg(json_object_read(&back, round.text, &files.supply,
				  &fault) == 0,
		    "%u: %s: %s\n%.2000s", n, fault.pointer, fault.text,
		    round.text);
		again = json_object_write(&back.object.envelope,
		    buffer_slice(&back.content), NULL, &again_files.taker);
		before = described(round.text);
		after = described(again);
		ck_assert_msg(json_equal(before, after), "%u: %s", n,
		    difference(before, after));
		ck_assert(
		    round.kind == MTS_PROBE || json_object_size(before) > 0);
		/* The contents are of our own encoders, so value and octets
		 * are the same thing. */
		ck_assert_msg(slice_equal(buffer_slice(&round.content),
				  buffer_slice(&back.content)),
		    "%u: other octets", n);
		for (size_t i = 0; i < JSON_PARTS_MAX; i++)
			ck_assert(slice_equal(buffer_slice(&files.part[i]),
			    buffer_slice(&again_files.part[i])));
		json_parts_fini(&files);
		json_parts_fini(&again_files);
		json_decref(before);
		json_decref(after);
		free(again);
		json_object_fini(&back);
		round_fini(&round);
	}
}
END_TEST

TEST_MAIN(
    "json/object_roundtrip", TEST_LONG(octets, 300), TEST_LONG(values, 300))
