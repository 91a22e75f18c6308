/* SPDX-License-Identifier: ISC */
/*
 * standard_test.c - what a whole suite makes of envelopes that a peer sends as
 * octets: delivered, or reported with the code of X.411
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "mhs/bind.h"
#include "mhs/mts.h"
#include "mhs/report.h"
#include "mhs/transfer.h"
#include "osi/association.h"
#include "tests/system/postoffice.h"
#include "tests/system/suite.h"
#include "tests/unit/qmgr/standard_octets.h"
#include "tests/unit/test.h"

#define BOB "C=DE;A=VIAT;P=ACME;O=PO1;S=Doe = ACME/PO1/DOE\n"

static struct suite tested;

/* start - start a suite with a postoffice, and links whose peers only call */
static void
start(void)
{
	char sections[2048];

	suite_begin("standard");
	snprintf(tested.directory, sizeof(tested.directory), "%s/t",
	    suite_directory());
	ck_assert_int_eq(mkdir(tested.directory, 0755), 0);
	postoffice_make(suite_path(&tested, "po"));
	suite_write(suite_path(&tested, "map"), BOB, strlen(BOB));
	snprintf(sections, sizeof(sections),
	    "link \"rome\" {\n  remote-mta = \"MTA-ROME\"\n"
	    "  remote-password = \"geheim\" address = {\"127.0.0.1:%u\"}\n"
	    "  schedule = \"never\" address-space = {\"C=IT\"}\n}\n"
	    "link \"paris\" {\n  remote-mta = \"MTA-PARIS\"\n"
	    "  remote-password = \"x\" address = {\"127.0.0.1:%u\"}\n"
	    "  schedule = \"never\" max-size = \"50K\"\n"
	    "  address-space = {\"C=FR;A=ATLAS\"}\n}\n"
	    "msmail \"po1\" {\n  postoffice = \"%s\" network = \"ACME\"\n"
	    "  name = \"PO1\" directory = \"%s\"\n"
	    "  address-space = {\"C=DE;A=VIAT;P=ACME;O=PO1\"}\n}\n",
	    suite_free_port(), suite_free_port(), suite_path(&tested, "po"),
	    suite_path(&tested, "map"));
	suite_configure(&tested, "t", "C=DE;A=VIAT;P=ACME", "", sections);
	suite_start(&tested);
}

#define OCTETS(kind, name)               \
	{                                \
		kind, name, sizeof(name) \
	}

/* What the peer sends. */
static const struct {
	enum mts_kind kind;
	const uint8_t *octets;
	size_t len;
} sent[] = {
    OCTETS(MTS_MESSAGE, return_through_list),
    OCTETS(MTS_MESSAGE, return_through_redirection),
    OCTETS(MTS_MESSAGE, true_loop),
    OCTETS(MTS_MESSAGE, unknown_recipient_of_list),
    OCTETS(MTS_MESSAGE, unknown_redirected_recipient),
    OCTETS(MTS_MESSAGE, critical_for_delivery_recipient),
    OCTETS(MTS_MESSAGE, critical_for_delivery_unknown),
    OCTETS(MTS_PROBE, probe_10_mb),
};

/* call - open an association as MTA-ROME; its socket */
static int
call(struct association *a)
{
	const struct association_io io = {association_poll, NULL};
	const struct mta_bind ours = {.credentials = BIND_SIMPLE,
	    .name = slice_of_string("MTA-ROME"),
	    .password = slice_of_string("geheim"),
	    .form = BIND_OCTET_STRING};
	struct association_parameters p = {
	    .application_context = mts_application_context,
	    .rtse_syntax = mts_rtse_syntax,
	    .transfer_syntax = mts_transfer_syntax,
	    .window = 1,
	    .open_timeout = 60000,
	    .disconnect_timeout = 60000,
	    .transfer_timeout = 60000};
	const struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(tested.port),
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct buffer bind;
	struct slice result;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	session_references_make(&p.references, ours.name);
	buffer_init(&bind, BIND_OCTETS_MAX);
	ck_assert_int_eq(mta_bind_encode(&ours, BIND_BARE, &bind), 0);
	ck_assert_int_eq(association_init(a, io), 0);
	ck_assert_msg(
	    association_open(a, fd, &p, buffer_slice(&bind), &result) == 0,
	    "%s", a->failure.text);
	buffer_fini(&bind);
	return fd;
}

/* transfer - send one APDU, which must be taken */
static void
transfer(struct association *a, struct slice apdu)
{
	int rc = association_send_start(a, apdu.len, clock_after(60000));

	if (rc == 0)
		rc = association_send_data(a, apdu);
	if (rc == 0)
		rc = association_send_end(a);
	if (rc == 0)
		rc = association_send_finish(a);
	ck_assert_int_eq(rc, 0);
}

/* send_all - send them on one association */
static void
send_all(void)
{
	static const uint8_t content[] = {0xa0, 0x25, 0x31, 0x11, 0x6b, 0x07,
	    0x13, 0x05, 'i', 'p', 'm', '-', '1', 0xa8, 0x06, 0x14, 0x04, 't',
	    'e', 's', 't', 0x30, 0x10, 0xa0, 0x0e, 0x31, 0x03, 0x80, 0x01, 0x05,
	    0x16, 0x07, 'h', 'e', 'l', 'l', 'o', '\r', '\n'};
	struct association a;
	int fd = call(&a);

	for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
		struct slice octets = slice_of(sent[i].octets, sent[i].len);
		struct buffer apdu;

		if (sent[i].kind == MTS_PROBE) {
			transfer(&a, octets);
			continue;
		}
		buffer_init(&apdu, 65536);
		ck_assert_int_eq(
		    transfer_prefix(MTS_MESSAGE, octets, sizeof(content),
			TRANSFER_NO_EXTERNAL, &apdu),
		    0);
		ck_assert_int_eq(
		    buffer_append(&apdu, content, sizeof(content)), 0);
		transfer(&a, buffer_slice(&apdu));
		buffer_fini(&apdu);
	}
	ck_assert_int_eq(association_release(&a), 0);
	association_fini(&a);
	close(fd);
}

/* has_delivered - tell whether OUT has as many files */
static bool
has_delivered(void *count)
{
	return suite_count_files(suite_path(&tested, "po/OUT")) >=
	    *(const size_t *)count;
}

/* has_queued - tell whether as many are in the queue */
static bool
has_queued(void *count)
{
	return suite_queued(&tested) == *(const int64_t *)count;
}

/* reported - count the recipients that were reported with a diagnostic */
static unsigned
reported(int diagnostic)
{
	char *output;
	unsigned n;

	suite_shell(&output, "grep -c ' diagnostic_code=%d\\( \\|$\\)' '%s'",
	    diagnostic, suite_path(&tested, "state/log"));
	n = (unsigned)strtoul(output, NULL, 10);
	free(output);
	return n;
}

/* Two come back for a reason and are delivered; of the others one is a loop,
 * two are for nobody, two ask for what is not done on delivery, one is too
 * long.  The report on the loop is for a mailbox that is not there. */
START_TEST(octets)
{
	size_t two = 2;
	int64_t reports = 5;

	start();
	send_all();
	suite_wait("what is delivered", 60, has_delivered, &two);
	ck_assert_uint_eq(suite_count_files(suite_path(&tested, "po/OUT")), 2);
	ck_assert_uint_eq(reported(DIAGNOSTIC_LOOP_DETECTED), 1);
	ck_assert_uint_eq(reported(DIAGNOSTIC_UNRECOGNISED_OR_NAME), 2);
	ck_assert_uint_eq(
	    reported(DIAGNOSTIC_UNSUPPORTED_CRITICAL_FUNCTION), 2);
	ck_assert_uint_eq(reported(DIAGNOSTIC_CONTENT_TOO_LONG), 1);
	suite_wait("the reports", 60, has_queued, &reports);
	suite_stop(&tested);
	suite_end();
}
END_TEST

TEST_MAIN("system/standard", TEST_LONG(octets, 120))
