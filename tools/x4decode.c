/* SPDX-License-Identifier: ISC */
/*
 * x4decode.c - print what a file holds, readably; see x4decode(1)
 *
 * What it is is found out by trying: an MTS-APDU, with its EXTERNAL or not; a
 * P1 envelope; the content of a report; an interpersonal message; an O/R
 * address as text.  Then follows the tree of its elements with offsets.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/calendar.h"
#include "mhs/charset.h"
#include "mhs/ipm.h"
#include "mhs/report.h"
#include "mhs/transfer.h"
#include "tools/decode_mime.h"
#include "tools/decode_mixer.h"
#include "tools/decode_object.h"
#include "tools/dump.h"
#include "tools/options.h"

#define FILE_MAX  ((size_t)64 * 1024 * 1024)
#define ARENA_MAX ((size_t)256 * 1024 * 1024)

/* An object being shown: rows of name and value. */
struct shown {
	struct output *out;
	struct arena arena;
	const char *kind;
	bool found;
	struct buffer content; /* of a report within its APDU */
};

static const struct output_column columns[] = {
    {"kind", "OBJECT", OUTPUT_PLAIN},
    {"field", "FIELD", OUTPUT_PLAIN},
    {"value", "VALUE", OUTPUT_PLAIN},
};

/* field - show one row */
static void
field(struct shown *shown, const char *name, struct slice value)
{
	const struct ipc_field fields[] = {
	    OUTPUT_FIELD_TEXT("kind", shown->kind),
	    OUTPUT_FIELD_TEXT("field", name),
	    OUTPUT_FIELD_SLICE("value", value)};
	const struct ipc_row row = {fields, 3};

	/* A field that is absent has no row. */
	if (value.len > 0)
		output_row(shown->out, &row);
}

/* field_text - show one row of a string; NULL is no row */
static void
field_text(struct shown *shown, const char *name, const char *value)
{
	if (value != NULL)
		field(shown, name, slice_of_string(value));
}

/* field_name - show an O/R name */
static void
field_name(struct shown *shown, const char *name, const struct or_name *value)
{
	field_text(shown, name,
	    or_address_format(&value->address, OR_STYLE_F401, &shown->arena));
}

/* field_octets - show one row of octets that are no text, in hexadecimal */
static void
field_octets(struct shown *shown, const char *name, struct slice value)
{
	static const char digits[] = "0123456789abcdef";
	char *text = arena_alloc(&shown->arena, 2 * value.len + 1);

	if (value.len == 0 || text == NULL)
		return;
	for (size_t i = 0; i < value.len; i++) {
		text[2 * i] = digits[value.data[i] >> 4];
		text[2 * i + 1] = digits[value.data[i] & 15];
	}
	field(shown, name, slice_of(text, 2 * value.len));
}

/* field_time - show one row of a time, unless there is none */
static void
field_time(struct shown *shown, const char *name, int64_t seconds)
{
	char text[CALENDAR_TEXT_MAX];

	if (seconds != P1_NO_TIME)
		field_text(shown, name, calendar_format(seconds, text));
}

/* show_extensions - show the extensions, each by name and value */
static void
show_extensions(struct shown *shown, const struct extension_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct extension *e = &list->items[i];
		const char *name = extension_name(e->number);

		/* Private extensions have no name. */
		if (name == NULL)
			name = arena_printf(
			    &shown->arena, "extension %d", e->number);
		if (name != NULL)
			field_octets(shown, name, e->value);
	}
}

/* show_trace - show each element of trace or internal trace */
static void
show_trace(struct shown *shown, const char *name, const struct trace *trace)
{
	char domain[GLOBAL_DOMAIN_TEXT], time[32];
	struct tm utc;

	for (size_t i = 0; i < trace->count; i++) {
		const struct trace_element *e = &trace->elements[i];

		global_domain_format(&e->domain, domain);
		/* A time that is none is shown as a mark, not as 1970. */
		if (gmtime_r(&(time_t){e->arrival}, &utc) == NULL ||
		    strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%SZ", &utc) ==
			0)
			strlcpy(time, "?", sizeof(time));
		field_text(shown, name,
		    arena_printf(&shown->arena, "%s %.*s at %s %s", domain,
			(int)e->mta.len, (const char *)e->mta.data, time,
			e->action == TRACE_REROUTED ? "rerouted" : "relayed"));
	}
}

/* show_recipient - name and indicators */
static void
show_recipient(struct shown *shown, const struct p1_recipient *r)
{
	const char *address =
	    or_address_format(&r->name.address, OR_STYLE_F401, &shown->arena);

	field_text(shown, "recipient",
	    arena_printf(&shown->arena, "%d %s%s%s", r->number,
		address != NULL ? address : "?",
		(r->indicators & P1_RESPONSIBILITY) != 0 ? " responsible" : "",
		(r->indicators & P1_ORIGINATOR_REPORT) != 0 ? " report" : ""));
}

/* show_envelope - show what an envelope says */
static int
show_envelope(
    void *arg, const struct p1_envelope *envelope, struct slice octets)
{
	struct shown *shown = arg;
	char identifier[MTS_IDENTIFIER_TEXT], type[P1_CONTENT_TYPE_TEXT];

	(void)octets;
	shown->kind = mts_kind_name(envelope->kind);
	shown->found = true;
	mts_identifier_format(&envelope->identifier, identifier);
	field_text(shown, "mts-identifier", identifier);
	field_name(shown,
	    envelope->kind == MTS_REPORT ? "destination" : "originator",
	    &envelope->originator);
	if (envelope->kind != MTS_REPORT) {
		p1_content_type_format(&envelope->content_type, type);
		field_text(shown, "content-type", type);
		field(
		    shown, "content-identifier", envelope->content_identifier);
		field_text(
		    shown, "priority", p1_priority_name(envelope->priority));
	}
	for (size_t i = 0; i < envelope->recipient_count; i++)
		show_recipient(shown, &envelope->recipients[i]);
	show_trace(shown, "trace", &envelope->trace);
	show_trace(shown, "internal-trace", &envelope->internal_trace);
	if (envelope->kind == MTS_REPORT)
		show_extensions(shown, &envelope->extensions);
	return 0;
}

/* show_outcome - show what a report says of one recipient */
static void
show_outcome(struct shown *shown, const struct report_recipient *r)
{
	char text[REPORT_TEXT];

	report_describe(r, text);
	field_name(shown, "recipient", &r->actual);
	field_text(
	    shown, "number", arena_printf(&shown->arena, "%d", r->number));
	if (r->has_intended)
		field_name(shown, "originally-intended", &r->intended);
	field_text(shown, "outcome",
	    r->delivered || r->diagnostic < 0
		? text
		: arena_printf(&shown->arena, "%s (%d, %d)", text, r->reason,
		      r->diagnostic));
	if (r->delivered) {
		field_time(shown, "message-delivery-time", r->delivery_time);
		field_text(shown, "type-of-MTS-user",
		    arena_printf(&shown->arena, "%d", r->user_type));
	}
	field_time(shown, "arrival-time", r->arrival);
	field_octets(
	    shown, "converted-encoded-information-types", r->converted_eits);
	field(shown, "supplementary", r->supplementary);
	show_extensions(shown, &r->extensions);
}

/* try_report - try to show the content of a report */
static bool
try_report(struct shown *shown, struct slice octets)
{
	struct report report;
	char identifier[MTS_IDENTIFIER_TEXT], type[P1_CONTENT_TYPE_TEXT];

	if (report_decode(octets, &shown->arena, &report, NULL) != 0)
		return false;
	shown->kind = "report content";
	mts_identifier_format(&report.subject, identifier);
	field_text(shown, "subject", identifier);
	field(shown, "content-identifier", report.content_identifier);
	if (report.has_content_type) {
		p1_content_type_format(&report.content_type, type);
		field_text(shown, "content-type", type);
	}
	field_octets(
	    shown, "original-encoded-information-types", report.original_eits);
	for (size_t i = 0; i < report.recipient_count; i++)
		show_outcome(shown, &report.recipients[i]);
	if (report.has_trace)
		show_trace(shown, "subject-intermediate-trace", &report.trace);
	if (report.has_content)
		field_text(shown, "returned-content",
		    arena_printf(
			&shown->arena, "%zu octets", report.content.len));
	field_octets(shown, "additional-information", report.additional);
	show_extensions(shown, &report.extensions);
	return true;
}

/* take_content - keep the content of a report; of others the tree shows it */
static int
take_content(void *arg, struct slice piece)
{
	struct shown *shown = arg;

	/* Contents of messages are shown as a tree, and need not be kept. */
	return strcmp(shown->kind, mts_kind_name(MTS_REPORT)) != 0
	    ? 0
	    : buffer_append(&shown->content, piece.data, piece.len);
}

/* try_apdu - try to show an MTS-APDU */
static bool
try_apdu(struct shown *shown, struct slice octets)
{
	const struct transfer_handler handler = {
	    show_envelope, take_content, shown, NULL, NULL};
	struct transfer_reader reader;
	struct diag diag = {0};
	bool is;

	transfer_reader_init(&reader, &handler, UINT64_MAX);
	/* An envelope that was read is worth showing even if the content is
	 * damaged. */
	is = transfer_push(&reader, octets, &diag) == 0 || shown->found;
	transfer_reader_fini(&reader);
	if (buffer_length(&shown->content) > 0)
		(void)try_report(shown, buffer_slice(&shown->content));
	return is && shown->found;
}

/* try_envelope - try to show an envelope alone, of each kind */
static bool
try_envelope(struct shown *shown, struct slice octets)
{
	static const enum mts_kind kinds[] = {
	    MTS_MESSAGE, MTS_REPORT, MTS_PROBE};
	struct p1_envelope envelope;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (p1_decode(
			kinds[i], octets, &shown->arena, &envelope, NULL) == 0)
			return show_envelope(shown, &envelope, octets) == 0;
	return false;
}

/* try_ipm - try to show an interpersonal message, or its heading */
static bool
try_ipm(struct shown *shown, struct slice octets)
{
	struct ber_reader reader, inner;
	struct ber_element el;
	struct ipm_heading heading;

	ber_reader_init(&reader, octets, NULL);
	if (ber_next(&reader, &el) != 1 || !el.constructed)
		return false;
	if (el.tag == BER_CTX(0)) {
		if (ber_enter(&reader, &el, &inner) != 0 ||
		    ber_next(&inner, &el) != 1)
			return false;
	}
	if (el.tag != BER_UNI(BER_SET) ||
	    ipm_heading_decode(el.whole, &shown->arena, &heading, NULL) != 0)
		return false;
	shown->kind = "interpersonal message";
	field(shown, "this-ipm", heading.this_ipm.local);
	field(shown, "subject", heading.subject);
	return true;
}

/* first_line - get a text of one line without its end */
static struct slice
first_line(struct slice octets)
{
	/* Editors end a file with a newline. */
	while (octets.len > 0 &&
	    (octets.data[octets.len - 1] == '\n' ||
		octets.data[octets.len - 1] == '\r'))
		octets.len--;
	return octets;
}

/* try_address - show an O/R address as text */
static bool
try_address(struct shown *shown, struct slice octets, struct diag *diag)
{
	struct or_address address;

	if (or_address_parse(
		first_line(octets), &shown->arena, &address, diag) != 0)
		return false;
	shown->kind = "O/R address";
	for (int i = 0; i < OR_ATTRIBUTES; i++)
		field(shown, or_attribute_name((enum or_attribute)i),
		    address.attribute[i]);
	for (unsigned i = 0; i < address.dda_count; i++)
		field_text(shown, "DDA",
		    arena_printf(&shown->arena, "%.*s=%.*s",
			(int)address.dda[i].type.len,
			(const char *)address.dda[i].type.data,
			(int)address.dda[i].value.len,
			(const char *)address.dda[i].value.data));
	return true;
}

/* x4decode_read_all - read a file, or standard input for "-" */
static struct slice
x4decode_read_all(const struct options *options, const char *path)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	uint8_t *octets = malloc(FILE_MAX + 1);
	size_t n;

	if (file == NULL)
		options_fail(options, EXIT_STATUS_REFUSED, "%s: %s", path,
		    strerror(errno));
	if (octets == NULL)
		options_fail(options, EXIT_STATUS_REFUSED, "out of memory");
	n = fread(octets, 1, FILE_MAX + 1, file);
	if (ferror(file))
		options_fail(options, EXIT_STATUS_REFUSED, "%s: %s", path,
		    strerror(errno));
	if (n > FILE_MAX)
		options_fail(options, EXIT_STATUS_REFUSED,
		    "%s: larger than 64 MB", path);
	fclose(file);
	return slice_of(octets, n);
}

/* print_json - print an APDU or a content as one object; false: neither */
static bool
print_json(const struct options *options, struct slice octets)
{
	int error = decode_object(octets, stdout);

	if (error != 0 && error != ERR_SYNTAX)
		options_fail(
		    options, EXIT_STATUS_REFUSED, "%s", error_strerror(error));
	return error == 0;
}

/* The wishes of the command line. */
struct asked {
	bool rows;
	const char *address; /* of --mixer, or NULL */
	const char *mixer;   /* of --mime, or NULL */
};

static const struct options_option own[] = {
    {'\0', "mime", "NAME", "write a message as section mixer NAME maps it"},
    {'\0', "mixer", "ADDRESS", "show an address as the sections mixer map it"},
    {'\0', "rows", NULL, "with -j: an object for each field and each element"},
};

/* read_asked - read the options of this tool, and check its operands */
static struct asked
read_asked(struct options *options)
{
	struct asked asked = {.rows = false};
	const struct options_option *given;
	const char *value;

	while ((given = options_next(options, &value)) != NULL) {
		if (given == &own[0])
			asked.mixer = value;
		else if (given == &own[1])
			asked.address = value;
		else
			asked.rows = true;
	}
	if (asked.address != NULL && options->operand_count != 0)
		options_usage(options, "--mixer takes no file");
	if (asked.address == NULL && options->operand_count != 1)
		options_usage(options, "one file is needed");
	return asked;
}

int
main(int argc, char **argv)
{
	static const struct options_tool tool = {.name = "x4decode",
	    .synopsis = "FILE|-\n--mixer ADDRESS\n--mime NAME FILE|-",
	    .purpose = "print a P1 or P2/P22 object or an O/R address "
		       "readably, with offsets",
	    .options = own,
	    .option_count = sizeof(own) / sizeof(own[0])};
	struct options options;
	struct output out;
	struct shown shown = {.out = &out};
	/* The fields shown borrow from the file until the end. */
	static struct slice octets;
	struct diag diag = {0}, reason = {0};
	struct asked asked;
	bool known, text;
	int error = 0;

	options_parse(&options, &tool, argc, argv);
	asked = read_asked(&options);
	if (asked.address != NULL)
		return decode_mixer(&options, asked.address);
	octets = x4decode_read_all(&options, options.operands[0]);
	if (asked.mixer != NULL)
		return decode_mime(&options, asked.mixer, octets);
	if (options.format == OUTPUT_JSON && !asked.rows &&
	    print_json(&options, octets))
		return EXIT_STATUS_DONE;
	arena_init(&shown.arena, ARENA_MAX);
	buffer_init(&shown.content, FILE_MAX);
	output_init(&out, options.format, stdout);
	output_table(&out, columns, sizeof(columns) / sizeof(columns[0]));
	/* Text first: an address has no octets that BER would begin with. */
	text = try_address(&shown, octets, &reason);
	known = text || try_apdu(&shown, octets) ||
	    try_envelope(&shown, octets) || try_report(&shown, octets) ||
	    try_ipm(&shown, octets);
	if (output_finish(&out) != 0)
		return EXIT_STATUS_REFUSED;
	/* Text of one line has no tree; why it is no address helps. */
	if (!known && octets.len > 0 &&
	    !charset_has_control(first_line(octets)))
		options_fail(&options, EXIT_STATUS_REFUSED, "%s: %s",
		    options.operands[0], diag_text(&reason));
	if (!text) {
		if (!known)
			printf("not a P1 or P2 object\n");
		output_init(&out, options.format, stdout);
		error = dump_tree(&out, octets, &diag);
		if (output_finish(&out) != 0)
			return EXIT_STATUS_REFUSED;
	}
	if (error != 0)
		options_fail(&options, EXIT_STATUS_REFUSED, "%s: %s",
		    options.operands[0], diag_text(&diag));
	buffer_fini(&shown.content);
	arena_fini(&shown.arena);
	return EXIT_STATUS_DONE;
}
