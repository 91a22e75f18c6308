/* SPDX-License-Identifier: ISC */
/*
 * x400out_large_test.c - an envelope that is not in memory as a whole: its
 * octets at the peer, in each mode
 */
#include "mhs/downgrade.h"
#include "tests/unit/x400out/calling.h"

#define RECIPIENTS 4000
#define CONTENT	   100000

static struct arena arena;

/* fill - make the envelope of the job one of many recipients */
static void
fill(enum mts_kind kind)
{
	struct p1_envelope *e = &apdu.envelope;
	const struct p1_recipient one = e->recipients[0];
	struct diag diag = {0};

	arena_init(&arena, 64 << 20);
	e->kind = kind;
	e->content_type.built_in = P1_CONTENT_P2;
	e->recipients = arena_array(&arena, RECIPIENTS, sizeof(*e->recipients));
	ck_assert_ptr_nonnull(e->recipients);
	e->recipient_count = RECIPIENTS;
	for (size_t i = 0; i < RECIPIENTS; i++) {
		char text[64];

		e->recipients[i] = one;
		e->recipients[i].number = (int)i + 1;
		snprintf(text, sizeof(text), "C=FR;A=ATLAS;%s=No%zu",
		    i % 3 == 0 ? "CN" : "S", i);
		ck_assert_int_eq(or_address_parse(slice_of_string(text), &arena,
				     &e->recipients[i].name.address, &diag),
		    0);
	}
	buffer_reset(&apdu.octets);
	ck_assert_int_eq(p1_encode(e, EXTENSION_IMPLICIT, &apdu.octets), 0);
	ck_assert_uint_gt(buffer_length(&apdu.octets), 128 * 1024);
}

/* job - give it the job, of which a part comes at once */
static void
job(enum mts_kind kind)
{
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_JOB,
		.job = {.job = 1,
		    .message = 101,
		    .kind = kind,
		    .priority = 1,
		    .envelope_length = buffer_length(&apdu.octets),
		    .content_length = kind == MTS_PROBE ? 0 : CONTENT,
		    .body = slice_of(apdu.octets.data, IPC_PIECE_MAX)}});
}

/* serve - answer for qmgr until the job is done */
static const struct ipc_outcome *
serve(void)
{
	while (stage_next(&stage) != IPC_OUTCOME)
		if (stage.record.type == IPC_BODY_REQUEST)
			calling_answer_body(1);
	calling_commits();
	return &stage.record.outcome;
}

/* expect - encode the envelope that the peer should have */
static void
expect(bool of_1984, struct buffer *out)
{
	struct global_domain gateway;

	ck_assert_int_eq(
	    global_domain_parse(
		slice_of_string("C=DE;A=VIAT;P=ACME"), &arena, &gateway, NULL),
	    0);
	if (of_1984)
		ck_assert_int_eq(
		    downgrade_envelope(&apdu.envelope, &gateway, &arena), 0);
	buffer_init(out, P1_ENVELOPE_MAX);
	ck_assert_int_eq(p1_encode(&apdu.envelope, EXTENSION_IMPLICIT, out), 0);
}

/* got - encode the envelope that the peer has, and get what follows it */
static struct slice
got(enum mts_kind kind, struct buffer *out)
{
	struct slice all = buffer_slice(&peer.octets[0]);
	struct p1_envelope envelope;
	struct ber_reader reader;
	struct ber_element el;
	struct diag diag = {0};

	ber_reader_init(&reader, all, &diag);
	ck_assert_int_eq(ber_next(&reader, &el), 1);
	ck_assert_msg(p1_decode(kind, el.whole, &arena, &envelope, &diag) == 0,
	    "%s", diag_text(&diag));
	buffer_init(out, P1_ENVELOPE_MAX);
	ck_assert_int_eq(p1_encode(&envelope, EXTENSION_IMPLICIT, out), 0);
	return reader.rest;
}

static const struct {
	const char *mode;
	enum mts_kind kind;
} cases[] = {
    {"", MTS_MESSAGE},
    {"", MTS_PROBE},
    {"mode = \"1988-x410\"", MTS_MESSAGE},
    {"mode = \"1984\" remote-domain = \"C=FR;A=ATLAS\"", MTS_MESSAGE},
    {"mode = \"1984\" remote-domain = \"C=FR;A=ATLAS\"", MTS_PROBE},
};

/* The peer gets every octet of a large envelope, and of the content behind it;
 * one of 1984 what it can be told. */
START_TEST(octets)
{
	enum mts_kind kind = cases[_i].kind;
	struct buffer should, is;
	struct slice content;

	peer_init(&peer);
	calling_bound(cases[_i].mode);
	fill(kind);
	job(kind);
	ck_assert_int_eq(serve()->result, IPC_TRANSFERRED);
	calling_retire();
	expect(strstr(cases[_i].mode, "1984\"") != NULL, &should);
	content = got(kind, &is);
	ck_assert(slice_equal(buffer_slice(&should), buffer_slice(&is)));
	ck_assert_uint_eq(content.len, kind == MTS_PROBE ? 0 : CONTENT);
	for (size_t i = 0; i < content.len; i++)
		ck_assert_uint_eq(content.data[i], stage_pattern(i));
	buffer_fini(&should);
	buffer_fini(&is);
	arena_fini(&arena);
	calling_end();
}
END_TEST

/* A recipient that a peer of 1984 cannot be told refuses the message before
 * anything is sent. */
START_TEST(not_told)
{
	static const uint8_t one[] = {0x0a, 0x01, 0x01};
	struct extension_list *list;

	peer_init(&peer);
	calling_bound(cases[3].mode);
	fill(MTS_MESSAGE);
	list = &apdu.envelope.recipients[RECIPIENTS - 1].extensions;
	ck_assert_int_eq(
	    extension_set(list, &arena, EXTENSION_ORIGINATOR_RETURN_ADDRESS,
		CRITICAL_FOR_DELIVERY, slice_of(one, sizeof(one))),
	    0);
	buffer_reset(&apdu.octets);
	ck_assert_int_eq(
	    p1_encode(&apdu.envelope, EXTENSION_IMPLICIT, &apdu.octets), 0);
	job(MTS_MESSAGE);
	ck_assert_int_eq(serve()->result, IPC_REFUSED);
	calling_retire();
	ck_assert_uint_eq(peer.taken, 0);
	arena_fini(&arena);
	calling_end();
}
END_TEST

TEST_MAIN("x400out/x400out_large", TEST_LOOP(octets, 5), TEST(not_told))
