/* SPDX-License-Identifier: ISC */
/*
 * private_test.c - nothing of our own goes to a third party (F3)
 *
 * A message, a probe, a report that passes through and one of our own cross
 * a third-party link; an independent decoder finds no private extension, no
 * private content type and no bilateral information among them.  A private
 * extension of somebody else's is relayed as it came; one that is critical
 * for transfer and that we do not know ends in a report.
 */
#include <string.h>

#include "tests/fault/load.h"
#include "tests/system/recording.h"
#include "tests/unit/test.h"

#define MARKER	"a private extension valu"
#define BEFORE	17 /* octets of its ExtensionField that precede the marker */
#define PRIVATE "1\\.3\\.6\\.1\\.4\\.1\\.55555\\.7"

static struct suite tested;
static struct load_sink third;
static struct recording out, in;
static char sections[8192];

/* begin - start a third party on a recorded link, and the suite behind
 * another */
static void
begin(const char *test)
{
	suite_begin(test);
	load_source_link(sections, sizeof(sections));
	load_sink(&third, "third", 0, NULL);
	recording_start(&out, "out", third.port);
	load_link(sections, sizeof(sections), "third", out.port,
	    "association-lifetime = \"0.1\"");
	suite_configure(&tested, "p", "C=XX;A=TEST;P=P", "", sections);
	suite_start(&tested);
	recording_start(&in, "in", tested.port);
}

/* stop - stop everything, so that the recordings are whole */
static void
stop(void)
{
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	recording_stop(&in);
	recording_stop(&out);
	load_sink_stop(&third);
}

/* submit - submit a message to C=YY;A=to, with what -X says or NULL, by the
 * recorded way */
static void
submit(const char *to, const char *private)
{
	char output[SUITE_PATH + 64], address[32];
	pid_t pid;

	snprintf(address, sizeof(address), "127.0.0.1:%u", in.port);
	if (private == NULL)
		pid = load_source(&tested, to, 1, output, "-a", address, "-f",
		    "C=YY;A=third;S=Source", NULL);
	else
		pid = load_source(&tested, to, 1, output, "-a", address, "-f",
		    "C=XX;A=LOAD;S=Source", "-X", private, NULL);
	ck_assert_int_eq(suite_wait_exit(pid, 60), 0);
}

/* by_tool - send a message or a probe of our own to the third party */
static void
by_tool(const char *option, const char *value)
{
	char body[SUITE_PATH + 16];

	snprintf(body, sizeof(body), "%s/body", suite_directory());
	suite_write(body, "hello\n", 6);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4send", "-f", "C=XX;A=TEST;P=P;S=A",
		"-t", "C=YY;A=third;S=B", "-b", body, option, value, NULL),
	    0);
}

/* declares - send probes that declare lengths of their own */
static void
declares(void)
{
	char body[SUITE_PATH + 16];

	snprintf(body, sizeof(body), "%s/body", suite_directory());
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4send", "-f", "C=XX;A=TEST;P=P;S=A",
		"-t", "C=YY;A=third;S=B", "--probe", "--content", body,
		"--content-type", "35", NULL),
	    0);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4send", "-f",
			     "C=XX;A=TEST;P=P;S=A", "-t", "C=YY;A=third;S=B",
			     "--probe", "--content-length", "10M", NULL),
	    0);
}

/* kinds - count how many of a kind the third party has noted */
static unsigned
kinds(const char *kind)
{
	char *output;
	unsigned n;

	suite_shell(&output, "grep -c '^%s' '%s'", kind, third.lines);
	n = (unsigned)strtoul(output, NULL, 10);
	free(output);
	return n;
}

START_TEST(nothing_private)
{
	static const char *const ours[] = {"private-extension", "[Bb]ilateral",
	    "content-type: .*extended", "extended: ", "Malformed"};

	begin("private");
	submit("third", NULL);
	/* no link has that address: a report of ours */
	submit("nowhere", NULL);
	by_tool("--report", NULL);
	by_tool("--probe", NULL);
	declares();
	by_tool("-p", "urgent");
	load_wait_noted(&third, 7, 30);
	stop();
	ck_assert_uint_eq(kinds("message"), 3);
	ck_assert_uint_eq(kinds("probe"), 3);
	ck_assert_uint_eq(
	    recording_count(&out, "content-length: 10485760$"), 1);
	ck_assert_uint_eq(recording_count(&out, "content-length: 6$"), 1);
	ck_assert_uint_eq(recording_count(&out, "content-length: "), 3);
	ck_assert_uint_eq(kinds("report"), 1);
	/* the decoder saw them */
	ck_assert_uint_ge(recording_count(&out,
			      "unsupported|unrecognised|no-route|"
			      "non-delivery-reason-code"),
	    1);
	ck_assert_uint_ge(recording_count(&out, "originator-name"), 3);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		ck_assert_msg(recording_count(&out, ours[i]) == 0,
		    "on the wire to a third party: %s", ours[i]);
	suite_end();
}
END_TEST

/* field - copy the octets of the extension in a recording, to be freed */
static char *
field(const struct recording *wire)
{
	size_t length, size = BEFORE + strlen(MARKER);
	char *octets = suite_read(wire->pcap, &length), *at, *copy;

	ck_assert_ptr_nonnull(octets);
	at = memmem(octets, length, MARKER, strlen(MARKER));
	ck_assert_msg(at != NULL, "%s: no extension", wire->pcap);
	ck_assert_int_ge(at - octets, BEFORE);
	copy = malloc(size);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, at - BEFORE, size);
	free(octets);
	return copy;
}

START_TEST(foreign)
{
	char *sent, *relayed;

	begin("foreign");
	submit("third", "other");
	load_wait_noted(&third, 1, 30);
	stop();
	sent = field(&in);
	relayed = field(&out);
	ck_assert_mem_eq(sent, relayed, BEFORE + strlen(MARKER));
	/* the decoder would have seen one of ours */
	ck_assert_uint_ge(
	    recording_count(&out, "private-extension.*" PRIVATE), 1);
	free(sent);
	free(relayed);
	suite_end();
}
END_TEST

/* reported - tell whether the report is in the log */
static bool
reported(void *arg)
{
	int status = suite_shell(NULL,
	    "grep -q 'diagnostic=unsupported-critical-function' "
	    "'%s/state/log'",
	    tested.directory);

	(void)arg;
	return status == 0;
}

START_TEST(critical)
{
	begin("critical");
	submit("third", "critical");
	suite_wait("a report", 20, reported, NULL);
	submit("third", NULL);
	load_wait_noted(&third, 1, 30);
	stop();
	ck_assert_uint_eq(load_noted(third.lines), 1);
	ck_assert_uint_eq(recording_count(&out, "private-extension"), 0);
	suite_end();
}
END_TEST

TEST_MAIN("fault/private", TEST_LONG(nothing_private, 120);
	  TEST_LONG(foreign, 120); TEST_LONG(critical, 120))
