/* SPDX-License-Identifier: ISC */
/*
 * ipm_eits.c - the encoded information types of an interpersonal message
 *
 * Contract in ipm_eits.h.
 */
#include "mhs/ipm_eits.h"

/* Types beyond the built-in ones, in the order in which they are listed. */
enum external {
	FILE_TRANSFER,
	CONTROL_SET,
	ASCII_SET,
	LATIN1_SET,
	UTF8_SET,
	EXTERNAL_COUNT
};

/* id-eit-file-transfer; id-cs-eit-authority {1 0 10021 7 1 0} 1, 6, 100, 196 */
static const struct slice externals[EXTERNAL_COUNT] = {
    [FILE_TRANSFER] = {(const uint8_t *)"\x06\x04\x56\x01\x0c\x00", 6},
    [CONTROL_SET] = {(const uint8_t *)"\x06\x07\x28\xce\x25\x07\x01\x00\x01",
	9},
    [ASCII_SET] = {(const uint8_t *)"\x06\x07\x28\xce\x25\x07\x01\x00\x06", 9},
    [LATIN1_SET] = {(const uint8_t *)"\x06\x07\x28\xce\x25\x07\x01\x00\x64", 9},
    [UTF8_SET] = {(const uint8_t *)"\x06\x08\x28\xce\x25\x07\x01\x00\x81\x44",
	10},
};

struct eits {
	uint32_t built_in;
	bool external[EXTERNAL_COUNT];
};

#define UNDEFINED BER_BIT(0)
#define IA5_TEXT  BER_BIT(2)

/* add_part - add the types of one part */
static void
add_part(struct eits *eits, const struct ipm_outgoing *part)
{
	if (part->form == IPM_FORM_FILE) {
		eits->external[FILE_TRANSFER] = true;
	} else if (part->form != IPM_FORM_TEXT) {
		eits->built_in |= UNDEFINED;
	} else if (part->repertoire == IPM_IA5) {
		eits->built_in |= IA5_TEXT;
	} else {
		eits->external[CONTROL_SET] = true;
		eits->external[ASCII_SET] = true;
		eits->external[part->repertoire == IPM_LATIN1 ? LATIN1_SET
							      : UTF8_SET] =
		    true;
	}
}

/* put_external - write the types that have object identifiers, if any */
static void
put_external(
    struct ber_writer *writer, const struct eits *eits, struct slice more)
{
	bool any = more.len > 0;

	if (any)
		ber_begin(writer, BER_CTX(4));

	for (size_t i = 0; i < EXTERNAL_COUNT; i++) {
		if (!eits->external[i])
			continue;
		if (!any)
			ber_begin(writer, BER_CTX(4));
		any = true;
		ber_put_raw(writer, externals[i]);
	}
	if (more.len > 0)
		ber_put(writer, BER_UNI(BER_OID), more);
	if (any)
		ber_end_element(writer);
}

/* ipm_eits_with - encode the types of the parts, with one more */
int
ipm_eits_with(const struct ipm_outgoing *parts, size_t count, struct slice more,
    struct arena *arena, struct slice *element)
{
	struct eits eits = {0};
	struct ber_writer writer;
	struct buffer out;
	int error;

	for (size_t i = 0; i < count; i++)
		add_part(&eits, &parts[i]);
	buffer_init(&out, 256);
	ber_writer_init(&writer, &out);
	ber_begin(&writer, BER_APP(5));
	ber_put_bits(&writer, BER_CTX(0), eits.built_in,
	    eits.built_in == 0			  ? 0
		: (eits.built_in & IA5_TEXT) != 0 ? 3
						  : 1);
	put_external(&writer, &eits, more);
	ber_end_element(&writer);
	if ((error = ber_finish(&writer)) == 0)
		error = arena_slice(arena, buffer_slice(&out), element);
	buffer_fini(&out);
	return error;
}

/* ipm_eits - encode the types of the parts */
int
ipm_eits(const struct ipm_outgoing *parts, size_t count, struct arena *arena,
    struct slice *element)
{
	return ipm_eits_with(
	    parts, count, (struct slice){.len = 0}, arena, element);
}
