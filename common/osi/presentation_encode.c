/* SPDX-License-Identifier: ISC */
/*
 * presentation_encode.c - write PPDUs
 *
 * X.226 8.  Defaults are left out, SETs are in the order of their tags.
 */
#include "ber/writer.h"
#include "osi/presentation.h"

/* put_user - write a PDV list of one value */
static void
put_user(struct ber_writer *writer, uint32_t context, struct slice user)
{
	if (user.len == 0)
		return;
	ber_begin(writer, BER_APP(1));
	ber_begin(writer, BER_UNI(BER_SEQUENCE));
	ber_put_integer(writer, BER_UNI(BER_INTEGER), context);
	ber_begin(writer, BER_CTX(0));
	ber_put_raw(writer, user);
	ber_end_element(writer);
	ber_end_element(writer);
	ber_end_element(writer);
}

/* put_selector - write a selector, unless it is empty */
static void
put_selector(struct ber_writer *writer, uint32_t tag, struct slice selector)
{
	if (selector.len > 0)
		ber_put(writer, tag, selector);
}

/* put_mode - write the mode selector */
static void
put_mode(struct ber_writer *writer, enum presentation_mode mode)
{
	ber_begin(writer, BER_CTX(0));
	ber_put_integer(writer, BER_CTX(0), mode);
	ber_end_element(writer);
}

/* put_results - write the answers to the contexts that were proposed */
static void
put_results(
    struct ber_writer *writer, const struct presentation_connect *connect)
{
	if (connect->contexts == 0)
		return;
	ber_begin(writer, BER_CTX(5));
	for (size_t i = 0; i < connect->contexts; i++) {
		const struct presentation_context *context =
		    &connect->context[i];

		ber_begin(writer, BER_UNI(BER_SEQUENCE));
		ber_put_integer(writer, BER_CTX(0), context->result);
		if (context->result == PRESENTATION_ACCEPTED)
			ber_put(writer, BER_CTX(1), PRESENTATION_BER);
		else if (context->reason >= 0)
			ber_put_integer(writer, BER_CTX(2), context->reason);
		ber_end_element(writer);
	}
	ber_end_element(writer);
}

/* presentation_encode_connect - write a CP */
int
presentation_encode_connect(const struct presentation_connect *connect,
    uint32_t user_context, struct slice user, struct buffer *out)
{
	struct ber_writer writer;

	ber_writer_init(&writer, out);
	ber_begin(&writer, BER_UNI(BER_SET));
	put_mode(&writer, PRESENTATION_NORMAL);
	ber_begin(&writer, BER_CTX(2));
	put_selector(&writer, BER_CTX(1), connect->calling_selector);
	put_selector(&writer, BER_CTX(2), connect->called_selector);
	ber_begin(&writer, BER_CTX(4));
	for (size_t i = 0; i < connect->contexts; i++) {
		ber_begin(&writer, BER_UNI(BER_SEQUENCE));
		ber_put_integer(
		    &writer, BER_UNI(BER_INTEGER), connect->context[i].id);
		ber_put(
		    &writer, BER_UNI(BER_OID), connect->context[i].abstract);
		ber_begin(&writer, BER_UNI(BER_SEQUENCE));
		ber_put(&writer, BER_UNI(BER_OID), PRESENTATION_BER);
		ber_end_element(&writer);
		ber_end_element(&writer);
	}
	ber_end_element(&writer);
	put_user(&writer, user_context, user);
	ber_end_element(&writer);
	ber_end_element(&writer);
	return ber_finish(&writer);
}

/* presentation_encode_accept - write a CPA */
int
presentation_encode_accept(const struct presentation_connect *accept,
    uint32_t user_context, struct slice user, struct buffer *out)
{
	struct ber_writer writer;

	ber_writer_init(&writer, out);
	ber_begin(&writer, BER_UNI(BER_SET));
	put_mode(&writer, PRESENTATION_NORMAL);
	ber_begin(&writer, BER_CTX(2));
	put_selector(&writer, BER_CTX(3), accept->responding_selector);
	put_results(&writer, accept);
	put_user(&writer, user_context, user);
	ber_end_element(&writer);
	ber_end_element(&writer);
	return ber_finish(&writer);
}

/* presentation_encode_refuse - write a CPR */
int
presentation_encode_refuse(const struct presentation_connect *refuse,
    uint32_t user_context, struct slice user, struct buffer *out)
{
	struct ber_writer writer;

	ber_writer_init(&writer, out);
	ber_begin(&writer, BER_UNI(BER_SEQUENCE));
	put_selector(&writer, BER_CTX(3), refuse->responding_selector);
	put_results(&writer, refuse);
	if (refuse->provider_reason >= 0)
		ber_put_integer(&writer, BER_CTX(10), refuse->provider_reason);
	put_user(&writer, user_context, user);
	ber_end_element(&writer);
	return ber_finish(&writer);
}

/* presentation_encode_abort - write an ARU or ARP */
int
presentation_encode_abort(const struct presentation_abort *abort,
    uint32_t user_context, struct slice user, struct buffer *out)
{
	struct ber_writer writer;

	if (abort->kind == PRESENTATION_ABORT_X410)
		return ERR_UNSUPPORTED;
	ber_writer_init(&writer, out);
	if (abort->kind == PRESENTATION_ARP) {
		ber_begin(&writer, BER_UNI(BER_SEQUENCE));
		if (abort->reason >= 0)
			ber_put_integer(&writer, BER_CTX(0), abort->reason);
		if (abort->event >= 0)
			ber_put_integer(&writer, BER_CTX(1), abort->event);
		ber_end_element(&writer);
		return ber_finish(&writer);
	}
	ber_begin(&writer, BER_CTX(0));
	if (abort->contexts > 0) {
		ber_begin(&writer, BER_CTX(0));
		for (size_t i = 0; i < abort->contexts; i++) {
			ber_begin(&writer, BER_UNI(BER_SEQUENCE));
			ber_put_integer(&writer, BER_UNI(BER_INTEGER),
			    abort->context[i].id);
			ber_put(&writer, BER_UNI(BER_OID), PRESENTATION_BER);
			ber_end_element(&writer);
		}
		ber_end_element(&writer);
	}
	put_user(&writer, user_context, user);
	ber_end_element(&writer);
	return ber_finish(&writer);
}

/* presentation_encode_data - write user data as such */
int
presentation_encode_data(
    uint32_t user_context, struct slice user, struct buffer *out)
{
	struct ber_writer writer;

	ber_writer_init(&writer, out);
	put_user(&writer, user_context, user);
	return ber_finish(&writer);
}

/* presentation_encode_x410 - write a CP or CPA of X.410 mode */
int
presentation_encode_x410(struct slice fields, struct buffer *out)
{
	struct ber_writer writer;

	ber_writer_init(&writer, out);
	ber_begin(&writer, BER_UNI(BER_SET));
	put_mode(&writer, PRESENTATION_X410);
	ber_begin(&writer, BER_CTX(1));
	ber_put_raw(&writer, fields);
	ber_end_element(&writer);
	ber_end_element(&writer);
	return ber_finish(&writer);
}

/* presentation_encode_x410_end - write a CPR or ARU of X.410 mode */
int
presentation_encode_x410_end(struct slice fields, struct buffer *out)
{
	struct ber_writer writer;

	ber_writer_init(&writer, out);
	ber_begin(&writer, BER_UNI(BER_SET));
	ber_put_raw(&writer, fields);
	ber_end_element(&writer);
	return ber_finish(&writer);
}

/* put_header - write tag and length at the end of an array; return its new
 * start */
static size_t
put_header(uint8_t *octets, size_t at, uint8_t tag, uint64_t len)
{
	if (len < 128) {
		octets[--at] = (uint8_t)len;
	} else {
		uint8_t count = 0;

		for (; len > 0; len >>= 8, count++)
			octets[--at] = (uint8_t)len;
		octets[--at] = 0x80 | count;
	}
	octets[--at] = tag;
	return at;
}

/*
 * presentation_data_header - write the octets before len octets of an RTTR
 *
 * From the inside out, since each length counts what it encloses.  It is done
 * once a piece, without a writer.
 */
size_t
presentation_data_header(uint8_t header[PRESENTATION_DATA_HEADER_MAX],
    uint32_t context, uint64_t len)
{
	const size_t end = PRESENTATION_DATA_HEADER_MAX;
	size_t at = end, before;
	uint32_t id = context;

	at = put_header(header, at, 0x04, len);
	at = put_header(header, at, 0xa0, len + (end - at));
	before = at;
	do {
		header[--at] = (uint8_t)id;
		id >>= 8;
	} while (id > 0);
	/* An INTEGER is signed: a high bit needs an octet of zeros before
	 * it. */
	if (header[at] & 0x80)
		header[--at] = 0;
	at = put_header(header, at, 0x02, before - at);
	at = put_header(header, at, 0x30, len + (end - at));
	at = put_header(header, at, 0x61, len + (end - at));
	memmove(header, header + at, end - at);
	return end - at;
}
