/* SPDX-License-Identifier: ISC */
/*
 * p1_random.c - envelopes drawn from a seed, built octet by octet
 *
 * Contract in p1_random.h.
 */
#include "ber/time.h"
#include "ber/writer.h"
#include "tests/unit/mhs/or_random.h"
#include "tests/unit/mhs/p1_random.h"
#include "tests/unit/test.h"

/* The memory that one envelope is built in. */
struct building {
	struct or_random random;
	struct ber_writer writer;
	enum p1_random_stage stage;
};

/* draw - draw a number below a limit */
static unsigned
draw(struct building *b, unsigned limit)
{
	return or_random_below(&b->random, limit);
}

/* put_country - write a country and an ADMD */
static void
put_country(struct building *b, const char *country, const char *admd)
{
	ber_begin(&b->writer, BER_APP(1));
	ber_put_string(&b->writer, BER_UNI(BER_PRINTABLE_STRING), country);
	ber_end_element(&b->writer);
	ber_begin(&b->writer, BER_APP(2));
	ber_put_string(&b->writer, BER_UNI(BER_PRINTABLE_STRING), admd);
	ber_end_element(&b->writer);
}

/* put_domain - write a GlobalDomainIdentifier that is not ours */
static void
put_domain(struct building *b)
{
	static const char *const prmds[] = {"ALPHA", "BETA", "GAMMA", "A B"};

	ber_begin(&b->writer, BER_APP(3));
	put_country(b, draw(b, 2) ? "FR" : "208", draw(b, 2) ? "X" : " ");
	if (draw(b, 3) > 0)
		ber_put_string(&b->writer, BER_UNI(BER_PRINTABLE_STRING),
		    prmds[draw(b, 4)]);
	ber_end_element(&b->writer);
}

/* put_own_domain - write ours */
static void
put_own_domain(struct building *b)
{
	ber_begin(&b->writer, BER_APP(3));
	put_country(b, "DE", "VIAT");
	ber_put_string(&b->writer, BER_UNI(BER_PRINTABLE_STRING), "ACME");
	ber_end_element(&b->writer);
}

/* put_anything - write any value: a string of octets, or some within others */
static void
put_anything(struct building *b, unsigned depth)
{
	uint8_t octets[300];
	size_t len = draw(b, 10) == 0 ? draw(b, sizeof(octets)) : draw(b, 12);

	if (depth > 0 && draw(b, 3) == 0) {
		ber_begin(&b->writer,
		    draw(b, 2) ? BER_UNI(BER_SEQUENCE)
			       : BER_CTX(draw(b, 2000)));
		for (unsigned n = draw(b, 4); n > 0; n--)
			put_anything(b, depth - 1);
		ber_end_element(&b->writer);
		return;
	}
	for (size_t i = 0; i < len; i++)
		octets[i] = (uint8_t)draw(b, 256);
	ber_put(&b->writer, BER_UNI(BER_OCTET_STRING), slice_of(octets, len));
}

/* put_bits - write some named bits below a limit, without zeros at the end */
static void
put_bits(struct building *b, uint32_t tag, unsigned limit)
{
	unsigned last = draw(b, limit);
	uint32_t bits = BER_BIT(last);

	for (unsigned i = 0; i < last; i++)
		if (draw(b, 2) == 0)
			bits |= BER_BIT(i);
	ber_put_bits(&b->writer, tag, bits, last + 1);
}

/* put_extension - write an extension that nobody knows: of a number, or of an
 * arc that is somebody's own */
static void
put_extension(struct building *b)
{
	uint8_t oid[] = {
	    0x2b, 6, 1, 4, 1, 0x83, 0xb2, 0x03, (uint8_t)draw(b, 128)};

	ber_begin(&b->writer, BER_UNI(BER_SEQUENCE));
	if (draw(b, 2) == 0)
		ber_put(&b->writer, BER_CTX(3), slice_of(oid, sizeof(oid)));
	else
		ber_put_integer(
		    &b->writer, BER_CTX(0), 50 + (int)draw(b, 32000));
	if (draw(b, 2) == 0)
		put_bits(b, BER_CTX(1), 3);
	if (draw(b, 10) > 0) {
		ber_begin(&b->writer, BER_CTX(2));
		put_anything(b, 4);
		ber_end_element(&b->writer);
	}
	ber_end_element(&b->writer);
}

/* put_time - write a UTCTime of the last years, in any of its forms */
static void
put_time(struct building *b, uint32_t tag)
{
	static const char *const forms[] = {"261129120000Z", "2611291200Z",
	    "261129120000+0530", "991231235959Z"};

	ber_put_string(&b->writer, tag, forms[draw(b, 4)]);
}

/* put_trace_element - write an element of either trace */
static void
put_trace_element(struct building *b, const char *mta)
{
	ber_begin(&b->writer, BER_UNI(BER_SEQUENCE));
	put_domain(b);
	if (mta != NULL)
		ber_put_string(&b->writer, BER_UNI(BER_IA5_STRING), mta);
	ber_begin(&b->writer, BER_UNI(BER_SET));
	put_time(b, BER_CTX(0));
	if (draw(b, 4) == 0)
		put_time(b, BER_CTX(1));
	ber_put_integer(&b->writer, BER_CTX(2), 0);
	if (draw(b, 3) == 0)
		put_bits(b, BER_CTX(3), 2);
	ber_end_element(&b->writer);
	ber_end_element(&b->writer);
}

/* put_own_element - write the element that we add */
static void
put_own_element(struct building *b, const char *mta)
{
	char text[UTC_TIME_LEN + 1];

	utc_time_format(P1_RANDOM_ARRIVAL, text);
	ber_begin(&b->writer, BER_UNI(BER_SEQUENCE));
	put_own_domain(b);
	if (mta != NULL)
		ber_put_string(&b->writer, BER_UNI(BER_IA5_STRING), mta);
	ber_begin(&b->writer, BER_UNI(BER_SET));
	ber_put_string(&b->writer, BER_CTX(0), text);
	ber_put_integer(&b->writer, BER_CTX(2), 0);
	ber_end_element(&b->writer);
	ber_end_element(&b->writer);
}

/* put_trace - write the trace, as it is at this stage */
static void
put_trace(struct building *b)
{
	ber_begin(&b->writer, BER_APP(9));
	for (unsigned n = 1 + draw(b, 6); n > 0; n--)
		put_trace_element(b, NULL);
	if (b->stage == P1_RANDOM_GOES_OUT)
		put_own_element(b, NULL);
	ber_end_element(&b->writer);
}

/* put_extensions - write unknown ones and the internal trace, as it is at this
 * stage; a relay adds it where there is none */
static void
put_extensions(struct building *b, uint32_t tag)
{
	unsigned count = draw(b, 6), internal = draw(b, 3);

	if (count == 0 && internal == 0 && b->stage == P1_RANDOM_COMES_IN)
		return;
	ber_begin(&b->writer, tag);
	while (count-- > 0)
		put_extension(b);
	if (internal > 0 || b->stage == P1_RANDOM_GOES_OUT) {
		ber_begin(&b->writer, BER_UNI(BER_SEQUENCE));
		ber_put_integer(&b->writer, BER_CTX(0), 38);
		ber_begin(&b->writer, BER_CTX(2));
		ber_begin(&b->writer, BER_UNI(BER_SEQUENCE));
		while (internal-- > 0)
			put_trace_element(b, "MTA-THERE");
		if (b->stage == P1_RANDOM_GOES_OUT)
			put_own_element(b, P1_RANDOM_MTA);
		ber_end_element(&b->writer);
		ber_end_element(&b->writer);
		ber_end_element(&b->writer);
	}
	ber_end_element(&b->writer);
}

/* put_name - write an O/R name */
static void
put_name(struct building *b)
{
	static const char *const surnames[] = {"Doe", "O'Hara", "M ller", "X"};

	ber_begin(&b->writer, BER_APP(0));
	ber_begin(&b->writer, BER_UNI(BER_SEQUENCE));
	put_country(b, "FR", draw(b, 2) ? "ATLAS" : " ");
	if (draw(b, 2) == 0)
		ber_put_string(&b->writer, BER_CTX(3), "ORG");
	ber_begin(&b->writer, BER_CTX(5));
	ber_put_string(&b->writer, BER_CTX(0), surnames[draw(b, 4)]);
	ber_end_element(&b->writer);
	ber_end_element(&b->writer);
	if (draw(b, 4) == 0) { /* an extension attribute that nobody knows */
		ber_begin(&b->writer, BER_UNI(BER_SET));
		ber_begin(&b->writer, BER_UNI(BER_SEQUENCE));
		ber_put_integer(&b->writer, BER_CTX(0), 100 + (int)draw(b, 99));
		ber_begin(&b->writer, BER_CTX(1));
		put_anything(b, 2);
		ber_end_element(&b->writer);
		ber_end_element(&b->writer);
		ber_end_element(&b->writer);
	}
	ber_end_element(&b->writer);
}

/* put_identifier - write the MTS identifier */
static void
put_identifier(struct building *b)
{
	char local[24];

	(void)snprintf(local, sizeof(local), "id %u", draw(b, 1000000));
	ber_begin(&b->writer, BER_APP(4));
	put_domain(b);
	ber_put_string(&b->writer, BER_UNI(BER_IA5_STRING), local);
	ber_end_element(&b->writer);
}

/* put_recipients - write some */
static void
put_recipients(struct building *b)
{
	unsigned count = 1 + draw(b, 5);

	ber_begin(&b->writer, BER_CTX(2));
	for (unsigned n = 1; n <= count; n++) {
		uint32_t bits = (draw(b, 128) << 25) | P1_RESPONSIBILITY;

		ber_begin(&b->writer, BER_UNI(BER_SET));
		put_name(b);
		ber_put_integer(&b->writer, BER_CTX(0), n);
		ber_put_bits(&b->writer, BER_CTX(1), bits & 0xff000000U, 8);
		if (draw(b, 5) == 0)
			ber_put_integer(&b->writer, BER_CTX(2), draw(b, 9));
		if (draw(b, 3) == 0) {
			ber_begin(&b->writer, BER_CTX(3));
			for (unsigned m = 1 + draw(b, 3); m > 0; m--)
				put_extension(b);
			ber_end_element(&b->writer);
		}
		ber_end_element(&b->writer);
	}
	ber_end_element(&b->writer);
}

/* put_bilateral - write what two domains have agreed upon */
static void
put_bilateral(struct building *b)
{
	ber_begin(&b->writer, BER_CTX(1));
	for (unsigned n = 1 + draw(b, 2); n > 0; n--) {
		ber_begin(&b->writer, BER_UNI(BER_SEQUENCE));
		put_country(b, "FR", "ATLAS");
		put_anything(b, 3);
		ber_end_element(&b->writer);
	}
	ber_end_element(&b->writer);
}

/* put_described - write what a message and a probe have */
static void
put_described(struct building *b, enum mts_kind kind)
{
	put_name(b);
	put_identifier(b);
	if (draw(b, 2) == 0) {
		ber_begin(&b->writer, BER_APP(5));
		put_bits(b, BER_CTX(0), 10);
		ber_end_element(&b->writer);
	}
	ber_put_integer(&b->writer, BER_APP(6), draw(b, 2) ? 22 : 35);
	if (kind == MTS_MESSAGE && draw(b, 2) == 0)
		ber_put_integer(&b->writer, BER_APP(7), 1 + (int)draw(b, 2));
	if (draw(b, 2) == 0)
		put_bits(b, BER_APP(8), 4);
	put_trace(b);
	if (draw(b, 2) == 0)
		ber_put_string(&b->writer, BER_APP(10), "content 1");
	if (kind == MTS_PROBE && draw(b, 2) == 0)
		ber_put_integer(&b->writer, BER_CTX(0), draw(b, 1U << 30));
	if (draw(b, 3) == 0)
		put_bilateral(b);
	put_recipients(b);
	put_extensions(b, BER_CTX(3));
}

/* p1_random_build - build the envelope of a seed, as it is at a stage */
void
p1_random_build(uint64_t seed, enum mts_kind kind, enum p1_random_stage stage,
    struct buffer *out)
{
	struct building b = {.random = {.state = seed}, .stage = stage};

	buffer_reset(out);
	ber_writer_init(&b.writer, out);
	ber_begin(&b.writer, BER_UNI(BER_SET));
	if (kind == MTS_REPORT) {
		put_name(&b);
		put_identifier(&b);
		put_trace(&b);
		put_extensions(&b, BER_CTX(1));
	} else
		put_described(&b, kind);
	ber_end_element(&b.writer);
	ck_assert_int_eq(ber_finish(&b.writer), 0);
}
