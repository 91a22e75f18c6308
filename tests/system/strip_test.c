/* SPDX-License-Identifier: ISC */
/*
 * strip_test.c - what stays here of an envelope, as an independent decoder sees
 * what leaves
 *
 * The test sends messages with internal trace and bilateral information.  One
 * link goes to another domain and strips both, one strips nothing.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mhs/p1.h"
#include "mhs/transfer.h"
#include "tests/system/raw_peer.h"
#include "tests/system/recording.h"
#include "tests/unit/test.h"

#define BILATERAL "per-domain-bilateral-information: "
#define INTERNAL  "InternalTraceInformation: [0-9]"
#define EXTERNAL  " trace-information: [0-9]"

static struct suite tested;
static struct recording strict, loose;
static pid_t keepers[2];

/* add_link - append a link to a keeper */
static void
add_link(char *sections, size_t size, const char *name, uint16_t port,
    const char *more)
{
	size_t used = strlen(sections);

	snprintf(sections + used, size - used,
	    "link \"%s\" { remote-mta = \"KEEPER\""
	    " address = {\"127.0.0.1:%u\"} open-interval = \"0.5\""
	    " association-lifetime = \"0.1\" %s }\n",
	    name, port, more);
}

/* start - start the suite between the test as caller and two peers that keep;
 * the strict one can be called at this port, 0: at its recording */
static void
start(const char *test, uint16_t port)
{
	char sections[2048] =
	    "link \"source\" { remote-mta = \"SOURCE\" remote-password = \"s\""
	    " address = {\"127.0.0.1:1\"} address-space = {\"C=XX\"}"
	    " schedule = \"never\" }\n";
	char directory[SUITE_PATH + 16];
	uint16_t at[2];

	suite_begin(test);
	for (unsigned i = 0; i < 2; i++) {
		snprintf(directory, sizeof(directory), "%s/kept%u",
		    suite_directory(), i);
		ck_assert_int_eq(mkdir(directory, 0700), 0);
		keepers[i] = raw_keep(directory, &at[i]);
	}
	recording_start(&strict, "strict", at[0]);
	recording_start(&loose, "loose", at[1]);
	add_link(sections, sizeof(sections), "strict",
	    port != 0 ? port : strict.port,
	    "address-space = {\"C=YY\"} cost = 10"
	    " remote-domain = \"C=YY;A=OTHER\" strip-bilateral = \"yes\"");
	add_link(sections, sizeof(sections), "loose", loose.port,
	    "address-space = {\"C=YY\", \"C=ZZ\"} cost = 20");
	suite_configure(&tested, "tested", "C=DE;A=VIAT;P=ACME", "", sections);
	suite_start(&tested);
}

/* stop - stop all, so that the recordings are whole */
static void
stop(void)
{
	suite_wait_empty(&tested, 30);
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	recording_stop(&strict);
	recording_stop(&loose);
	for (unsigned i = 0; i < 2; i++)
		(void)suite_reap(keepers[i]);
}

/* fill - make an envelope that has all there is to strip */
static void
fill(struct p1_envelope *e, struct arena *arena, const char *to)
{
	static const uint8_t bilateral[] = {
	    0x30, 0x09, 0x61, 0x04, 0x13, 0x02, 'F', 'R', 0x02, 0x01, 0x07};
	static const uint8_t value[] = {4, 2, 'h', 'i'};
	struct or_name from = {0}, recipient = {0};
	struct diag diag = {0};

	ck_assert_int_eq(
	    or_address_parse(slice_of_string("C=XX;A=LOAD;S=Source"), arena,
		&from.address, &diag),
	    0);
	ck_assert_int_eq(or_address_parse(slice_of_string(to), arena,
			     &recipient.address, &diag),
	    0);
	p1_init(e, MTS_MESSAGE);
	ck_assert_int_eq(global_domain_parse(slice_of_string("C=XX;A=LOAD"),
			     arena, &e->identifier.domain, &diag),
	    0);
	e->identifier.local = slice_of_string(to);
	e->originator = from;
	e->content_type.built_in = P1_CONTENT_P22;
	e->recipients = arena_array(arena, 1, sizeof(*e->recipients));
	ck_assert_ptr_nonnull(e->recipients);
	e->recipient_count = 1;
	e->recipients[0] = (struct p1_recipient){.name = recipient,
	    .number = 1,
	    .explicit_conversion = -1,
	    .indicators = P1_RESPONSIBILITY};
	e->bilateral = slice_of(bilateral, sizeof(bilateral));
	ck_assert_int_eq(extension_set(&e->extensions, arena, 99, 0,
			     slice_of(value, sizeof(value))),
	    0);
	ck_assert_int_eq(p1_trace_append(e, arena, &e->identifier.domain,
			     1000000, TRACE_RELAYED, NULL),
	    0);
	ck_assert_int_eq(p1_internal_trace_append(e, arena,
			     &e->identifier.domain, slice_of_string("MTA-X"),
			     1000000, TRACE_RELAYED, slice_of(NULL, 0)),
	    0);
}

/* send - transfer such a message to an address */
static void
send(const char *to)
{
	struct p1_envelope envelope;
	struct buffer encoded, apdu;
	struct raw_call call;
	struct arena arena;

	arena_init(&arena, P1_ARENA_MAX);
	buffer_init(&encoded, 65536);
	buffer_init(&apdu, 65536);
	fill(&envelope, &arena, to);
	ck_assert_int_eq(p1_encode(&envelope, EXTENSION_IMPLICIT, &encoded), 0);
	ck_assert_int_eq(transfer_prefix(MTS_MESSAGE, buffer_slice(&encoded), 5,
			     TRANSFER_NO_EXTERNAL, &apdu),
	    0);
	ck_assert_int_eq(buffer_append(&apdu, "hello", 5), 0);
	raw_open(&call, tested.port);
	ck_assert_int_eq(raw_send(&call, buffer_slice(&apdu)), 0);
	raw_release(&call);
	buffer_fini(&apdu);
	buffer_fini(&encoded);
	arena_fini(&arena);
}

/* has - check how often the decoder finds the parts on a link */
static void
has(const struct recording *link, unsigned messages, unsigned parts)
{
	ck_assert_uint_eq(recording_count(link, "Malformed"), 0);
	ck_assert_uint_eq(recording_count(link, "originator-name"), messages);
	ck_assert_uint_eq(recording_count(link, BILATERAL), parts);
	ck_assert_uint_eq(recording_count(link, INTERNAL), parts);
	ck_assert_uint_ge(recording_count(link, EXTERNAL), messages);
}

START_TEST(settings)
{
	start("strip", 0);
	send("C=YY;A=OTHER;S=Strict");
	send("C=ZZ;A=OTHER;S=Loose");
	stop();
	has(&strict, 1, 0);
	has(&loose, 1, 1);
	suite_end();
}
END_TEST

/* A message that was to go to the one and goes to the other has all of it. */
START_TEST(another_route)
{
	int64_t queued;

	start("strip-route", suite_free_port());
	send("C=YY;A=OTHER;S=Strict");
	queued = suite_queued(&tested);
	ck_assert_int_eq(queued, 1);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "disable", "strict", NULL), 0);
	stop();
	has(&strict, 0, 0);
	has(&loose, 1, 1);
	suite_end();
}
END_TEST

TEST_MAIN("system/strip", TEST_LONG(settings, 60); TEST_LONG(another_route, 60))
