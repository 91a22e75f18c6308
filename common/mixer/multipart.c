/* SPDX-License-Identifier: ISC */
/*
 * multipart.c - the multiparts of MIME in headings of X.400 (RFC 2157 5)
 *
 * Contract in multipart.h.
 */
#include "mixer/multipart.h"

#include <stdio.h>

#include "ber/writer.h"

/* multipart_set_subtype - set a subtype, "mixed" if it is no token */
void
multipart_set_subtype(struct multipart *multipart, struct slice subtype)
{
	size_t len = 0;

	for (; len < subtype.len && len < MULTIPART_SUBTYPE_MAX; len++) {
		uint8_t c = subtype.data[len];

		if (c >= 'A' && c <= 'Z')
			c = (uint8_t)(c + 'a' - 'A');
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '-' && c != '.' && c != '+')
			break;
		multipart->subtype[len] = (char)c;
	}
	multipart->subtype[len] = '\0';
	if (len == 0 || len < subtype.len)
		snprintf(
		    multipart->subtype, sizeof(multipart->subtype), "mixed");
}

/* multipart_subject - say what a multipart is */
const char *
multipart_subject(const struct multipart *multipart, struct arena *arena)
{
	static const char *const subjects[][2] = {
	    {"mixed", "Multipart Message"},
	    {"alternative",
		"Alternative Body Parts containing the same information"},
	    {"digest", "Message Digest"},
	    {"parallel", "Body Parts interpreted in parallel"},
	};

	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		if (strcmp(multipart->subtype, subjects[i][0]) == 0)
			return subjects[i][1];
	return arena_printf(
	    arena, "Multipart Message (%s)", multipart->subtype);
}

/* multipart_encode - write the value of the extension into the arena */
int
multipart_encode(
    const struct multipart *multipart, struct arena *arena, struct slice *value)
{
	struct ber_writer writer;
	struct buffer out;
	int error;

	buffer_init(&out, MULTIPART_SUBTYPE_MAX + 16);
	ber_writer_init(&writer, &out);
	ber_begin(&writer, BER_UNI(BER_SEQUENCE));
	ber_put_string(&writer, BER_UNI(BER_IA5_STRING), multipart->subtype);
	ber_put_boolean(&writer, BER_UNI(BER_BOOLEAN), multipart->is_message);
	ber_end_element(&writer);
	if ((error = ber_finish(&writer)) == 0)
		error = arena_slice(arena, buffer_slice(&out), value);
	buffer_fini(&out);
	return error;
}

/* multipart_decode - read the value of the extension */
static void
multipart_decode(struct slice value, struct multipart *multipart)
{
	struct ber_reader reader, inner;
	struct ber_element el;
	bool boolean;

	*multipart = (struct multipart){.subtype = "mixed"};
	ber_reader_init(&reader, value, NULL);
	if (ber_next(&reader, &el) <= 0 || !el.constructed ||
	    ber_enter(&reader, &el, &inner) < 0)
		return;
	while (ber_next(&inner, &el) > 0) {
		if (el.tag == BER_UNI(BER_IA5_STRING) && !el.constructed)
			multipart_set_subtype(multipart, el.contents);
		else if (el.tag == BER_UNI(BER_BOOLEAN) &&
		    ber_get_boolean(&inner, &el, "is-a-message", &boolean) == 0)
			multipart->is_message = boolean;
	}
}

/* multipart_of - read the extension of a heading */
void
multipart_of(const struct ipm_heading *heading, struct multipart *multipart)
{
	*multipart = (struct multipart){.is_message = false};
	for (size_t i = 0; i < heading->extension_count; i++)
		if (slice_equal(heading->extensions[i].type, MULTIPART_OID))
			multipart_decode(
			    heading->extensions[i].value, multipart);
}
