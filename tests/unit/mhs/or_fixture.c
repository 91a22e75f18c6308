/* SPDX-License-Identifier: ISC */
/*
 * or_fixture.c - an arena, and addresses through text and BER
 */
#include "tests/unit/mhs/or_fixture.h"

#include "tests/unit/test.h"

#define ARENA_MAX (1 << 20)

struct arena or_fixture_arena;

/* or_fixture_setup - prepare an arena for each test */
void
or_fixture_setup(void)
{
	arena_init(&or_fixture_arena, ARENA_MAX);
}

/* or_fixture_teardown - free the arena */
void
or_fixture_teardown(void)
{
	arena_fini(&or_fixture_arena);
}

/* or_fixture_parse - parse an address that must be one */
struct or_address
or_fixture_parse(const char *text)
{
	struct or_address address;
	struct diag diag;

	diag_clear(&diag);
	memset(&address, 0, sizeof(address));
	ck_assert_msg(or_address_parse(slice_of_string(text), &or_fixture_arena,
			  &address, &diag) == 0,
	    "\"%s\": %s", text, diag.text);
	return address;
}

/* or_fixture_through - encode an address in BER and decode it again */
struct or_address
or_fixture_through(const struct or_address *address)
{
	struct or_address got;
	struct ber_reader reader;
	struct ber_element el;
	struct ber_writer writer;
	struct buffer buffer;
	struct slice octets;
	struct diag diag;

	diag_clear(&diag);
	memset(&got, 0, sizeof(got));
	buffer_init(&buffer, ARENA_MAX);
	ber_writer_init(&writer, &buffer);
	or_name_encode(&writer, BER_UNI(BER_SEQUENCE),
	    &(struct or_name){.address.encoded = address->encoded});
	ck_assert_int_eq(ber_finish(&writer), 0);
	ck_assert_int_eq(
	    arena_slice(&or_fixture_arena, buffer_slice(&buffer), &octets), 0);
	buffer_fini(&buffer);
	ber_reader_init(&reader, octets, &diag);
	ck_assert_int_eq(ber_next(&reader, &el), 1);
	ck_assert_msg(or_address_decode(&reader, &el, "address",
			  &or_fixture_arena, &got) == 0,
	    "%s", diag.text);
	ck_assert(slice_equal(got.encoded, address->encoded));
	return got;
}
