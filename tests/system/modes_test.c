/* SPDX-License-Identifier: ISC */
/*
 * modes_test.c - two suites that talk in the modes of 1984
 *
 * Mail, reports and probes cross both ways, and an independent decoder reads
 * what is on the wire.  A message of 1988 with five kinds of body crosses a
 * link of 1984.  What a historical MTA sent is taken, too.
 */
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <dirent.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "mhs/transfer.h"
#include "tests/system/letter.h"
#include "tests/system/pair.h"
#include "tests/system/postoffice.h"
#include "tests/system/raw_peer.h"
#include "tests/unit/mhs/five_bodies.h"
#include "tests/unit/mhs/ipm_record.h"
#include "tests/unit/test.h"

#define SUBJECT "In another mode"
#define TEXT	"Hello Bob,\r\nacross the mode.\r\n"

static const char *const modes[] = {"1988-x410", "1984"};

static struct pair pair;

/* stop - stop both suites, which must be sound */
static void
stop(void)
{
	pair_wait_empty(&pair, 30);
	pair_stop(&pair);
	pair_check(&pair);
}

/* The suite that called. */
enum caller {
	A_CALLS,
	B_CALLS
};

/* tshark - have tshark decode what was recorded; the lines that match */
static char *
tshark(enum caller caller, const char *how, const char *filter)
{
	char *output;

	suite_shell(&output,
	    "tshark -r '%s' -X lua_script:" TEST_SOURCE_DIR
	    "/tests/system/x410.lua -d tcp.port==%u,%s -V 2>/dev/null | %s",
	    caller == A_CALLS ? pair.pcap : pair.back.pcap,
	    caller == A_CALLS ? pair.b.port : pair.a.port, how, filter);
	return output;
}

/* no_trouble - check for what tshark calls malformed; of P-DATA in X.410 mode
 * it can judge nothing below P1, nor what a report of 1984 returns, whose type
 * is not said */
static void
no_trouble(enum caller caller)
{
	char *output = tshark(caller, "tpkt",
	    "grep -E 'Malformed|Expert Info "
	    "\\((Error|Warning)' "
	    "| grep -v -e 'Malformed: ISO 8823' -e 'Group: Malformed' "
	    "-e \"can't get spdu type\" | sort -u");

	ck_assert_str_eq(output, "");
	free(output);
	output = tshark(caller, "x410",
	    "grep -E 'Malformed|Expert Info \\((Error|Warning)' "
	    "| grep -v 'P1 Unknown Content (unknown built-in'");
	ck_assert_str_eq(output, "");
	free(output);
}

/* on_wire - check how often a line of the decoding matches an expression */
static void
on_wire(enum caller caller, const char *how, const char *expression,
    unsigned long count)
{
	char filter[256], *output;

	snprintf(filter, sizeof(filter), "grep -Ec '%s'", expression);
	output = tshark(caller, how, filter);
	ck_assert_msg(strtoul(output, NULL, 10) == count,
	    "%s on the wire: %s, not %lu", expression, output, count);
	free(output);
}

/* find - find the file of a directory with this subject */
static void
find(const char *directory, const char *subject, struct letter *letter)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;
	char path[SUITE_PATH * 3];

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_type != DT_REG || entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		letter_read(path, letter);
		if (strcmp(letter->subject, subject) == 0) {
			closedir(dir);
			return;
		}
		letter_free(letter);
	}
	ck_abort_msg("nothing with subject \"%s\" in %s", subject, directory);
}

/* Mail with an attachment, a report, a probe and an answer cross. */
START_TEST(crosses)
{
	struct letter letter;
	uint8_t data[3000];

	suite_begin("modes");
	letter_fill(data, sizeof(data), 1);
	pair_mode = modes[_i];
	pair_start(&pair, PAIR_RECORDED, "checkpoint-size = 0\n");
	pair_letter(
	    &pair, "1.MSG", PAIR_BOB, '5', SUBJECT, TEXT, data, sizeof(data));
	pair_wait_files(pair.b_out, 1, 30);
	find(pair.b_out, SUBJECT, &letter);
	ck_assert_uint_eq(letter.text_length, strlen(TEXT));
	ck_assert_mem_eq(letter.text, TEXT, letter.text_length);
	ck_assert_uint_eq(letter.attachment_length, sizeof(data));
	ck_assert_mem_eq(letter.attachment, data, sizeof(data));
	ck_assert_str_eq(letter.priority, "5");
	letter_free(&letter);
	pair_letter(&pair, "4.MSG", PAIR_BOB, '3', "letters",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e\r\n",
	    NULL, 0);
	pair_wait_files(pair.b_out, 2, 30);
	find(pair.b_out, "letters", &letter);
	/* IA5 has no such letters. */
	ck_assert_ptr_nonnull(memmem(letter.text, letter.text_length,
	    _i == 0 ? "Gr\xc3\xbc" : "Gruse", 4));
	letter_free(&letter);
	pair_letter(&pair, "2.MSG", PAIR_NOBODY, '3', "lost", TEXT, NULL, 0);
	pair_wait_files(pair.a_out, 1, 30);
	pair_answer(&pair, "3.MSG", '1', "back", data, sizeof(data));
	pair_wait_files(pair.a_out, 2, 30);
	find(pair.a_out, "back", &letter);
	ck_assert_uint_eq(letter.attachment_length, sizeof(data));
	letter_free(&letter);
	ck_assert_int_eq(suite_tool(&pair.a, NULL, "x4send", "-f", PAIR_ALICE,
			     "-t", PAIR_BOB, "--probe", "--report", NULL),
	    0);
	pair_wait_files(pair.a_out, 3, 30);
	stop();
	no_trouble(A_CALLS);
	no_trouble(B_CALLS);
	on_wire(A_CALLS, "x410", "MTS-APDU: message", 3);
	on_wire(A_CALLS, "x410", "MTS-APDU: probe", 1);
	on_wire(B_CALLS, "x410", "MTS-APDU: message", 1);
	on_wire(A_CALLS, "tpkt", "application-context|ABRT|AARQ", 0);
	on_wire(B_CALLS, "tpkt", "application-context|ABRT|AARQ", 0);
	on_wire(A_CALLS, "x410", "built-in: interpersonal-messaging-1984",
	    _i == 1 ? 4 : 1);
	if (_i == 1)
		on_wire(A_CALLS, "x410", "extensions:|externally-defined", 0);
	suite_end();
}
END_TEST

/* The five in P2: general text has become IA5 text, the file a
 * bilaterally-defined body. */
static const char five_of_1984[] =
    "heading 0 this=local subject=subject importance=1\n"
    "part 0 ia5-text [plain\r\n] 0 ia5-text\n"
    "part 0 ia5-text [Gruse] 0 ia5-text\n"
    "part 0 bilaterally-defined [\0\1octets of a file\xff] "
    "0 bilaterally-defined\n"
    "part 0 message [heading 1 this=id subject=inner importance=1\n"
    "part 1 ia5-text [inside\r\n] 1 ia5-text\n"
    "part 1 bilaterally-defined [\1\2\3\4] 1 bilaterally-defined\n"
    "] 0 message\n"
    "part 0 g3-facsimile [" FIVE_BODIES_FACSIMILE "] 0 g3-facsimile\n";

/* The suite that sends; the other hands on to a peer of 1988. */
static const struct direction {
	enum caller caller;
	const char *from, *to, *domain;
} directions[] = {
    {A_CALLS, PAIR_ALICE, "C=FR;A=ATLAS;P=KEEPER;CN=Jo Doe",
	"C=FR;A=ATLAS;P=KEEPER"},
    {B_CALLS, PAIR_BOB, "C=DE;A=VIAT;P=KEEPER;CN=Jo Doe",
	"C=DE;A=VIAT;P=KEEPER"},
};

static char kept[SUITE_PATH + 16];

/* start_kept - start a pair of 1984 behind which a peer of 1988 keeps what it
 * is sent */
static pid_t
start_kept(const struct direction *direction)
{
	static char section[512];
	uint16_t port;
	pid_t keeper;

	snprintf(kept, sizeof(kept), "%s/kept", suite_directory());
	ck_assert_int_eq(mkdir(kept, 0700), 0);
	keeper = raw_keep(kept, &port);
	snprintf(section, sizeof(section),
	    "link \"keeper\" { remote-mta = \"KEEPER\"\n"
	    "  address = {\"127.0.0.1:%u\"} address-space = {\"%s\"} }\n",
	    port, direction->domain);
	if (direction->caller == A_CALLS)
		pair.b_sections = section;
	else
		pair.a_sections = section;
	pair_mode = "1984";
	pair_start(&pair, PAIR_RECORDED, "checkpoint-size = 0\n");
	return keeper;
}

/* submit - submit a content of P22 to whom the peer serves */
static void
submit(const struct direction *direction, struct slice content)
{
	char path[SUITE_PATH + 16];

	snprintf(path, sizeof(path), "%s/content", suite_directory());
	suite_write(path, content.data, content.len);
	ck_assert_int_eq(
	    suite_tool(direction->caller == A_CALLS ? &pair.a : &pair.b, NULL,
		"x4send", "-f", direction->from, "-t", direction->to,
		"--content", path, "--content-type", "p22", NULL),
	    0);
}

/* on_envelope - check the envelope that the peer was given */
static int
on_envelope(void *arg, const struct p1_envelope *envelope, struct slice octets)
{
	const struct or_address *to = &envelope->recipients[0].name.address;

	(void)arg;
	(void)octets;
	ck_assert_int_eq(envelope->kind, MTS_MESSAGE);
	ck_assert_int_eq(envelope->content_type.built_in, 2);
	ck_assert_uint_eq(envelope->recipient_count, 1);
	/* On the way the name was an attribute that the domain defines. */
	ck_assert(slice_equal_string(to->attribute[OR_COMMON_NAME], "Jo Doe"));
	return 0;
}

/* on_content - gather the content that the peer was given */
static int
on_content(void *arg, struct slice piece)
{
	return buffer_append(arg, piece.data, piece.len);
}

/* check_kept - check that the peer was given the five as of 1984 */
static void
check_kept(void)
{
	struct buffer content;
	const struct transfer_handler handler = {
	    .envelope = on_envelope, .content = on_content, .arg = &content};
	struct transfer_reader reader;
	struct record record;
	struct diag diag = {0};
	char path[SUITE_PATH + 32], found[2048], *octets;
	size_t length;

	snprintf(path, sizeof(path), "%s/0", kept);
	octets = suite_read(path, &length);
	ck_assert_ptr_nonnull(octets);
	buffer_init(&content, 1 << 16);
	transfer_reader_init(&reader, &handler, 1 << 16);
	ck_assert_msg(
	    transfer_push(&reader, slice_of(octets, length), &diag) == 0 &&
		transfer_finish(&reader, &diag) == 0,
	    "%s", diag_text(&diag));
	record_init(&record);
	ck_assert_msg(
	    record_decode(&record, buffer_slice(&content), 17, &diag) == 0,
	    "%s", diag_text(&diag));
	(void)escape_text(found, sizeof(found), buffer_slice(&record.text));
	ck_assert_msg(slice_equal(buffer_slice(&record.text),
			  slice_of(five_of_1984, sizeof(five_of_1984) - 1)),
	    "not the five: %s", found);
	record_fini(&record);
	transfer_reader_fini(&reader);
	buffer_fini(&content);
	free(octets);
}

/* A message of 1988 with five kinds of body crosses a link of 1984, and goes on
 * to a peer of 1988; one that cannot be said in 1984 comes back. */
START_TEST(five_kinds)
{
	const struct direction *direction = &directions[_i];
	struct buffer content;
	const char *out;
	char *report;
	pid_t keeper;

	suite_begin("modes-five");
	keeper = start_kept(direction);
	buffer_init(&content, 1 << 16);
	five_bodies_make(&content);
	submit(direction, buffer_slice(&content));
	pair_wait_files(kept, 1, 30);
	submit(direction,
	    slice_of(FIVE_BODIES_VOICE, sizeof(FIVE_BODIES_VOICE) - 1));
	out = direction->caller == A_CALLS ? pair.a_out : pair.b_out;
	pair_wait_files(out, 1, 30);
	ck_assert_int_eq(
	    suite_shell(&report,
		"grep -h 'unable-to-transfer: unable-to-downgrade' '%s'/*",
		out),
	    0);
	free(report);
	stop();
	(void)suite_reap(keeper);
	ck_assert_uint_eq(suite_count_files(kept), 1);
	check_kept();
	no_trouble(direction->caller);
	on_wire(direction->caller, "x410", "MTS-APDU: message", 1);
	on_wire(direction->caller, "x410", "extensions:|externally-defined", 0);
	on_wire(direction->caller, "x410",
	    "basic: (ia5-text|bilaterally-defined|message|g3-facsimile)", 7);
	buffer_fini(&content);
	suite_end();
}
END_TEST

/* A suite as the historical MTA of the captures saw its peer. */
static const struct captured {
	const char *mode, *octets, *domain;
} captures[] = {
    {"1988-x410", "x410mode-message", "C=GB;A= ;P=TESTB410"},
    {"1984", "1984-message", "C=GB;A= ;P=TESTB84"},
};

/* start_captured - start a suite that is the responder of a capture */
static void
start_captured(struct suite *suite, const struct captured *captured)
{
	char po[SUITE_PATH], map[SUITE_PATH], text[256], sections[2048];

	snprintf(po, sizeof(po), "%s/c", suite_directory());
	mkdir(po, 0755);
	snprintf(map, sizeof(map), "%s/c.map", suite_directory());
	snprintf(po, sizeof(po), "%s/c/po1", suite_directory());
	postoffice_make(po);
	snprintf(text, sizeof(text), "%s;O=B;S=u1 = ACME/PO1/U1\n",
	    captured->domain);
	suite_write(map, text, strlen(text));
	snprintf(sections, sizeof(sections),
	    "link \"pp\" { remote-mta = \"mta-a\" remote-password = "
	    "\"secret-a\"\n local-name = \"mta-b\" local-password = "
	    "\"secret-b\"\n schedule = never mode = \"%s\"\n"
	    "  remote-domain = \"C=GB;A= ;P=TESTA\"\n"
	    "  address-space = {\"C=GB;A= ;P=TESTA\"} }\n"
	    "msmail \"po1\" { postoffice = \"%s\" network = \"ACME\"\n"
	    "  name = \"PO1\" address-space = {\"%s\"} directory = \"%s\" }\n",
	    captured->mode, po, captured->domain, map);
	suite->port = suite_free_port();
	suite_configure(suite, "c", captured->domain, "", sections);
	suite_start(suite);
}

/* hear - read until the peer has said this; the octets read so far are kept */
static void
hear(int fd, uint8_t *heard, size_t *len, const void *what, size_t what_len)
{
	struct pollfd pollfd = {.fd = fd, .events = POLLIN};

	while (memmem(heard, *len, what, what_len) == NULL) {
		ssize_t got;

		ck_assert_int_eq(poll(&pollfd, 1, 30000), 1);
		got = read(fd, heard + *len, 4096 - *len);
		ck_assert_int_gt(got, 0);
		*len += (size_t)got;
	}
}

/* replay - say what the initiator of a capture said, with the pauses in which
 * it waited for an answer */
static void
replay(uint16_t port, const struct captured *captured)
{
	static const uint8_t aea[] = {0x02, 0x00, 0x2a, 0x03, 0x2a, 0x01, 0x31};
	static const uint8_t dn[] = {0x0a, 0x00}, fn[] = {0x09, 0x03, 0x11};
	char path[SUITE_PATH];
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	uint8_t heard[4096];
	size_t len, heard_len = 0, before;
	char *octets;
	uint8_t *finish;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	snprintf(path, sizeof(path),
	    TEST_SOURCE_DIR "/tests/vectors/osi/%s.initiator.bin",
	    captured->octets);
	octets = suite_read(path, &len);
	ck_assert_ptr_nonnull(octets);
	finish = memmem(octets, len, fn, sizeof(fn));
	ck_assert_ptr_nonnull(finish);
	before = (size_t)(finish - (uint8_t *)octets) - 7;
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	ck_assert_int_eq(write(fd, octets, before), (ssize_t)before);
	hear(fd, heard, &heard_len, "secret-b", 8);
	hear(fd, heard, &heard_len, aea, sizeof(aea));
	ck_assert_int_eq(
	    write(fd, octets + before, len - before), (ssize_t)(len - before));
	hear(fd, heard, &heard_len, dn, sizeof(dn));
	close(fd);
	free(octets);
}

/* Messages that the historical MTA sent arrive as they did then. */
START_TEST(historical)
{
	const struct captured *captured = &captures[_i];
	struct suite suite = {.port = 0};
	char out[SUITE_PATH];
	struct letter letter;

	suite_begin("modes-captured");
	start_captured(&suite, captured);
	replay(suite.port, captured);
	snprintf(out, sizeof(out), "%s/c/po1/OUT", suite_directory());
	pair_wait_files(out, 1, 30);
	find(out, _i == 0 ? "mode410" : "mode84", &letter);
	ck_assert_ptr_nonnull(memmem(letter.text, letter.text_length,
	    "Hello from PP A.\r\nLine two.\r\n", 29));
	letter_free(&letter);
	suite_wait_empty(&suite, 30);
	suite_stop(&suite);
	suite_end();
}
END_TEST

TEST_MAIN("system/modes", TEST_LOOP_LONG(crosses, 2, 60),
    TEST_LOOP_LONG(five_kinds, 2, 60), TEST_LOOP_LONG(historical, 2, 60))
