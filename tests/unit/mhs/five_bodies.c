/* SPDX-License-Identifier: ISC */
/*
 * five_bodies.c - a message of 1988 with five kinds of body; see five_bodies.h
 */
#include "tests/unit/mhs/five_bodies.h"

#include "tests/unit/test.h"

#define OCTETS(string) slice_of(string, sizeof(string) - 1)

/* A message within: its delivery time and envelope, a heading with a subject, a
 * text, and octets that are defined bilaterally. */
#define FORWARDED                                                          \
	"\xa9\x41\x31\x16\x80\x0d\x32\x36\x30\x31\x30\x31\x30\x30\x30\x30" \
	"\x30\x30\x5a\xa1\x05\x31\x03\x46\x01\x16\x30\x27\x31\x0f\x6b\x04" \
	"\x13\x02\x69\x64\xa8\x07\x14\x05\x69\x6e\x6e\x65\x72\x30\x14\xa0" \
	"\x0c\x31\x00\x16\x08\x69\x6e\x73\x69\x64\x65\x0d\x0a\x8e\x04\x01" \
	"\x02\x03\x04"

void
five_bodies_encode(struct buffer *out, const struct ipm_outgoing *parts,
    const struct slice *contents, size_t count)
{
	struct ipm_heading heading;
	struct ipm_encoder encoder;
	struct diag diag = {0};

	ipm_heading_init(&heading);
	heading.this_ipm.local = OCTETS("local");
	heading.has_subject = true;
	heading.subject = OCTETS("subject");
	ck_assert_msg(ipm_encoder_init(&encoder, &heading, parts, count,
			  IPM_P22, &diag) == 0,
	    "%s", diag_text(&diag));
	for (size_t i = 0; i == 0 || i < count; i++) {
		struct slice prefix = ipm_encoder_prefix(&encoder, i);

		ck_assert_int_eq(
		    buffer_append(out, prefix.data, prefix.len), 0);
		if (count > 0)
			ck_assert_int_eq(buffer_append(out, contents[i].data,
					     contents[i].len),
			    0);
	}
	ipm_encoder_fini(&encoder);
}

void
five_bodies_make(struct buffer *out)
{
	const struct slice contents[] = {OCTETS("plain\r\n"),
	    OCTETS("Gr\xfc\xdf"
		   "e"),
	    OCTETS("\x00\x01octets of a file\xff"), OCTETS(FORWARDED),
	    OCTETS(FIVE_BODIES_FACSIMILE)};
	const struct ipm_outgoing parts[] = {
	    {.form = IPM_FORM_TEXT,
		.repertoire = IPM_IA5,
		.length = contents[0].len,
		.modified = IPM_NO_TIME},
	    {.form = IPM_FORM_TEXT,
		.repertoire = IPM_LATIN1,
		.length = contents[1].len,
		.modified = IPM_NO_TIME},
	    {.form = IPM_FORM_FILE,
		.length = contents[2].len,
		.filename = OCTETS("name"),
		.modified = IPM_NO_TIME},
	    {.form = IPM_FORM_RAW, .length = contents[3].len},
	    {.form = IPM_FORM_RAW, .length = contents[4].len},
	};

	five_bodies_encode(out, parts, contents, 5);
}
