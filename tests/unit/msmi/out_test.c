/* SPDX-License-Identifier: ISC */
/*
 * out_test.c - what qmgr wants delivered, through to the files in OUT
 */
#include "tests/unit/msmi/delivery.h"

/* file - read a file of OUT as a string, without its date and time */
static const char *
file(struct delivery *run, const char *name)
{
	char *text = arena_string(
	    &run->arena, place_get(&run->place, name, &run->arena));
	char *date = strstr(text, "DATE:"), *time;

	ck_assert_ptr_nonnull(date);
	time = strstr(date, "TIME:");
	ck_assert_ptr_nonnull(time);
	time = strstr(time, "\r\n") + 2;
	memmove(date, time, strlen(time) + 1);
	return text;
}

START_TEST(a_message)
{
	static const char *const to[] = {CAROL, NOBODY, ALICE, CAROL};
	static const struct part parts[] = {FILE_OF("C:\\x\\A.DOC", "doc!"),
	    TEXT_OF("Hello\r\n"), FILE_OF("../../etc/passwd", "root"),
	    TEXT_OF("more"), FILE_OF("a.doc", "again"), FILE_OF("", "")};
	struct ipc_outcome o;
	struct delivery run;

	delivery_init(&run);
	delivery_compose(&run, to, 4, parts, 6);
	delivery_job(&run, MTS_MESSAGE, 0x1a2b, "");
	ck_assert(delivery_outcome(&run, &o));
	ck_assert_int_eq(o.result, IPC_DELIVERED);
	ck_assert_uint_eq(o.recipient_count, 1);
	ck_assert_uint_eq(o.recipients[0].index, 1);
	ck_assert_int_eq(
	    o.recipients[0].diagnostic, DIAGNOSTIC_UNRECOGNISED_OR_NAME);
	ck_assert_str_eq(run.note, ".00001A2B.TMP");
	ck_assert(!place_has(&run.place, "OUT/.00001A2B.TMP"));
	ck_assert_str_eq(file(&run, "OUT/00001A2B.P1"),
	    "VERSION:3.00\r\n"
	    "TO:ACME/PO1/ALICE\r\n"
	    "TO:ACME/PO1/CAROL\r\n"
	    "FROM:OTHER/PO2/BOB\r\n"
	    "SUBJECT:Subject\r\n"
	    "PRIORITY:5\r\n"
	    "ATTACHMENTS:A.DOC 4\r\n"
	    "ATTACHMENTS:passwd 4\r\n"
	    "ATTACHMENTS:TEXT2.TXT 4\r\n"
	    "ATTACHMENTS:a~2.doc 5\r\n"
	    "ATTACHMENTS:FILE1.BIN 0\r\n"
	    "TEXT:90\r\n"
	    "To: ACME/PO1/CAROL\r\n"
	    "To: ACME/PO1/Nobody\r\n"
	    "To: ACME/PO1/ALICE\r\n"
	    "To: ACME/PO1/CAROL\r\n\r\n"
	    "Hello\r\ndoc!rootmoreagain");
	delivery_fini(&run);
}
END_TEST

/* Files that others put at the temporary name of the next file are neither
 * waited for nor written through. */
START_TEST(names_taken_by_others)
{
	static const char *const to[] = {CAROL};
	static const struct part parts[] = {TEXT_OF("Hello\r\n")};
	struct ipc_outcome o;
	struct delivery run;
	char fifo[128], line[128];

	delivery_init(&run);
	snprintf(fifo, sizeof(fifo), "%s/OUT/.00001A2B.TMP", run.place.dir);
	snprintf(line, sizeof(line), "%s/OUT/.00001A2C.TMP", run.place.dir);
	ck_assert_int_eq(mkfifo(fifo, 0666), 0);
	place_put(&run.place, "victim", slice_of_string("precious"));
	ck_assert_int_eq(symlink("../victim", line), 0);
	for (uint64_t id = 0x1a2b; id <= 0x1a2c; id++) {
		delivery_compose(&run, to, 1, parts, 1);
		delivery_job(&run, MTS_MESSAGE, id, "");
		ck_assert(delivery_outcome(&run, &o));
		ck_assert_int_eq(o.result, IPC_DELIVERED);
	}
	ck_assert(place_has(&run.place, "OUT/00001A2B.P1"));
	ck_assert(place_has(&run.place, "OUT/00001A2C.P1"));
	ck_assert(slice_equal_string(
	    place_get(&run.place, "victim", &run.arena), "precious"));
	delivery_fini(&run);
}
END_TEST

START_TEST(nobody)
{
	static const char *const to[] = {NOBODY};
	struct ipc_outcome o;
	struct delivery run;

	delivery_init(&run);
	delivery_compose(&run, to, 1, NULL, 0);
	delivery_job(&run, MTS_MESSAGE, 1, "");
	ck_assert(delivery_outcome(&run, &o));
	ck_assert_int_eq(o.result, IPC_REFUSED);
	ck_assert_int_eq(o.reason, REASON_UNABLE_TO_TRANSFER);
	ck_assert_int_eq(o.diagnostic, DIAGNOSTIC_UNRECOGNISED_OR_NAME);
	ck_assert_uint_eq(place_count(&run.place, "OUT"), 0);
	delivery_fini(&run);
}
END_TEST

START_TEST(large_message)
{
	enum {
		SIZE = 5 << 20
	};
	static const char *const to[] = {ALICE};
	struct part part = {{.form = IPM_FORM_FILE,
				.length = SIZE,
				.filename = slice_of_string("BIG.BIN"),
				.modified = IPM_NO_TIME},
	    {0}};
	uint8_t *octets = malloc(SIZE);
	struct ipc_outcome o;
	struct slice got;
	struct delivery run;

	ck_assert_ptr_nonnull(octets);
	for (size_t i = 0; i < SIZE; i++)
		octets[i] = (uint8_t)(i * 2654435761U >> 13);
	part.contents = slice_of(octets, SIZE);
	delivery_init(&run);
	delivery_compose(&run, to, 1, &part, 1);
	delivery_job(&run, MTS_MESSAGE, 2, "");
	ck_assert(delivery_outcome(&run, &o));
	ck_assert_int_eq(o.result, IPC_DELIVERED);
	got = place_get(&run.place, "OUT/00000002.P1", &run.arena);
	ck_assert_uint_gt(got.len, SIZE);
	ck_assert_mem_eq(got.data + got.len - SIZE, octets, SIZE);
	free(octets);
	delivery_fini(&run);
}
END_TEST

/* The worker dies after its file was noted: it gets its name, once. */
START_TEST(noted_and_not_named)
{
	static const char *const to[] = {ALICE};
	static const struct part parts[] = {TEXT_OF("once")};
	struct ipc_outcome o;
	struct delivery run;

	delivery_init(&run);
	delivery_compose(&run, to, 1, parts, 1);
	run.withhold = true;
	delivery_job(&run, MTS_MESSAGE, 3, "");
	ck_assert(!delivery_outcome(&run, &o));
	ck_assert_int_eq(kill(run.pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(run.pid, NULL, 0), run.pid);
	ipc_channel_fini(&run.channel);
	ck_assert(place_has(&run.place, "OUT/.00000003.TMP"));
	ck_assert_uint_eq(place_count(&run.place, "OUT"), 0);

	/* another worker is told of the note */
	run.withhold = false;
	run.notes = 0;
	delivery_start(&run);
	delivery_job(&run, MTS_MESSAGE, 3, ".00000003.TMP");
	ck_assert(delivery_outcome(&run, &o));
	ck_assert_int_eq(o.result, IPC_DELIVERED);
	ck_assert_uint_eq(run.notes, 0);
	ck_assert_uint_eq(place_count(&run.place, "OUT"), 1);

	/* and once more, as if that one had died before it told */
	delivery_job(&run, MTS_MESSAGE, 3, ".00000003.TMP");
	ck_assert(delivery_outcome(&run, &o));
	ck_assert_int_eq(o.result, IPC_DELIVERED);
	ck_assert_uint_eq(place_count(&run.place, "OUT"), 1);
	delivery_fini(&run);
}
END_TEST

/* A note that x400out made, before the message was rerouted here, is no file of
 * ours: the message is delivered. */
START_TEST(noted_by_another_worker)
{
	static const char *const notes[] = {
	    "1 1795996800000 2 8 262144 2 13 0 5 me261130000000Zpeers",
	    "\x80\x01\x02\x81\x06 a note in BER that is longer than any name "
	    "of a "
	    "file of ours can be, and has a / in it",
	    ".\x81/.TMP"};
	static const char *const to[] = {ALICE};
	static const struct part parts[] = {TEXT_OF("once")};
	struct ipc_outcome o;
	struct delivery run;

	delivery_init(&run);
	delivery_compose(&run, to, 1, parts, 1);
	for (unsigned i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		delivery_job(&run, MTS_MESSAGE, i + 1, notes[i]);
		ck_assert(delivery_outcome(&run, &o));
		ck_assert_int_eq(o.result, IPC_DELIVERED);
		ck_assert_uint_eq(place_count(&run.place, "OUT"), i + 1);
	}
	delivery_fini(&run);
}
END_TEST

/* A new queue gives the same ids again; no file is lost to that. */
START_TEST(same_id_again)
{
	static const char *const to[] = {ALICE};
	struct ipc_outcome o;
	struct delivery run;

	delivery_init(&run);
	delivery_compose(&run, to, 1, NULL, 0);
	for (int i = 0; i < 3; i++) {
		delivery_job(&run, MTS_MESSAGE, 4, "");
		ck_assert(delivery_outcome(&run, &o));
		ck_assert_int_eq(o.result, IPC_DELIVERED);
	}
	ck_assert(place_has(&run.place, "OUT/00000004.P1"));
	ck_assert(place_has(&run.place, "OUT/00000004-2.P1"));
	ck_assert(place_has(&run.place, "OUT/00000004-3.P1"));
	delivery_fini(&run);
}
END_TEST

START_TEST(content_that_is_no_message)
{
	static const char *const to[] = {ALICE};
	struct ipc_outcome o;
	struct delivery run;
	const char *text;

	delivery_init(&run);
	delivery_compose(&run, to, 1, NULL, 0);
	/* a content that is cut cannot be read */
	run.body.end -= 3;
	delivery_job(&run, MTS_MESSAGE, 5, "");
	ck_assert(delivery_outcome(&run, &o));
	ck_assert_int_eq(o.result, IPC_DELIVERED);
	text = file(&run, "OUT/00000005.P1");
	ck_assert_ptr_nonnull(strstr(text, "ATTACHMENTS:CONTENT.BER "));
	ck_assert_ptr_nonnull(
	    strstr(text, "This message could not be shown: ends within"));
	delivery_fini(&run);
}
END_TEST

/* report_of - make a report on a message of Alice's into the body */
static void
report_of(struct delivery *run, const struct report *report)
{
	struct p1_envelope envelope;

	p1_init(&envelope, MTS_REPORT);
	envelope.identifier.domain.country = slice_of_string("FR");
	envelope.identifier.domain.admd = slice_of_string("ATLAS");
	envelope.identifier.local = slice_of_string("report");
	envelope.originator.address = delivery_address(run, ALICE);
	ck_assert_int_eq(
	    p1_trace_append(&envelope, &run->arena, &envelope.identifier.domain,
		1795368591, TRACE_RELAYED, NULL),
	    0);
	buffer_reset(&run->body);
	ck_assert_int_eq(
	    p1_encode(&envelope, EXTENSION_IMPLICIT, &run->body), 0);
	run->envelope = buffer_length(&run->body);
	ck_assert_int_eq(
	    report_encode(report, EXTENSION_IMPLICIT, &run->body), 0);
}

START_TEST(reports)
{
	struct report report;
	struct report_recipient who[3];
	struct ipc_outcome o;
	struct delivery run;

	delivery_init(&run);
	report_init(&report);
	report.subject.domain.country = slice_of_string("DE");
	report.subject.domain.admd = slice_of_string("VIAT");
	report.subject.local = slice_of_string("abc");
	for (int i = 0; i < 3; i++) {
		report_recipient_init(&who[i]);
		who[i].number = i + 1;
		who[i].arrival = 1795368591;
		who[i].actual.address =
		    delivery_address(&run, "S=Bob;P=BETA;A=ATLAS;C=FR");
		who[i].reason = REASON_UNABLE_TO_TRANSFER;
		who[i].diagnostic = DIAGNOSTIC_UNRECOGNISED_OR_NAME;
	}
	who[1].actual.address = delivery_address(&run, "S=Tom;A=X;C=US");
	who[2].actual.address = delivery_address(&run, "S=Tim;A=X;C=US");
	who[2].diagnostic = DIAGNOSTIC_MAXIMUM_TIME_EXPIRED;
	report.recipients = who;
	report.recipient_count = 3;
	report.has_content = true;
	report.content =
	    slice_of("\xa0\x13\x31\x0f\x6b\x04\x13\x02id\xa8\x07\x14\x05"
		     "Lunch\x30\x00",
		21);
	report_of(&run, &report);
	delivery_job(&run, MTS_REPORT, 6, "");
	ck_assert(delivery_outcome(&run, &o));
	ck_assert_msg(o.result == IPC_DELIVERED, "%.*s", (int)o.text.len,
	    (const char *)o.text.data);
	ck_assert_str_eq(strstr(file(&run, "OUT/00000006.P1"), "\r\nTO:"),
	    "\r\nTO:ACME/PO1/ALICE\r\n"
	    "FROM:X400:S=Postmaster;P=ACME;A=VIAT;C=DE\r\n"
	    "SUBJECT:NDR: Lunch\r\n"
	    "PRIORITY:3\r\n"
	    "TEXT:436\r\n"
	    "[005] retry count exceeded. Message not delivered to:\r\n"
	    "    X400:S=Tim;A=X;C=US\r\n"
	    "        unable-to-transfer: maximum-time-expired\r\n"
	    "\r\n"
	    "[002] unknown address. Message not delivered to:\r\n"
	    "    OTHER/PO2/BOB\r\n"
	    "        unable-to-transfer: unrecognised-OR-name\r\n"
	    "    X400:S=Tom;A=X;C=US\r\n"
	    "        unable-to-transfer: unrecognised-OR-name\r\n"
	    "\r\n"
	    "Reported by: C=FR;A=ATLAS\r\n"
	    "Message: [C=DE;A=VIAT;abc]\r\n"
	    "Arrived there: 2026-11-22T17:29:51Z\r\n"
	    "Subject: Lunch\r\n");
	delivery_fini(&run);
}
END_TEST

/* The words for codes that the PC MTA has none for, by reason and
 * diagnostic. */
static const struct {
	int reason, diagnostic;
	const char *line;
} said[] = {
    {REASON_UNABLE_TO_TRANSFER, DIAGNOSTIC_NONE, "[029] not delivered."},
    {REASON_CONVERSION_NOT_PERFORMED, 8, "[029] conversion not performed."},
    {REASON_RESTRICTED_DELIVERY, DIAGNOSTIC_NONE, "[029] delivery restricted."},
    {REASON_TRANSFER_FAILURE_FOR_SECURITY_REASON, 46,
	"[029] refused for security."},
    {REASON_UNABLE_TO_TRANSFER, DIAGNOSTIC_UNSUPPORTED_CRITICAL_FUNCTION,
	"[029] not supported there."},
    {REASON_DEFERRED_DELIVERY_NOT_PERFORMED, DIAGNOSTIC_MAXIMUM_TIME_EXPIRED,
	"[029] deferred delivery not performed."},
    {REASON_TRANSFER_FAILURE, DIAGNOSTIC_NONE, "[005] retry count exceeded."},
};

/* A report without content and identifier still has a subject; what the peer
 * says last, who was meant, and what came of a probe are shown. */
START_TEST(report_words)
{
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		struct report report;
		struct report_recipient who[2];
		struct ipc_outcome o;
		struct delivery run;
		const char *text;

		delivery_init(&run);
		report_init(&report);
		report.subject.domain.country = slice_of_string("DE");
		report.subject.domain.admd = slice_of_string("VIAT");
		report.subject.local = slice_of_string("abc");
		report_recipient_init(&who[0]);
		who[0].arrival = 1795368591;
		who[0].actual.address =
		    delivery_address(&run, "S=Tim;A=X;C=US");
		who[0].has_intended = true;
		who[0].intended.address =
		    delivery_address(&run, "S=Tom;A=X;C=US");
		who[0].reason = said[i].reason;
		who[0].diagnostic = said[i].diagnostic;
		who[0].supplementary = slice_of_string("he has left");
		who[1] = who[0];
		who[1].has_intended = false;
		who[1].delivered = true;
		who[1].delivery_time = 1795368591;
		who[1].supplementary = slice_of_string("would be delivered");
		report.recipients = who;
		report.recipient_count = 2;
		report_of(&run, &report);
		delivery_job(&run, MTS_REPORT, 6, "");
		ck_assert(delivery_outcome(&run, &o));
		text = file(&run, "OUT/00000006.P1");
		ck_assert_msg(strstr(text, said[i].line) != NULL, "%s", text);
		ck_assert_ptr_nonnull(strstr(text,
		    "\r\nSUBJECT:NDR: your message to X400:S=Tom;A=X;C=US"
		    "\r\n"));
		ck_assert_ptr_nonnull(strstr(text, "redirected to X400:S=Tim"));
		ck_assert_ptr_nonnull(strstr(text, "he has left"));
		ck_assert_ptr_nonnull(strstr(text, "would be delivered"));
		ck_assert_ptr_nonnull(strstr(text, "Reported by: C=FR"));
		delivery_fini(&run);
	}
}
END_TEST

START_TEST(probes)
{
	static const char *const to[] = {ALICE, NOBODY};
	struct p1_envelope envelope;
	struct ipc_outcome o;
	struct delivery run;

	delivery_init(&run);
	delivery_compose(&run, to, 2, NULL, 0);
	ck_assert_int_eq(
	    p1_decode(MTS_MESSAGE,
		slice_of(buffer_slice(&run.body).data, run.envelope),
		&run.arena, &envelope, NULL),
	    0);
	envelope.kind = MTS_PROBE;
	envelope.content_length = 100;
	buffer_reset(&run.body);
	/* the decoded report borrows from the body, which stays there */
	struct buffer probe;

	buffer_init(&probe, 1 << 16);
	ck_assert_int_eq(p1_encode(&envelope, EXTENSION_IMPLICIT, &probe), 0);
	ck_assert_int_eq(buffer_append(&run.body, buffer_slice(&probe).data,
			     buffer_length(&probe)),
	    0);
	run.envelope = buffer_length(&run.body);
	buffer_fini(&probe);
	delivery_job(&run, MTS_PROBE, 7, "");
	ck_assert(delivery_outcome(&run, &o));
	ck_assert_int_eq(o.result, IPC_DELIVERED);
	ck_assert_uint_eq(o.recipient_count, 1);
	ck_assert_uint_eq(o.recipients[0].index, 1);
	ck_assert_uint_eq(place_count(&run.place, "OUT"), 0);
	delivery_fini(&run);
}
END_TEST

/* The directories go away: the worker says so and ends. */
START_TEST(postoffice_moved)
{
	struct delivery run;
	char from[128], to[128];

	delivery_init(&run);
	ck_assert(postoffice_intact(&run.msmi.postoffice));
	snprintf(from, sizeof(from), "%s/OUT", run.place.dir);
	snprintf(to, sizeof(to), "%s/OLD", run.place.dir);
	ck_assert_int_eq(rename(from, to), 0);
	ck_assert(!postoffice_intact(&run.msmi.postoffice));
	delivery_fini(&run);
}
END_TEST

START_TEST(safe_names)
{
	static const struct {
		const char *name, *safe;
	} table[] = {
	    {"A.DOC", "A.DOC"},
	    {"/etc/passwd", "passwd"},
	    {"..\\..\\AUTOEXEC.BAT", "AUTOEXEC.BAT"},
	    {"C:CON", "_ON"},
	    {"lpt1.txt", "_pt1.txt"},
	    {"LPT10.TXT", "LPT10.TXT"},
	    {"console", "console"},
	    {".profile", "_profile"},
	    {"..", NULL},
	    {"", NULL},
	    {"dir/", NULL},
	    {"  a b  . ", "a b"},
	    {"a\tb*?\"<>|.txt", "a_b______.txt"},
	    {"gr\xc3\xbcn.txt", "gr\xc3\xbcn.txt"},
	    {"0123456789012345678901234567890123456789012345678901234567890123"
	     "456789.text",
		"01234567890123456789012345678901234567890123456789012345678"
		".text"},
	};
	char safe[ASSEMBLY_NAME_MAX + 1];

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		bool any =
		    assembly_safe_name(slice_of_string(table[i].name), safe);

		ck_assert_int_eq(any, table[i].safe != NULL);
		if (any)
			ck_assert_str_eq(safe, table[i].safe);
	}
}
END_TEST

/* deliver_content - deliver a content made by hand; the file that came of it */
static const char *
deliver_content(struct delivery *run, struct slice content)
{
	static const char *const to[] = {ALICE};
	struct buffer envelope;
	struct ipc_outcome o;

	delivery_compose(run, to, 1, NULL, 0);
	buffer_init(&envelope, 1 << 20);
	ck_assert_int_eq(buffer_append(&envelope, buffer_slice(&run->body).data,
			     run->envelope),
	    0);
	buffer_reset(&run->body);
	ck_assert_int_eq(buffer_append(&run->body, buffer_slice(&envelope).data,
			     run->envelope),
	    0);
	ck_assert_int_eq(
	    buffer_append(&run->body, content.data, content.len), 0);
	buffer_fini(&envelope);
	delivery_job(run, MTS_MESSAGE, 0x77, "");
	ck_assert(delivery_outcome(run, &o));
	ck_assert_int_eq(o.result, IPC_DELIVERED);
	return file(run, "OUT/00000077.P1");
}

#define CONTENT(string) \
	((struct slice){(const uint8_t *)(string), sizeof(string) - 1})

/* Lines of a body end as the postoffice's do, whatever they ended in. */
START_TEST(line_ends)
{
	static const char *const to[] = {ALICE};
	static const struct part parts[] = {TEXT_OF("a\nb\r\rc\r\nd")};
	struct ipc_outcome o;
	struct delivery run;

	delivery_init(&run);
	delivery_compose(&run, to, 1, parts, 1);
	delivery_job(&run, MTS_MESSAGE, 0x77, "");
	ck_assert(delivery_outcome(&run, &o));
	ck_assert_ptr_nonnull(strstr(
	    file(&run, "OUT/00000077.P1"), "TEXT:12\r\na\r\nb\r\n\r\nc\r\nd"));
	delivery_fini(&run);
}
END_TEST

/* A forwarded message that cannot be read is an attachment beside the text,
 * and not nothing. */
START_TEST(unreadable_message)
{
	struct delivery run;
	const char *text;

	delivery_init(&run);
	text = deliver_content(&run,
	    CONTENT("\xa0\x19\x31\x07\x6b\x05\x13\x03one"
		    "\x30\x0e\xa0\x05\x31\x00\x16\x01x"
		    "\xa9\x05\xa0\x03\x02\x01\x05"));
	ck_assert_ptr_nonnull(strstr(text, "ATTACHMENTS:MESSAGE1.BER 7\r\n"));
	ck_assert_ptr_nonnull(
	    strstr(text, "TEXT:1\r\nx\xa9\x05\xa0\x03\x02\x01\x05"));
	delivery_fini(&run);
}
END_TEST

/* An importance of 9 costs the importance. */
START_TEST(odd_importance)
{
	struct delivery run;
	const char *text;

	delivery_init(&run);
	text = deliver_content(&run,
	    CONTENT("\xa0\x15\x31\x0a\x6b\x05\x13\x03one\x8c\x01\x09"
		    "\x30\x07\xa0\x05\x31\x00\x16\x01x"));
	ck_assert_ptr_nonnull(strstr(text, "Fields not readable: 1\r\n\r\nx"));
	delivery_fini(&run);
}
END_TEST

/* Text in a set that nobody knows shows marks, and its octets are an
 * attachment. */
START_TEST(unknown_set)
{
	struct delivery run;
	const char *text;

	delivery_init(&run);
	text = deliver_content(&run,
	    CONTENT("\xa0\x2d\x31\x07\x6b\x05\x13\x03one"
		    "\x30\x22\xaf\x20\xa0\x11\x06\x04\x56\x01\x0b\x0b"
		    "\xa0\x09\x31\x07\x02\x01\x06\x02\x02\x00\xfa"
		    "\x28\x0b\x06\x04\x56\x01\x04\x0b\xa0\x03\x1b\x01\xe0"));
	ck_assert_ptr_nonnull(
	    strstr(text, "ATTACHMENTS:GENERAL-TEXT1.BIN 1\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "TEXT:3\r\n\xef\xbf\xbd\xe0"));
	delivery_fini(&run);
}
END_TEST

/* Text in Hebrew is text. */
START_TEST(hebrew_set)
{
	struct delivery run;
	const char *text;

	delivery_init(&run);
	text = deliver_content(&run,
	    CONTENT("\xa0\x2d\x31\x07\x6b\x05\x13\x03one"
		    "\x30\x22\xaf\x20\xa0\x11\x06\x04\x56\x01\x0b\x0b"
		    "\xa0\x09\x31\x07\x02\x01\x06\x02\x02\x00\x8a"
		    "\x28\x0b\x06\x04\x56\x01\x04\x0b\xa0\x03\x1b\x01\xe0"));
	ck_assert_ptr_nonnull(strstr(text, "TEXT:2\r\n\xd7\x90"));
	ck_assert_ptr_null(strstr(text, "ATTACHMENTS:"));
	delivery_fini(&run);
}
END_TEST

/* A notification without its choice, and one that is neither receipt nor
 * non-receipt, are attached and no news about the message. */
START_TEST(odd_notifications)
{
	static const struct slice odd[] = {
	    {(const uint8_t *)"\xa1\x07\x6b\x05\x13\x03one", 9},
	    {(const uint8_t *)"\xa1\x0b\x6b\x05\x13\x03one\xa0\x02\xa2\x00",
		13}};

	for (size_t i = 0; i < 2; i++) {
		struct delivery run;
		const char *text;

		delivery_init(&run);
		text = deliver_content(&run, odd[i]);
		ck_assert_ptr_null(strstr(text, "eceived"));
		ck_assert_ptr_nonnull(strstr(text, "ATTACHMENTS:CONTENT.BER "));
		delivery_fini(&run);
	}
}
END_TEST

TEST_MAIN("msmi/out", TEST(a_message), TEST(names_taken_by_others),
    TEST(nobody), TEST(large_message), TEST(noted_and_not_named),
    TEST(noted_by_another_worker), TEST(same_id_again),
    TEST(content_that_is_no_message), TEST(reports), TEST(report_words),
    TEST(probes), TEST(postoffice_moved), TEST(safe_names), TEST(line_ends),
    TEST(unreadable_message), TEST(odd_importance), TEST(unknown_set),
    TEST(hebrew_set), TEST(odd_notifications))
