/* SPDX-License-Identifier: ISC */
/*
 * compose_test.c - what x4send submits, read by the decoders of P1 and P2, and
 * its options beside the Schema
 */
#include "tools/compose_field.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mhs/ipm_decode.h"
#include "tests/unit/test.h"
#include "tools/send_object.h"

#define FROM "G=Jo;S=Doe;O=X;P=ACME;A=VIAT;C=DE"
#define TO   "S=Dupont;A=ATLAS;C=FR"

static struct compose compose;
static struct send_object made;
static struct conf *conf;
static char directory[] = "/tmp/fourpost-test.XXXXXX";

/* What the decoder made of a content. */
static struct {
	struct buffer text;   /* of text parts */
	struct buffer octets; /* of files */
	char names[4][64];    /* of files */
	unsigned parts, files;
	char subject[128];
	size_t recipients;
} got;

static int
on_heading(void *arg, const struct ipm_heading *heading, unsigned level)
{
	(void)arg;
	ck_assert_uint_eq(level, 0);
	ck_assert(heading->has_originator);
	ck_assert_uint_gt(heading->this_ipm.local.len, 0);
	got.recipients = heading->primary.count;
	snprintf(got.subject, sizeof(got.subject), "%.*s",
	    (int)heading->subject.len, (const char *)heading->subject.data);
	return 0;
}

static bool in_text;

static int
on_begin(void *arg, const struct ipm_part *part)
{
	(void)arg;
	in_text = part->text;
	got.parts++;
	if (part->kind == IPM_KIND_FILE)
		snprintf(got.names[got.files++ % 4], sizeof(got.names[0]),
		    "%.*s", (int)part->filename.len,
		    (const char *)part->filename.data);
	return 0;
}

static int
on_data(void *arg, struct slice octets)
{
	(void)arg;
	return buffer_append(
	    in_text ? &got.text : &got.octets, octets.data, octets.len);
}

/* say - have an option say what it says */
static void
say(const char *name, const char *value)
{
	struct diag diag = {0};

	ck_assert_msg(compose_add(&compose, name, value, &diag) == 0,
	    "--%s %s: %s", name, value, diag_text(&diag));
}

/* setup - make a configuration, a directory, and an empty message */
static void
setup(enum mts_kind kind)
{
	struct diag diag = {0};

	ck_assert_int_eq(
	    conf_parse_text(
		slice_of_string("mta { name = A domain = \"C=DE;A=VIAT;P=ACME\""
				" password = x }\n"),
		"test", CONF_HANDED, &conf, &diag),
	    0);
	strlcpy(directory, "/tmp/fourpost-test.XXXXXX", sizeof(directory));
	ck_assert_ptr_nonnull(mkdtemp(directory));
	memset(&got, 0, sizeof(got));
	buffer_init(&got.text, 1 << 24);
	buffer_init(&got.octets, 1 << 24);
	made = (struct send_object){.directory = -1};
	ck_assert_int_eq(compose_init(&compose), 0);
	say("from", FROM);
	say("to", TO);
	if (kind == MTS_PROBE)
		say("probe", NULL);
}

/* file - make a file of these octets; the path is valid until the next but
 * three */
static const char *
file(const char *name, const void *octets, size_t len)
{
	static char paths[4][128];
	static unsigned n;
	char *path = paths[n++ % 4];
	int fd;

	snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
	fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, octets, len), (ssize_t)len);
	close(fd);
	return path;
}

/* make - make what is submitted */
static int
make(struct diag *diag)
{
	char *text;
	int error = compose_finish(&compose, &text, diag);

	if (error != 0)
		return error;
	error = send_object_make(
	    &made, slice_of_string(text), &compose.files, conf, diag);
	free(text);
	return error;
}

/* finish - compose, and decode the envelope */
static void
finish(struct p1_envelope *envelope, struct arena *arena)
{
	struct diag diag = {0};
	int error = make(&diag);

	ck_assert_msg(error == 0, "%s", diag_text(&diag));
	arena_init(arena, P1_ARENA_MAX);
	error = p1_decode(made.object.envelope.kind,
	    buffer_slice(&made.encoded), arena, envelope, &diag);
	ck_assert_msg(error == 0, "%s", diag_text(&diag));
}

/* read_all - read the content, so much at a time: exactly what was announced */
static void
read_all(struct buffer *to, size_t size)
{
	static uint8_t room[65536];
	struct diag diag = {0};
	int64_t n;

	buffer_init(to, 1 << 24);
	while ((n = send_object_read(&made, room, size, &diag)) > 0) {
		ck_assert_int_le(n, (int64_t)size);
		ck_assert_int_eq(buffer_append(to, room, (size_t)n), 0);
	}
	ck_assert_msg(n == 0, "%s", diag_text(&diag));
	ck_assert_int_eq(send_object_read(&made, room, size, &diag), 0);
	ck_assert_uint_eq(
	    buffer_length(to), object_content_length(made.content));
}

/* decode - decode the content as an interpersonal message */
static void
decode(size_t size)
{
	const struct ipm_handler handler = {.heading = on_heading,
	    .part_begin = on_begin,
	    .part_data = on_data};
	struct ipm_decoder decoder;
	struct diag diag = {0};
	struct buffer content;
	int error;

	read_all(&content, size);
	ipm_decoder_init(&decoder, &handler, 1 << 24);
	error = ipm_decoder_push(&decoder, buffer_slice(&content), &diag);
	if (error == 0)
		error = ipm_decoder_finish(&decoder, &diag);
	ck_assert_msg(error == 0, "%s", diag_text(&diag));
	ipm_decoder_fini(&decoder);
	buffer_fini(&content);
}

/* teardown - give everything back */
static void
teardown(void)
{
	char command[64];

	send_object_close(&made);
	compose_fini(&compose);
	buffer_fini(&got.text);
	buffer_fini(&got.octets);
	conf_free(conf);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	ck_assert_int_eq(system(command), 0);
}

/* text_is - have a text travel and come back, at each size of the pieces */
static void
text_is(const char *text, size_t len, size_t size, int type)
{
	struct line_end line_end = {false};
	struct buffer expected;
	struct p1_envelope envelope;
	struct arena arena;

	setup(MTS_MESSAGE);
	say("subject", "Greetings \xc3\xbc");
	say("body", file("body", text, len));
	finish(&envelope, &arena);
	ck_assert_int_eq(envelope.content_type.built_in, type);
	ck_assert_uint_eq(envelope.recipient_count, 1);
	ck_assert_uint_eq(envelope.recipients[0].indicators,
	    P1_RESPONSIBILITY | P1_MTA_NON_DELIVERY_REPORT |
		P1_ORIGINATOR_NON_DELIVERY_REPORT);
	ck_assert_uint_eq(envelope.trace.count, 1);
	/* a report returns the same from every source */
	ck_assert(
	    slice_equal_string(envelope.content_identifier, "Greetings ?"));
	ck_assert_uint_gt(envelope.original_eits.len, 0);
	ck_assert_uint_ne(envelope.indicators & P1_DISCLOSURE_OF_RECIPIENTS, 0);
	decode(size);
	ck_assert_str_eq(got.subject, "Greetings \xc3\xbc");
	ck_assert_uint_eq(got.recipients, 1);
	ck_assert_uint_eq(got.parts, 1);
	/* X.400's line ends, whatever the file had */
	buffer_init(&expected, 1 << 20);
	ck_assert_int_eq(
	    line_end_append(&line_end, slice_of(text, len), &expected), 0);
	ck_assert(
	    slice_equal(buffer_slice(&got.text), buffer_slice(&expected)));
	buffer_fini(&expected);
	arena_fini(&arena);
	teardown();
}

START_TEST(texts)
{
	static const size_t sizes[] = {1, 7, 4096, 65536};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		text_is("Hello,\nworld\n", 13, sizes[i], P1_CONTENT_P2);
		text_is("Gr\xc3\xbc\xc3\x9f"
			"e\n",
		    8, sizes[i], P1_CONTENT_P22);
		text_is(
		    "\xd0\x9f\xd1\x80\xd0\xb8", 6, sizes[i], P1_CONTENT_P22);
	}
}
END_TEST

/* Characters that lie across the pieces in which a file is read. */
START_TEST(long_text)
{
	size_t len = 100001;
	char *text = malloc(len);

	text[0] = 'x';
	for (size_t i = 1; i < len; i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	text_is(text, len, 8191, P1_CONTENT_P22);
	free(text);
}
END_TEST

START_TEST(empty_text)
{
	text_is("", 0, 100, P1_CONTENT_P2);
}
END_TEST

/* Each recipient has the alternate. */
START_TEST(alternate)
{
	struct p1_envelope envelope;
	struct arena arena;

	setup(MTS_MESSAGE);
	say("to", TO);
	say("report-request", "none");
	say("alternate", FROM);
	say("body", file("body", "text", 4));
	finish(&envelope, &arena);
	ck_assert_uint_eq(envelope.recipient_count, 2);
	for (size_t i = 0; i < envelope.recipient_count; i++)
		ck_assert_ptr_nonnull(
		    extension_find(&envelope.recipients[i].extensions,
			EXTENSION_ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT));
	arena_fini(&arena);
	teardown();
}
END_TEST

/* Text that is no UTF-8 travels all the same, and in the length announced. */
START_TEST(no_utf8)
{
	struct p1_envelope envelope;
	struct arena arena;

	setup(MTS_MESSAGE);
	say("body", file("body", "abc\xff\xc3", 5));
	finish(&envelope, &arena);
	decode(3);
	ck_assert_uint_ge(buffer_length(&got.text), 5);
	arena_fini(&arena);
	teardown();
}
END_TEST

START_TEST(attachments)
{
	uint8_t octets[70000];
	struct p1_envelope envelope;
	struct arena arena;

	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(i * 7);
	setup(MTS_MESSAGE);
	say("body", file("body", "see below", 9));
	say("attach", file("a.bin", octets, sizeof(octets)));
	say("attach", file("empty", "", 0));
	finish(&envelope, &arena);
	ck_assert_int_eq(envelope.content_type.built_in, P1_CONTENT_P22);
	decode(1000);
	ck_assert_uint_eq(got.parts, 3);
	ck_assert_uint_eq(got.files, 2);
	ck_assert_str_eq(got.names[0], "a.bin");
	ck_assert_str_eq(got.names[1], "empty");
	ck_assert(slice_equal_string(buffer_slice(&got.text), "see below"));
	ck_assert(slice_equal(
	    buffer_slice(&got.octets), slice_of(octets, sizeof(octets))));
	arena_fini(&arena);
	teardown();
}
END_TEST

START_TEST(raw_content)
{
	struct p1_envelope envelope;
	struct buffer content;
	struct arena arena;

	setup(MTS_MESSAGE);
	say("content", file("edi", "UNA:+.? '", 9));
	say("content-type", "2.6.1.10.1");
	finish(&envelope, &arena);
	ck_assert_int_eq(envelope.content_type.built_in, P1_CONTENT_OID);
	read_all(&content, 4);
	ck_assert(slice_equal_string(buffer_slice(&content), "UNA:+.? '"));
	buffer_fini(&content);
	arena_fini(&arena);
	teardown();
}
END_TEST

START_TEST(probe)
{
	struct p1_envelope envelope;
	struct buffer content;
	struct arena arena;

	setup(MTS_PROBE);
	finish(&envelope, &arena);
	ck_assert_int_eq(envelope.kind, MTS_PROBE);
	read_all(&content, 100);
	ck_assert_uint_eq(buffer_length(&content), 0);
	buffer_fini(&content);
	arena_fini(&arena);
	teardown();
}
END_TEST

/* A probe that names files declares what the message that they make has. */
START_TEST(probe_of_a_message)
{
	struct p1_envelope envelope[2];
	struct arena arena[2];
	struct buffer content;
	uint64_t length = 0;

	for (unsigned i = 0; i < 2; i++) {
		setup(i == 0 ? MTS_MESSAGE : MTS_PROBE);
		say("body",
		    file("text",
			"Gr\xc3\xbc\xc3\x9f"
			"e\n",
			8));
		say("attach", file("more", "0123456789", 10));
		finish(&envelope[i], &arena[i]);
		ck_assert_int_eq(
		    arena_slice(&arena[i], envelope[i].original_eits,
			&envelope[i].original_eits),
		    0);
		read_all(&content, 100);
		if (i == 0)
			length = buffer_length(&content);
		else
			ck_assert_uint_eq(buffer_length(&content), 0);
		buffer_fini(&content);
		teardown();
	}
	ck_assert_uint_gt(length, 100);
	ck_assert_int_eq(envelope[1].content_length, (int64_t)length);
	ck_assert_int_eq(envelope[1].content_type.built_in,
	    envelope[0].content_type.built_in);
	ck_assert_uint_gt(envelope[0].original_eits.len, 0);
	ck_assert(
	    slice_equal(envelope[1].original_eits, envelope[0].original_eits));
	arena_fini(&arena[0]);
	arena_fini(&arena[1]);
}
END_TEST

/* A long list of recipients costs what it holds, not its square. */
START_TEST(many_recipients)
{
	struct p1_envelope envelope;
	struct arena arena;
	char text[64];

	setup(MTS_MESSAGE);
	for (int i = 1; i < 2000; i++) {
		snprintf(text, sizeof(text), "S=u%d;A=ATLAS;C=FR", i);
		say("to", text);
		say("report-request", i % 2 == 0 ? "report" : "non-delivery");
	}
	say("body", file("body", "text", 4));
	finish(&envelope, &arena);
	ck_assert_uint_eq(envelope.recipient_count, 2000);
	for (size_t i = 0; i < 2000; i++) {
		ck_assert_int_eq(envelope.recipients[i].number, (int)i + 1);
		snprintf(text, sizeof(text), "u%zu", i);
		if (i > 0)
			ck_assert(slice_equal_string(
			    envelope.recipients[i]
				.name.address.attribute[OR_SURNAME],
			    text));
	}
	ck_assert_uint_eq(envelope.recipients[2].indicators,
	    P1_RESPONSIBILITY | P1_MTA_REPORT | P1_ORIGINATOR_REPORT);
	decode(65536);
	ck_assert_uint_eq(got.recipients, 2000);
	arena_fini(&arena);
	teardown();
}
END_TEST

START_TEST(mistakes)
{
	static const struct {
		const char *option, *value;
		int error;
		const char *reason;
	} wrong[] = {{"body", "/nonexistent/file", ERR_IO, "/nonexistent"},
	    {"attach", "/tmp", ERR_VALUE, "/tmp"},
	    {"part", "text", ERR_VALUE, "TYPE=FILE"},
	    {"deferred", "soon", ERR_VALUE, "soon"},
	    {"precedence", "high", ERR_VALUE, "high"},
	    {"file-name", "a", ERR_VALUE, "no file before it"},
	    {"subject", "\xff", ERR_VALUE, "UTF-8"},
	    {"nothing", "", ERR_NOTFOUND, ""}};
	struct diag diag = {0};

	setup(MTS_MESSAGE);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_int_eq(compose_add(&compose, wrong[i].option,
				     wrong[i].value, &diag),
		    wrong[i].error);
		ck_assert_msg(strstr(diag_text(&diag), wrong[i].reason) != NULL,
		    "%s", diag_text(&diag));
		diag_clear(&diag);
	}
	teardown();
}
END_TEST

/* What is wrong with a value is told by the member that it stands in. */
START_TEST(wrong_values)
{
	static const char *const wrong[][3] = {
	    {"to", "no address", "/recipients/1"},
	    {"priority", "high", "/priority"}, {"flag", "none", "/flags/0"},
	    {"extension", "latest-delivery-time=x", "/extensions/0"},
	    {"ipm-id", "a_b", "/ipm/id"}, {"bcc", TO, "--heading-to"}};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct diag diag = {0};

		setup(MTS_MESSAGE);
		say("body", file("body", "text", 4));
		say(wrong[i][0], wrong[i][1]);
		ck_assert_int_ne(make(&diag), 0);
		ck_assert_msg(strstr(diag_text(&diag), wrong[i][2]) != NULL,
		    "--%s: %s", wrong[i][0], diag_text(&diag));
		teardown();
	}
}
END_TEST

/* A file that became shorter meanwhile: the length tells. */
START_TEST(file_shrinks)
{
	struct p1_envelope envelope;
	struct arena arena;
	struct diag diag = {0};
	uint8_t room[4096];
	const char *path;
	uint64_t sum = 0;
	int64_t n;

	setup(MTS_MESSAGE);
	path = file("f", "0123456789", 10);
	say("body", file("text", "x", 1));
	say("attach", path);
	finish(&envelope, &arena);
	ck_assert_int_eq(truncate(path, 4), 0);
	while ((n = send_object_read(&made, room, sizeof(room), &diag)) > 0)
		sum += (uint64_t)n;
	ck_assert_int_lt(n, 0);
	ck_assert_uint_lt(sum, object_content_length(made.content));
	arena_fini(&arena);
	teardown();
}
END_TEST

/* Options that each say something, and what the object is then. */
static const char *const each[][2] = {{"from", FROM}, {"name", "Jo Doe"},
    {"directory-name", "oAA="}, {"report-request", "report"},
    {"precedence", "7"}, {"to", TO}, {"name", "Dupont"}, {"telephone", "+33"},
    {"mta-report-request", "audited"}, {"original-number", "9"},
    {"not-responsible", NULL}, {"explicit-conversion", "1"},
    {"alternate-recipient", FROM}, {"request", "receipt"},
    {"request", "non-receipt"}, {"reply-requested", NULL}, {"cc", FROM},
    {"report-request", "none"}, {"precedence", "3"}, {"heading-cc", TO},
    {"subject", "Test"}, {"ipm-id", "id 1*" FROM}, {"authorizing", TO},
    {"in-reply-to", "a"}, {"related", "b"}, {"related", "*" FROM},
    {"obsoletes", "c"}, {"importance", "high"}, {"sensitivity", "private"},
    {"expiry", "2030-01-01T00:00:00Z"}, {"reply-time", "2030-01-01T00:00:00Z"},
    {"reply-to", TO}, {"auto-forwarded", NULL},
    {"authorization-time", "2030-01-01T00:00:00Z"},
    {"originators-reference", "ref"}, {"heading-extension", "1.2.3=BQA="},
    {"priority", "urgent"}, {"content-identifier", "mine"},
    {"correlator", "corr"}, {"deferred", "2030-01-01T00:00:00Z"},
    {"latest", "2030-01-01T00:00:00Z"}, {"flag", "alternate-recipient-allowed"},
    {"extension", "1.2.4,delivery,transfer=BQA="}};
static const char said[] =
    "{\"kind\":\"message\",\"recipients\":["
    "{\"address\":\"" TO "\",\"mta_report_request\":\"audited\","
    "\"original_number\":9,\"responsible\":false,"
    "\"explicit_conversion\":1,\"alternate_recipient\":\"" FROM "\","
    "\"report_request\":\"report\"},"
    "{\"address\":\"" FROM "\",\"report_request\":\"none\"}],"
    "\"originator\":\"" FROM "\",\"directory_name\":\"oAA=\","
    "\"ipm\":{\"from\":{\"address\":\"" FROM "\",\"name\":\"Jo Doe\"},"
    "\"to\":[{\"address\":\"" TO "\",\"name\":\"Dupont\","
    "\"telephone\":\"+33\",\"requests\":[\"receipt\",\"non-receipt\"],"
    "\"reply_requested\":true,\"precedence\":7}],"
    "\"cc\":[{\"address\":\"" FROM "\",\"precedence\":3},"
    "{\"address\":\"" TO "\",\"precedence\":7}],\"subject\":\"Test\","
    "\"id\":{\"local\":\"id 1\",\"address\":\"" FROM "\"},"
    "\"authorizing\":[{\"address\":\"" TO "\"}],"
    "\"in_reply_to\":{\"local\":\"a\"},\"related\":[{\"local\":\"b\"},"
    "{\"address\":\"" FROM "\"}],\"obsoletes\":[{\"local\":\"c\"}],"
    "\"importance\":\"high\",\"sensitivity\":\"private\","
    "\"expiry\":1893456000,\"reply_time\":1893456000,"
    "\"reply_recipients\":[{\"address\":\"" TO "\"}],"
    "\"auto_forwarded\":true,\"authorization_time\":1893456000,"
    "\"originators_reference\":\"ref\","
    "\"extensions\":[{\"value\":\"BQA=\",\"type\":\"1.2.3\"}]},"
    "\"priority\":\"urgent\",\"content_identifier\":\"mine\","
    "\"correlator\":\"corr\",\"deferred\":1893456000,"
    "\"latest\":1893456000,\"flags\":[\"alternate-recipient-allowed\"],"
    "\"extensions\":[{\"value\":\"BQA=\",\"type\":\"1.2.4\","
    "\"criticality\":[\"delivery\",\"transfer\"]}],"
    "\"parts\":[{\"file\":\"1\",\"type\":\"text\"},"
    "{\"file\":\"2\",\"type\":\"bilaterally-defined\"}]}";

/* Each option says its member, of whom stands before it. */
START_TEST(members)
{
	struct p1_envelope envelope;
	struct arena arena;
	struct diag diag = {0};
	json_t *is, *wanted;
	char part[160], *text;

	setup(MTS_MESSAGE);
	compose_fini(&compose);
	ck_assert_int_eq(compose_init(&compose), 0);
	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++)
		say(each[i][0], each[i][1]);
	say("body", file("body", "text", 4));
	(void)snprintf(part, sizeof(part), "bilaterally-defined=%s",
	    file("bp14", "\x00\xff", 2));
	say("part", part);
	ck_assert_int_eq(compose_finish(&compose, &text, &diag), 0);
	is = json_loads(text, 0, NULL);
	wanted = json_loads(said, 0, NULL);
	ck_assert_ptr_nonnull(wanted);
	ck_assert_msg(json_equal(is, wanted), "%s\n%s", text, said);
	json_decref(is);
	json_decref(wanted);
	free(text);
	finish(&envelope, &arena);
	arena_fini(&arena);
	teardown();
}
END_TEST

/* A notification has no heading, and what it tells. */
START_TEST(notification)
{
	struct p1_envelope envelope;
	struct arena arena;

	setup(MTS_MESSAGE);
	say("notification", "receipt");
	say("subject-ipm", "7*" TO);
	say("notified-by", FROM);
	say("intended", TO);
	say("receipt-time", "2030-01-01T00:00:00Z");
	say("automatic", NULL);
	finish(&envelope, &arena);
	ck_assert_int_eq(made.object.kind, OBJECT_NOTIFICATION);
	ck_assert_int_eq(made.object.notification.receipt_time, 1893456000);
	arena_fini(&arena);
	teardown();
}
END_TEST

/* has_option - tell whether an option says a member of a kind of object */
static bool
has_option(const enum compose_place *places, const char *member)
{
	for (const struct compose_field *f = compose_fields;
	     f->option.name != NULL; f++)
		for (size_t i = 0; i < 2; i++)
			if (f->place == places[i] &&
			    strcmp(f->member, member) == 0)
				return true;
	return false;
}

/* What a text or a file on the command line says already, what only a program
 * says, and what cannot be submitted. */
static const char *const no_options[] = {"or_address", "address", "key", "kind",
    "ipm", "notification", "report", "recipients", "originator", "type", "text",
    "file", "octets", "base64", "directory_name"};

/* each_has_option - check that an option says each member of a definition of
 * the Schema */
static void
each_has_option(const json_t *definition, enum compose_place place,
    enum compose_place other)
{
	const enum compose_place places[] = {place, other};
	const char *name;
	json_t *value;
	size_t i;

	json_object_foreach(
	    json_object_get(definition, "properties"), name, value)
	{
		for (i = 0; i < sizeof(no_options) / sizeof(no_options[0]); i++)
			if (strcmp(no_options[i], name) == 0)
				break;
		ck_assert_msg(i < sizeof(no_options) / sizeof(no_options[0]) ||
			json_is_true(json_object_get(value, "readOnly")) ||
			has_option(places, name),
		    "%s: no option says it", name);
	}
}

/* Each member of the one form has an option. */
START_TEST(every_field)
{
	json_t *schema = json_load_file(
	    TEST_SOURCE_DIR "/common/json/fourpost.schema.json", 0, NULL);
	const json_t *of = json_object_get(schema, "$defs");
	struct options_option options[COMPOSE_OPTIONS];

	ck_assert_ptr_nonnull(schema);
	ck_assert_uint_lt(compose_options(options), COMPOSE_OPTIONS);
	each_has_option(schema, COMPOSE_OBJECT, COMPOSE_SENDER);
	each_has_option(json_object_get(of, "recipient"), COMPOSE_RECIPIENT,
	    COMPOSE_SENDER);
	each_has_option(
	    json_object_get(of, "ipm"), COMPOSE_IPM, COMPOSE_READER);
	each_has_option(
	    json_object_get(of, "ipm_recipient"), COMPOSE_READER, COMPOSE_USER);
	each_has_option(
	    json_object_get(of, "part"), COMPOSE_PART, COMPOSE_PART);
	each_has_option(json_object_get(of, "notification"),
	    COMPOSE_NOTIFICATION, COMPOSE_NOTIFICATION);
	json_decref(schema);
}
END_TEST

TEST_MAIN("tools/compose", TEST(texts); TEST(long_text); TEST(empty_text);
	  TEST(alternate); TEST(no_utf8); TEST(attachments); TEST(raw_content);
	  TEST(probe); TEST(probe_of_a_message); TEST(many_recipients);
	  TEST(mistakes); TEST(wrong_values); TEST(file_shrinks); TEST(members);
	  TEST(notification); TEST(every_field))
