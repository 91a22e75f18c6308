/* SPDX-License-Identifier: ISC */
/*
 * output_test.c - tables for people, JSON for programs
 */
#include "tools/output.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/test.h"

#define NOW	INT64_C(1704067200000)
#define MINUTES INT64_C(60000)
#define HOURS	(60 * MINUTES)

static const struct output_column columns[] = {
    {"name", "LINK", OUTPUT_PLAIN},
    {"queued", "QUEUED", OUTPUT_PLAIN},
    {"size", "SIZE", OUTPUT_SIZE},
    {"next", "NEXT", OUTPUT_PLAIN},
    {"state", "STATE", OUTPUT_STATE},
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static char *text; /* what was printed */
static size_t text_len;
static FILE *stream;

/* begin - print into text */
static void
begin(struct output *output, enum output_format format)
{
	stream = open_memstream(&text, &text_len);
	ck_assert_ptr_nonnull(stream);
	output_init(output, format, stream);
	output->now = NOW;
}

/* end - expect all that was written to be this */
static void
end(struct output *output, const char *expected)
{
	ck_assert_int_eq(output_finish(output), 0);
	ck_assert_int_eq(fclose(stream), 0);
	ck_assert_str_eq(text, expected);
	free(text);
}

/* put_row - put a row of the table above */
static void
put_row(struct output *output, const char *name, int64_t queued, int64_t size,
    int64_t next, const char *state)
{
	struct ipc_field fields[] = {
	    OUTPUT_FIELD_TEXT("state", state),
	    OUTPUT_FIELD_TEXT("name", name),
	    OUTPUT_FIELD_NUMBER("queued", queued),
	    OUTPUT_FIELD_NUMBER("size", size),
	    OUTPUT_FIELD_TIME("next", next),
	    OUTPUT_FIELD_TRUTH("hidden", true),
	};
	struct ipc_row row = {fields, sizeof(fields) / sizeof(fields[0])};

	output_row(output, &row);
}

START_TEST(table)
{
	struct output output;

	begin(&output, OUTPUT_TEXT);
	output_table(&output, columns, COLUMNS);
	put_row(&output, "paris", 12345, 1536, NOW + 2 * HOURS, "up");
	put_row(&output, "b", 7, 1023, NOW - 90 * 1000, "");
	put_row(&output, "", 0, INT64_C(31) << 30, 0, "waiting");
	end(&output,
	    "LINK   QUEUED  SIZE  NEXT    STATE\n"
	    "paris   12345  1.5K  in 2h   up\n"
	    "b           7  1023  1m ago  -\n"
	    "-           0   31G  -       waiting\n");
}
END_TEST

/* put_fitted - put a row whose columns may be narrowed */
static void
put_fitted(
    struct output *output, const char *from, const char *to, const char *why)
{
	struct ipc_field fields[] = {
	    OUTPUT_FIELD_TEXT("from", from),
	    OUTPUT_FIELD_TEXT("to", to),
	    OUTPUT_FIELD_TEXT("why", why),
	};
	struct ipc_row row = {fields, sizeof(fields) / sizeof(fields[0])};

	output_row(output, &row);
}

/* A terminal's width: columns are narrowed, the last one goes below. */
START_TEST(fitted)
{
	static const struct output_column three[] = {
	    {"from", "FROM", OUTPUT_FITTED},
	    {"to", "TO", OUTPUT_FITTED},
	    {"why", "WHY", OUTPUT_BELOW},
	};
	const char *from = "S=a;O=some organization;P=ACME;C=DE";
	const char *to = "S=\xc3\xbc\xc3\xbc;O=another organization;C=FR +12";
	struct output output;

	begin(&output, OUTPUT_TEXT);
	output.limit = 40;
	output_table(&output, three, 3);
	put_fitted(&output, from, to,
	    "waits: paris: network: 192.0.2.1:102: Connection refused");
	put_fitted(&output, "S=a", "S=b", "");
	end(&output,
	    "FROM                 TO\n"
	    "S=a;O=some organi..  S=\xc3\xbc\xc3\xbc;O=anothe.. +12\n"
	    "      waits: paris: network: 192.0.2.1..\n"
	    "S=a                  S=b\n");
	begin(&output, OUTPUT_TEXT);
	output.limit = 80;
	output_table(&output, three, 3);
	put_fitted(&output, from, to, "waits: paris");
	end(&output,
	    "FROM                              TO"
	    "                                WHY\n"
	    "S=a;O=some organization;P=ACME..  S=\xc3\xbc\xc3\xbc;O=another "
	    "organizatio.. +12  waits: paris\n");
}
END_TEST

START_TEST(no_rows)
{
	struct output output;

	begin(&output, OUTPUT_TEXT);
	output_table(&output, columns, COLUMNS);
	end(&output, "");
}
END_TEST

START_TEST(outside_text_is_escaped)
{
	static const struct output_column one[] = {
	    {"name", "NAME", OUTPUT_PLAIN}, {"b", "B", OUTPUT_PLAIN}};
	struct ipc_field fields[] = {
	    OUTPUT_FIELD_TEXT("name", "a\033[31m\n\xff"),
	    OUTPUT_FIELD_TEXT("b", "x")};
	struct ipc_row row = {fields, 2};
	struct output output;

	begin(&output, OUTPUT_TEXT);
	output_table(&output, one, 2);
	output_row(&output, &row);
	fields[0] = OUTPUT_FIELD_TEXT("name", "M\xc3\xbcller");
	output_row(&output, &row);
	output_text(&output, slice_of_string("two\nlines\033\n"));
	end(&output,
	    "NAME               B\n"
	    "a\\x1b[31m\\x0a\\xff  x\n"
	    "M\xc3\xbcller             x\n"
	    "two\nlines\\x1b\n");
}
END_TEST

START_TEST(more_rows_than_are_kept)
{
	static const struct output_column one[] = {{"n", "N", OUTPUT_PLAIN}};
	struct output output;
	unsigned lines = 0;

	begin(&output, OUTPUT_TEXT);
	output_table(&output, one, 1);
	for (int i = 0; i < 2 * OUTPUT_ALIGN_ROWS + 5; i++) {
		struct ipc_field field = OUTPUT_FIELD_NUMBER("n", i);
		struct ipc_row row = {&field, 1};

		output_row(&output, &row);
	}
	ck_assert_int_eq(output_finish(&output), 0);
	(void)fclose(stream);
	for (const char *c = text; *c != '\0'; c++)
		lines += *c == '\n';
	ck_assert_uint_eq(lines, 2 * OUTPUT_ALIGN_ROWS + 5 + 1);
	ck_assert_ptr_nonnull(strstr(text, "\n  0\n  1\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n2004\n"));
	free(text);
}
END_TEST

START_TEST(details)
{
	struct ipc_field inner[] = {
	    OUTPUT_FIELD_TEXT("address", "S=Doe"),
	    OUTPUT_FIELD_TEXT("state", "ready"),
	};
	struct ipc_row recipients[] = {{inner, 2}, {inner, 2}};
	struct ipc_field fields[] = {
	    OUTPUT_FIELD_NUMBER("id", 5),
	    OUTPUT_FIELD_ROWS("recipients", recipients, 2),
	    OUTPUT_FIELD_NUMBER("size", 2048),
	    OUTPUT_FIELD_TIME("expires", 0),
	};
	struct ipc_row row = {fields, 4};
	static const struct output_column own[] = {
	    {"size", "Size", OUTPUT_SIZE}};
	struct output output;

	begin(&output, OUTPUT_TEXT);
	output_details(&output, own, 1, &row);
	end(&output,
	    "Size        2.0K\n"
	    "id          5\n"
	    "recipients\n"
	    "  address  S=Doe\n"
	    "  state    ready\n"
	    "  address  S=Doe\n"
	    "  state    ready\n"
	    "expires     -\n");
}
END_TEST

START_TEST(rows_in_a_cell)
{
	struct ipc_field inner[] = {OUTPUT_FIELD_TEXT("address", "S=Doe")};
	struct ipc_row recipients[] = {{inner, 1}, {inner, 1}, {inner, 1}};
	struct ipc_field field = OUTPUT_FIELD_ROWS("to", recipients, 3);
	struct ipc_row row = {&field, 1};
	static const struct output_column own[] = {{"to", "TO", OUTPUT_PLAIN}};
	struct output output;

	begin(&output, OUTPUT_TEXT);
	output_table(&output, own, 1);
	output_row(&output, &row);
	field.row_count = 1;
	output_row(&output, &row);
	end(&output, "TO\nS=Doe +2\nS=Doe\n");
}
END_TEST

START_TEST(json)
{
	struct ipc_field inner[] = {OUTPUT_FIELD_TEXT("address", "S=\"D\"")};
	struct ipc_row recipients[] = {{inner, 1}};
	struct ipc_field fields[] = {
	    OUTPUT_FIELD_TEXT("name", "M\xc3\xbc\n"),
	    OUTPUT_FIELD_NUMBER("n", INT64_MIN),
	    OUTPUT_FIELD_TRUTH("up", true),
	    OUTPUT_FIELD_TIME("since", NOW + 999),
	    OUTPUT_FIELD_TIME("never", 0),
	    OUTPUT_FIELD_ROWS("recipients", recipients, 1),
	    {.name = slice_of_string("raw"),
		.type = IPC_FIELD_OCTETS,
		.octets = slice_of("\x00\xff", 2)},
	    OUTPUT_FIELD_TEXT("bad", "a\xff"),
	    OUTPUT_FIELD_SLICE("empty", slice_of(NULL, 0)),
	};
	struct ipc_row row = {fields, sizeof(fields) / sizeof(fields[0])};
	struct output output;
	json_t *object;

	begin(&output, OUTPUT_JSON);
	output_table(&output, columns, COLUMNS);
	output_row(&output, &row);
	output_printf(&output, "not in JSON");
	ck_assert_int_eq(output_finish(&output), 0);
	(void)fclose(stream);
	ck_assert_str_eq(text,
	    "{\"name\":\"M\xc3\xbc\\n\",\"n\":-9223372036854775808,"
	    "\"up\":true,\"since\":1704067200,\"never\":null,"
	    "\"recipients\":[{\"address\":\"S=\\\"D\\\"\"}],"
	    "\"raw\":\"AP8=\",\"bad\":\"a\\\\xff\",\"empty\":\"\"}\n");
	object = json_loads(text, 0, NULL);
	ck_assert_ptr_nonnull(object);
	json_decref(object);
	free(text);
}
END_TEST

START_TEST(a_full_disk_is_told)
{
	struct output output;
	FILE *full = fopen("/dev/full", "w");

	ck_assert_ptr_nonnull(full);
	for (int format = OUTPUT_TEXT; format <= OUTPUT_JSON; format++) {
		output_init(&output, (enum output_format)format, full);
		output_table(&output, columns, COLUMNS);
		put_row(&output, "x", 1, 1, 1, "up");
		ck_assert_int_eq(output_finish(&output), ERR_IO);
	}
	(void)fclose(full);
}
END_TEST

TEST_MAIN("tools/output", TEST(table); TEST(fitted); TEST(no_rows);
	  TEST(outside_text_is_escaped); TEST(more_rows_than_are_kept);
	  TEST(details); TEST(rows_in_a_cell); TEST(json);
	  TEST(a_full_disk_is_told))
