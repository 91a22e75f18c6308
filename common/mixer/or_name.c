/* SPDX-License-Identifier: ISC */
/*
 * or_name.c - O/R names as headings of messages have them: one ORName, BER
 */
#include "mixer/or_name.h"

/* or_name_of - read an ORName */
int
or_name_of(struct slice octets, struct arena *arena, struct or_name *name)
{
	struct ber_reader reader;
	struct ber_element el;
	struct or_name read;
	int result;

	ber_reader_init(&reader, octets, NULL);
	if ((result = ber_next(&reader, &el)) <= 0)
		return result < 0 ? result : ERR_VALUE;
	result = or_name_decode(&reader, &el, "name", arena, &read);
	if (result < 0)
		return result;
	if (read.address.encoded.len == 0)
		return ERR_VALUE;
	*name = read;
	return 0;
}

/* or_name_octets - write an ORName into the arena */
int
or_name_octets(
    const struct or_name *name, struct arena *arena, struct slice *octets)
{
	struct ber_writer writer;
	struct buffer out;
	int error;

	buffer_init(&out, 4 * OR_ADDRESS_MAX);
	ber_writer_init(&writer, &out);
	or_name_encode(&writer, OR_NAME_TAG, name);
	error = ber_finish(&writer);
	if (error == 0)
		error = arena_slice(arena, buffer_slice(&out), octets);
	buffer_fini(&out);
	return error;
}
