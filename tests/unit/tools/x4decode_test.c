/* SPDX-License-Identifier: ISC */
/*
 * x4decode_test.c - the tool itself: what it prints and how it exits
 */
#include <sys/wait.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mhs/report.h"
#include "tests/unit/test.h"

/* run - run x4decode on a line of text; its output and exit status */
static int
run(const char *line, char *output, size_t size)
{
	const char *build = getenv("FOURPOST_BUILD");
	char command[512];
	size_t len;
	FILE *pipe;
	int status;

	(void)snprintf(command, sizeof(command),
	    "printf '%%s\\n' '%s' | %s/bin/x4decode - 2>&1", line,
	    build != NULL ? build : "build");
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	len = fread(output, 1, size - 1, pipe);
	output[len] = '\0';
	status = pclose(pipe);
	ck_assert_msg(WIFEXITED(status), "%s", output);
	return WEXITSTATUS(status);
}

/* A text that is no address says why, as x4send does. */
START_TEST(bad_address)
{
	char output[4096];

	ck_assert_int_eq(run("C=DEU;A=VIAT;S=Doe", output, sizeof(output)), 1);
	ck_assert_str_eq(output,
	    "x4decode: -: country: neither two letters nor three digits\n");
	ck_assert_int_eq(run("C=DE;A=VIAT;S=Doe", output, sizeof(output)), 0);
	ck_assert_ptr_nonnull(strstr(output, "Doe"));
}
END_TEST

/* name_of - make an O/R name from text */
static struct or_name
name_of(struct arena *arena, const char *text)
{
	struct or_name name = {0};
	struct diag diag = {0};

	ck_assert_msg(or_address_parse(slice_of_string(text), arena,
			  &name.address, &diag) == 0,
	    "%s", diag_text(&diag));
	return name;
}

/* report_apdu - make a report as it travels, with all that it can say */
static void
report_apdu(struct arena *arena, struct buffer *out)
{
	static const uint8_t eits[] = {0x65, 0x04, 0x80, 0x02, 0x05, 0x20};
	static const uint8_t more[] = {0xa2, 0x03, 0x02, 0x01, 0x07};
	static const uint8_t value[] = {0x02, 0x01, 0x09};
	struct report_recipient who[2];
	struct p1_envelope e;
	struct report report;
	struct buffer parts;
	struct ber_writer writer;

	p1_init(&e, MTS_REPORT);
	e.identifier.domain.country = slice_of_string("FR");
	e.identifier.domain.admd = slice_of_string("ATLAS");
	e.identifier.local = slice_of_string("r1");
	e.originator = name_of(arena, "C=DE;A=VIAT;S=Doe");
	ck_assert_int_eq(p1_trace_append(&e, arena, &e.identifier.domain,
			     1795368591, TRACE_RELAYED, NULL),
	    0);
	report_init(&report);
	report.subject = e.identifier;
	report.subject.local = slice_of_string("m1");
	report.has_content_type = true;
	report.content_type.built_in = P1_CONTENT_P22;
	report.content_identifier = slice_of_string("letter");
	report.original_eits = slice_of(eits, sizeof(eits));
	report.additional = slice_of(more, sizeof(more));
	report.has_trace = true;
	report.trace = e.trace;
	report.has_content = true;
	report.content = slice_of_string("12345");
	ck_assert_int_eq(extension_set(&report.extensions, arena,
			     EXTENSION_CONTENT_CORRELATOR, 0,
			     slice_of(value, sizeof(value))),
	    0);
	for (int i = 0; i < 2; i++) {
		report_recipient_init(&who[i]);
		who[i].number = i + 4;
		who[i].arrival = 1795368591;
		who[i].actual = name_of(arena, "C=FR;A=ATLAS;S=Roux");
	}
	who[0].reason = REASON_UNABLE_TO_TRANSFER;
	who[0].diagnostic = DIAGNOSTIC_UNSUPPORTED_CRITICAL_FUNCTION;
	who[0].has_intended = true;
	who[0].intended = name_of(arena, "C=FR;A=ATLAS;S=Petit");
	who[0].supplementary = slice_of_string("no labels here");
	who[0].converted_eits = slice_of(eits, sizeof(eits));
	who[1].delivered = true;
	who[1].delivery_time = 1795368591;
	who[1].user_type = REPORT_USER_MS;
	report.recipients = who;
	report.recipient_count = 2;
	buffer_init(&parts, 1 << 16);
	ck_assert_int_eq(p1_encode(&e, EXTENSION_IMPLICIT, &parts), 0);
	ck_assert_int_eq(report_encode(&report, EXTENSION_IMPLICIT, &parts), 0);
	ber_writer_init(&writer, out);
	ber_begin(&writer, p1_tag(MTS_REPORT));
	ber_put_raw(&writer, buffer_slice(&parts));
	ber_end_element(&writer);
	ck_assert_int_eq(ber_finish(&writer), 0);
	buffer_fini(&parts);
}

/* show_file - run x4decode with an option on octets; what it prints */
static void
show_file(struct slice octets, const char *option, char *output, size_t size)
{
	const char *build = getenv("FOURPOST_BUILD");
	char path[] = "/tmp/decode-test-XXXXXX", command[512];
	int fd = mkstemp(path);
	size_t len;
	FILE *pipe;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(
	    write(fd, octets.data, octets.len), (ssize_t)octets.len);
	close(fd);
	(void)snprintf(command, sizeof(command),
	    "%s/bin/x4decode -j %s %s 2>&1", build != NULL ? build : "build",
	    option, path);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	len = fread(output, 1, size - 1, pipe);
	output[len] = '\0';
	ck_assert_int_eq(pclose(pipe), 0);
	(void)unlink(path);
}

/* Every field of a report is shown, not its envelope alone. */
START_TEST(report_fields)
{
	static const char *const fields[] = {
	    "\"destination\",\"value\":\"S=Doe;A=VIAT;C=DE\"",
	    "\"subject\",\"value\":\"[C=FR;A=ATLAS;m1]\"",
	    "\"content-identifier\",\"value\":\"letter\"",
	    "\"content-type\",\"value\":\"p22\"",
	    "\"original-encoded-information-types\",\"value\":\"650480020520\"",
	    "\"recipient\",\"value\":\"S=Roux;A=ATLAS;C=FR\"",
	    "\"number\",\"value\":\"4\"",
	    "\"originally-intended\",\"value\":\"S=Petit;A=ATLAS;C=FR\"",
	    "unable-to-transfer: unsupported-critical-function (1, 18)",
	    "\"arrival-time\"",
	    "\"converted-encoded-information-types\"",
	    "\"supplementary\",\"value\":\"no labels here\"",
	    "\"message-delivery-time\"",
	    "\"type-of-MTS-user\",\"value\":\"2\"",
	    "\"subject-intermediate-trace\"",
	    "\"returned-content\",\"value\":\"5 octets\"",
	    "\"additional-information\",\"value\":\"a203020107\"",
	    "\"content-correlator\",\"value\":\"020109\"",
	};
	static char output[65536];
	struct arena arena;
	struct buffer apdu;

	arena_init(&arena, 1 << 20);
	buffer_init(&apdu, 1 << 16);
	report_apdu(&arena, &apdu);
	show_file(buffer_slice(&apdu), "--rows", output, sizeof(output));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		ck_assert_msg(strstr(output, fields[i]) != NULL, "%s in %s",
		    fields[i], output);
	buffer_fini(&apdu);
	arena_fini(&arena);
}
END_TEST

/* With -j a report is one object, of the one form. */
START_TEST(report_object)
{
	static char output[65536];
	struct arena arena;
	struct buffer apdu;
	json_t *object, *report, *who;

	arena_init(&arena, 1 << 20);
	buffer_init(&apdu, 1 << 16);
	report_apdu(&arena, &apdu);
	show_file(buffer_slice(&apdu), "", output, sizeof(output));
	object = json_loads(output, 0, NULL);
	ck_assert_msg(object != NULL, "%s", output);
	report = json_object_get(object, "report");
	who = json_array_get(json_object_get(report, "recipients"), 0);
	ck_assert_str_eq(
	    json_string_value(json_object_get(object, "kind")), "report");
	ck_assert_str_eq(
	    json_string_value(json_object_get(report, "subject_id")),
	    "[C=FR;A=ATLAS;m1]");
	ck_assert_int_eq(json_integer_value(json_object_get(who, "n")), 4);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(who, "diagnostic")), 18);
	ck_assert_str_eq(
	    json_string_value(json_object_get(who, "text")), "no labels here");
	ck_assert_str_eq(
	    json_string_value(json_object_get(report, "returned_content")),
	    "MTIzNDU=");
	json_decref(object);
	buffer_fini(&apdu);
	arena_fini(&arena);
}
END_TEST

/* map - run x4decode --mixer on an address with a configuration that ends with
 * these lines; its exit status */
static int
map(const char *sections, const char *address, char *output, size_t size)
{
	const char *build = getenv("FOURPOST_BUILD");
	char path[] = "/tmp/decode-test-XXXXXX", command[512];
	int fd = mkstemp(path), status;
	size_t len;
	FILE *pipe;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_gt(
	    dprintf(fd, "mta { name = A domain = \"C=DE;A=V\" }\n%s", sections),
	    0);
	close(fd);
	(void)snprintf(command, sizeof(command),
	    "%s/bin/x4decode -c %s --mixer '%s' 2>&1",
	    build != NULL ? build : "build", path, address);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	len = fread(output, 1, size - 1, pipe);
	output[len] = '\0';
	status = pclose(pipe);
	(void)unlink(path);
	ck_assert_msg(WIFEXITED(status), "%s", output);
	return WEXITSTATUS(status);
}

/* A map is tried by what each section makes of an address, either way. */
START_TEST(mixer)
{
	static const char sections[] =
	    "mixer acme { mail-domain = x400.example.net gateway-address = "
	    "\"C=DE;A=V;O=GW\" map = \"acme.example = C=DE;A=V;O=ACME\" }\n"
	    "mixer other { mail-domain = other.example gateway-address = "
	    "\"C=DE;A=V;O=OTHER\" }\n";
	char output[4096];

	ck_assert_int_eq(
	    map(sections, "jo.doe@acme.example", output, sizeof(output)), 0);
	ck_assert_ptr_nonnull(strstr(output, "mixer/acme"));
	ck_assert_ptr_nonnull(strstr(output, "G=jo;S=doe;O=ACME;A=V;C=DE"));
	ck_assert_ptr_nonnull(
	    strstr(output, "DDA:RFC-822=jo.doe(a)acme.example"));
	ck_assert_int_eq(
	    map(sections, "C=DE;A=V;O=ACME;S=doe;G=jo", output, sizeof(output)),
	    0);
	ck_assert_ptr_nonnull(strstr(output, "jo.doe@acme.example"));
	ck_assert_ptr_nonnull(
	    strstr(output, "/G=jo/S=doe/O=ACME/ADMD=V/C=DE/@other.example"));
	ck_assert_int_eq(
	    map(sections, "\"/S=x/DD.RFC-822=a(a)b.c/\"@acme.example", output,
		sizeof(output)),
	    0);
	ck_assert_ptr_nonnull(strstr(output, "a source route"));
	/* one of two that can make nothing of it */
	ck_assert_int_eq(
	    map(sections, "x@other.example", output, sizeof(output)), 1);
	ck_assert_ptr_nonnull(strstr(output, "x(a)other.example"));
	ck_assert_int_eq(
	    map("", "x@other.example", output, sizeof(output)), 78);
	ck_assert_ptr_nonnull(strstr(output, "there is no section mixer"));
}
END_TEST

TEST_MAIN("tools/x4decode", TEST(bad_address), TEST(mixer), TEST(report_fields),
    TEST(report_object))
