/* SPDX-License-Identifier: ISC */
/*
 * ipm_heading_encode.c - encode the heading of an interpersonal message
 * (X.420 7.2)
 *
 * Contract in ipm.h.  Fields with their default value are left out.
 */
#include "ber/time.h"
#include "mhs/charset.h"
#include "mhs/ipm.h"
#include "mhs/ipm_field.h"
#include "mhs/ipm_oid.h"

/* Room for the conversions of one heading's strings. */
#define SCRATCH_MAX (64 * 1024)

/* stick - note an error in the writer */
static void
stick(struct ber_writer *writer, int error)
{
	if (error < 0 && writer->error == 0)
		writer->error = error;
}

/* put_elements - write elements that came as BER, with definite lengths */
static void
put_elements(struct ber_writer *writer, struct slice octets)
{
	struct ber_reader reader;
	struct ber_element el;
	int result;

	ber_reader_init(&reader, octets, NULL);
	/* Lengths become definite, as the heading is written with its length in
	 * front. */
	while ((result = ber_next(&reader, &el)) > 0)
		ber_put_element(writer, &el);
	stick(writer, result);
}

/*
 * to_t61 - convert UTF-8 to T.61 of at most max octets, "?" for what it has not
 *
 * Tells whether everything could be expressed.
 */
static bool
to_t61(struct slice utf8, size_t max, struct arena *arena, struct slice *text)
{
	struct slice one;
	uint8_t *out;
	size_t pos = 0, len = 0;
	bool whole = true;

	if (charset_is_ascii(utf8)) {
		*text = slice_of(utf8.data, utf8.len < max ? utf8.len : max);
		return utf8.len <= max;
	}
	if ((out = arena_alloc(arena, max + 1)) == NULL) {
		*text = (struct slice){0};
		return false;
	}
	while (pos < utf8.len) {
		size_t start = pos;

		(void)charset_next(utf8, &pos);
		/* Each character by itself: a single one that T.61 lacks must
		 * not spoil the others. */
		if (charset_utf8_to_t61(
			slice_of(utf8.data + start, pos - start), arena, &one) <
		    0) {
			one = slice_of_string("?");
			whole = false;
		}
		/* Cut between characters, since half a pair of octets would
		 * mark the next letter. */
		if (len + one.len > max) {
			whole = false;
			break;
		}
		memcpy(out + len, one.data, one.len);
		len += one.len;
	}
	*text = slice_of(out, len);
	return whole;
}

/* put_teletex - write a string as T.61, as well as that goes */
static void
put_teletex(
    struct ber_writer *writer, uint32_t tag, struct slice utf8, size_t max)
{
	struct arena arena;
	struct slice text;

	arena_init(&arena, SCRATCH_MAX);
	(void)to_t61(utf8, max, &arena, &text);
	ber_put(writer, tag, text);
	arena_fini(&arena);
}

/* put_printable - write what of a string is printable, "?" for the rest */
static void
put_printable(
    struct ber_writer *writer, uint32_t tag, struct slice text, size_t max)
{
	uint8_t out[IPM_IDENTIFIER_MAX];
	size_t len = text.len < max ? text.len : max;

	if (len > sizeof(out))
		len = sizeof(out);
	for (size_t i = 0; i < len; i++)
		out[i] = charset_is_printable(slice_of(text.data + i, 1))
		    ? text.data[i]
		    : (uint8_t)'?';
	ber_put(writer, tag, slice_of(out, len));
}

/* ipm_put_identifier - write an IPMIdentifier */
void
ipm_put_identifier(struct ber_writer *writer, uint32_t tag,
    const struct ipm_identifier *identifier)
{
	ber_begin(writer, tag);
	/* In the order of tags: universal 19 before application 0. */
	put_printable(writer, BER_UNI(BER_PRINTABLE_STRING), identifier->local,
	    IPM_UB_LOCAL_IDENTIFIER);
	put_elements(writer, identifier->user);
	ber_end_element(writer);
}

/* ipm_put_descriptor - write an ORDescriptor */
void
ipm_put_descriptor(struct ber_writer *writer, uint32_t tag,
    const struct ipm_descriptor *descriptor)
{
	ber_begin(writer, tag);
	put_elements(writer, descriptor->name);
	if (descriptor->free_form.len > 0)
		put_teletex(writer, BER_CTX(0), descriptor->free_form,
		    IPM_UB_FREE_FORM_NAME);
	if (descriptor->telephone.len > 0)
		put_printable(writer, BER_CTX(1), descriptor->telephone, 32);
	ber_end_element(writer);
}

/* put_recipients - write a list of RecipientSpecifier, unless it is empty */
static void
put_recipients(struct ber_writer *writer, uint32_t tag,
    const struct ipm_recipients *recipients)
{
	/* X.420: the field is optional, and an empty list would say nothing. */
	if (recipients->count == 0)
		return;
	ber_begin(writer, tag);
	for (size_t i = 0; i < recipients->count; i++) {
		const struct ipm_recipient *r = &recipients->list[i];

		ber_begin(writer, BER_UNI(BER_SET));
		ipm_put_descriptor(writer, BER_CTX(0), &r->descriptor);
		if (r->requests != 0)
			ber_put_bits(writer, BER_CTX(1), r->requests, 3);
		if (r->reply_requested)
			ber_put_boolean(writer, BER_CTX(2), true);
		put_elements(writer, r->extensions);
		ber_end_element(writer);
	}
	ber_end_element(writer);
}

/* put_descriptors - write a list of ORDescriptor, unless it is empty */
static void
put_descriptors(struct ber_writer *writer, uint32_t tag,
    const struct ipm_descriptors *descriptors)
{
	if (descriptors->count == 0)
		return;
	ber_begin(writer, tag);
	for (size_t i = 0; i < descriptors->count; i++)
		ipm_put_descriptor(
		    writer, BER_UNI(BER_SET), &descriptors->list[i]);
	ber_end_element(writer);
}

/* put_identifiers - write a list of IPMIdentifier, unless it is empty */
static void
put_identifiers(struct ber_writer *writer, uint32_t tag,
    const struct ipm_identifiers *identifiers)
{
	if (identifiers->count == 0)
		return;
	ber_begin(writer, tag);
	for (size_t i = 0; i < identifiers->count; i++)
		ipm_put_identifier(writer, BER_APP(11), &identifiers->list[i]);
	ber_end_element(writer);
}

/* ipm_heading_put_time - write a UTCTime, unless there is none */
static void
ipm_heading_put_time(struct ber_writer *writer, uint32_t tag, int64_t seconds)
{
	char text[UTC_TIME_LEN + 1];

	if (seconds == IPM_NO_TIME)
		return;
	utc_time_format(seconds, text);
	ber_put_string(writer, tag, text);
}

/* subject_fits - tell whether the plain field says all of the subject */
static bool
subject_fits(struct slice subject)
{
	struct arena arena;
	struct slice text;
	bool fits;

	/* The usual case costs no memory. */
	if (subject.len <= IPM_UB_SUBJECT && charset_is_ascii(subject))
		return true;
	arena_init(&arena, SCRATCH_MAX);
	fits = to_t61(subject, IPM_UB_SUBJECT, &arena, &text);
	arena_fini(&arena);
	return fits;
}

/* shorten - keep the first characters of UTF-8 */
static struct slice
shorten(struct slice utf8, size_t characters)
{
	size_t pos = 0;

	while (pos < utf8.len && characters-- > 0)
		(void)charset_next(utf8, &pos);
	return slice_of(utf8.data, pos);
}

/* put_extended_subject - write the subject in an extension, whole */
static void
put_extended_subject(struct ber_writer *writer, struct slice subject)
{
	struct slice text, utf8 = shorten(subject, IPM_UB_EXTENDED_SUBJECT);
	uint32_t tag = BER_UNI(BER_BMP_STRING);
	struct arena arena;
	int error;

	arena_init(&arena, SCRATCH_MAX);
	error = charset_utf8_to_bmp(utf8, &arena, &text);
	if (error == ERR_VALUE) {
		tag = BER_UNI(BER_UNIVERSAL_STRING);
		error = charset_utf8_to_universal(utf8, &arena, &text);
	}
	/* Text that is not UTF-8 has said what it can in the plain field. */
	if (error == 0) {
		ber_begin(writer, BER_UNI(BER_SEQUENCE));
		ber_put(writer, BER_UNI(BER_OID), IPM_OID_EXTENDED_SUBJECT);
		ber_begin(writer, BER_UNI(BER_SET));
		ber_put(writer, tag, text);
		ber_end_element(writer);
		ber_end_element(writer);
	} else if (error == ERR_NOMEM || error == ERR_LIMIT) {
		stick(writer, error);
	}
	arena_fini(&arena);
}

/* ipm_heading_put_extensions - write the extensions, the extended
 * subject among them */
static void
ipm_heading_put_extensions(
    struct ber_writer *writer, const struct ipm_heading *h, bool extended)
{
	if (h->extension_count == 0 && !extended)
		return;
	ber_begin(writer, BER_CTX(15));
	if (extended)
		put_extended_subject(writer, h->subject);
	for (size_t i = 0; i < h->extension_count; i++) {
		ber_begin(writer, BER_UNI(BER_SEQUENCE));
		ber_put(writer, BER_UNI(BER_OID), h->extensions[i].type);
		put_elements(writer, h->extensions[i].value);
		ber_end_element(writer);
	}
	ber_end_element(writer);
}

/* ipm_heading_is_88 - tell whether it cannot be expressed in P2 */
bool
ipm_heading_is_88(const struct ipm_heading *heading)
{
	return heading->extension_count > 0 ||
	    (heading->has_subject && !subject_fits(heading->subject));
}

/* ipm_heading_encode - write it as a Heading element, fields in tag order */
void
ipm_heading_encode(
    struct ber_writer *writer, const struct ipm_heading *h, int type)
{
	/* P2 has no extensions, so the plain field must do. */
	bool extended = type != IPM_P2 && h->has_subject &&
	    charset_is_utf8(h->subject) && !subject_fits(h->subject);

	ber_begin(writer, BER_UNI(BER_SET));
	ipm_put_identifier(writer, BER_APP(11), &h->this_ipm);
	if (h->has_originator)
		ipm_put_descriptor(writer, BER_CTX(0), &h->originator);
	put_descriptors(writer, BER_CTX(1), &h->authorizing);
	put_recipients(writer, BER_CTX(2), &h->primary);
	put_recipients(writer, BER_CTX(3), &h->copy);
	put_recipients(writer, BER_CTX(4), &h->blind);
	if (h->has_replied_to)
		ipm_put_identifier(writer, BER_CTX(5), &h->replied_to);
	put_identifiers(writer, BER_CTX(6), &h->obsoleted);
	put_identifiers(writer, BER_CTX(7), &h->related);
	if (h->has_subject) {
		ber_begin(writer, BER_CTX(8));
		put_teletex(writer, BER_UNI(BER_T61_STRING), h->subject,
		    IPM_UB_SUBJECT);
		ber_end_element(writer);
	}
	ipm_heading_put_time(writer, BER_CTX(9), h->expiry);
	ipm_heading_put_time(writer, BER_CTX(10), h->reply);
	put_descriptors(writer, BER_CTX(11), &h->reply_recipients);
	if (h->importance != IPM_NORMAL)
		ber_put_integer(writer, BER_CTX(12), h->importance);
	if (h->sensitivity != IPM_NOT_SENSITIVE)
		ber_put_integer(writer, BER_CTX(13), h->sensitivity);
	if (h->auto_forwarded)
		ber_put_boolean(writer, BER_CTX(14), true);
	if (type != IPM_P2)
		ipm_heading_put_extensions(writer, h, extended);
	ber_end_element(writer);
}
