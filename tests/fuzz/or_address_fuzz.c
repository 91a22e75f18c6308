/* SPDX-License-Identifier: ISC */
/*
 * or_address_fuzz.c - O/R addresses and MTS identifiers from a stranger
 *
 * The first octet tells whether text or BER follows.  What is read and has
 * all that text must have is the same address again after formatting and
 * parsing, in every style.
 */
#include <stdlib.h>
#include <string.h>

#include "mhs/charset.h"
#include "mhs/mts_identifier.h"
#include "mhs/or_address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_MAX (1 << 22)

/* check_again - check that an address is the same when formatted and parsed */
static void
check_again(const struct or_address *address, bool parsed, struct arena *arena)
{
	struct or_address again;
	struct diag diag;
	unsigned style;
	char *text;

	for (style = OR_STYLE_F401; style <= OR_STYLE_EXCHANGE; style++) {
		text = or_address_format(address, style, arena);
		if (text == NULL)
			return;
		diag_clear(&diag);
		if (!charset_is_utf8(slice_of_string(text)))
			abort();
		if (or_address_parse(
			slice_of_string(text), arena, &again, &diag) != 0) {
			/* Bounds are those of X.411 in text alone. */
			if (parsed && arena->error == 0)
				abort();
			return;
		}
		if (or_address_compare(address, &again) != 0 ||
		    or_address_hash(address) != or_address_hash(&again))
			abort();
	}
}

/* try_text - parse, seal and decode a text */
static void
try_text(struct slice text, struct arena *arena)
{
	struct or_address address, decoded;
	struct global_domain domain, other;
	struct ber_reader reader;
	struct ber_element el;
	struct ber_writer writer;
	struct buffer out;
	struct diag diag;
	char formatted[GLOBAL_DOMAIN_TEXT];

	diag_clear(&diag);
	buffer_init(&out, ARENA_MAX);
	if (or_address_parse(text, arena, &address, &diag) == 0) {
		ber_writer_init(&writer, &out);
		or_name_encode(&writer, BER_UNI(BER_SEQUENCE),
		    &(struct or_name){.address.encoded = address.encoded});
		if (ber_finish(&writer) != 0)
			abort();
		ber_reader_init(&reader, buffer_slice(&out), &diag);
		if (ber_next(&reader, &el) != 1 ||
		    or_address_decode(
			&reader, &el, "address", arena, &decoded) != 0 ||
		    or_address_compare(&address, &decoded) != 0)
			abort();
		check_again(&address, true, arena);
	}
	if (or_address_parse_prefix(text, arena, &address, &diag) == 0)
		(void)or_address_matches(&address, &address);
	if (global_domain_parse(text, arena, &domain, &diag) == 0) {
		global_domain_format(&domain, formatted);
		if (global_domain_parse(slice_of_string(formatted), arena,
			&other, &diag) != 0 ||
		    global_domain_compare(&domain, &other) != 0)
			abort();
	}
	buffer_fini(&out);
}

/* try_ber - decode, encode and format octets */
static void
try_ber(struct slice octets, struct arena *arena)
{
	struct or_name name, again;
	struct ber_reader reader;
	struct ber_element el;
	struct ber_writer writer;
	struct buffer out;
	struct diag diag;

	diag_clear(&diag);
	ber_reader_init(&reader, octets, &diag);
	if (ber_next(&reader, &el) != 1 ||
	    or_name_decode(&reader, &el, "name", arena, &name) != 0)
		return;
	buffer_init(&out, ARENA_MAX);
	ber_writer_init(&writer, &out);
	or_name_encode(&writer, OR_NAME_TAG, &name);
	if (ber_finish(&writer) != 0)
		abort();
	diag_clear(&diag);
	ber_reader_init(&reader, buffer_slice(&out), &diag);
	if (ber_next(&reader, &el) != 1 ||
	    or_name_decode(&reader, &el, "name", arena, &again) != 0) {
		/* Definite lengths may make it longer than is read. */
		if (diag.code != ERR_LIMIT && diag.code != ERR_NOMEM)
			abort();
	} else if (or_address_compare(&name.address, &again.address) != 0) {
		abort();
	}
	check_again(&name.address, false, arena);
	buffer_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;

	if (size < 1)
		return 0;
	arena_init(&arena, ARENA_MAX);
	if (data[0] % 2 == 0)
		try_text(slice_of(data + 1, size - 1), &arena);
	else
		try_ber(slice_of(data + 1, size - 1), &arena);
	arena_fini(&arena);
	return 0;
}
