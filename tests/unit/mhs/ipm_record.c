/* SPDX-License-Identifier: ISC */
/*
 * ipm_record.c - write down what a decoder tells, so that tests compare text;
 * see ipm_record.h
 */
#include "tests/unit/mhs/ipm_record.h"

#define RECORD_MAX (1 << 20)

/* note - append a formatted line */
static void PRINTF_LIKE(2, 3) note(struct record *record, const char *fmt, ...)
{
	char line[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	ck_assert_int_eq(buffer_append(&record->text, line, strlen(line)), 0);
}

/* note_name - note an O/R name as text */
static void
note_name(struct record *record, const char *label, struct slice name)
{
	struct arena arena;
	struct ber_reader reader;
	struct ber_element el;
	struct or_name or ;

	if (name.len == 0)
		return;
	arena_init(&arena, 1 << 20);
	ber_reader_init(&reader, name, NULL);
	ck_assert_int_eq(ber_next(&reader, &el), 1);
	ck_assert_int_eq(or_name_decode(&reader, &el, label, &arena, & or), 0);
	note(record, " %s=%s", label,
	    or_address_format(& or.address, OR_STYLE_F401, &arena));
	arena_fini(&arena);
}

static int
record_heading(void *arg, const struct ipm_heading *h, unsigned level)
{
	struct record *record = arg;

	record->headings++;
	note(record, "heading %u this=%.*s", level, (int)h->this_ipm.local.len,
	    (const char *)h->this_ipm.local.data);
	note_name(record, "from", h->originator.name);
	for (size_t i = 0; i < h->primary.count; i++) {
		note_name(record, "to", h->primary.list[i].descriptor.name);
		if (h->primary.list[i].requests != 0)
			note(
			    record, "!%08" PRIx32, h->primary.list[i].requests);
	}
	for (size_t i = 0; i < h->copy.count; i++)
		note_name(record, "cc", h->copy.list[i].descriptor.name);
	if (h->has_subject)
		note(record, " subject=%.*s", (int)h->subject.len,
		    (const char *)h->subject.data);
	note(record, " importance=%d", h->importance);
	if (h->unreadable_fields > 0)
		note(record, " unreadable=%u", h->unreadable_fields);
	note(record, "\n");
	return 0;
}

static int
record_notification(void *arg, const struct ipm_notification *n)
{
	struct record *record = arg;

	note(record, "notification %d of=%.*s", n->kind,
	    (int)n->subject_ipm.local.len,
	    (const char *)n->subject_ipm.local.data);
	note_name(record, "by", n->originator.name);
	note(record, " %s", ipm_notification_reason(n));
	if (n->receipt_time != IPM_NO_TIME)
		note(record, " at=%" PRId64, n->receipt_time);
	note(record, "\n");
	return 0;
}

static int
record_begin(void *arg, const struct ipm_part *part)
{
	struct record *record = arg;

	record->parts++;
	note(record, "part %u %s", part->level, ipm_kind_name(part->kind));
	if (part->filename.len > 0)
		note(record, " name=%.*s", (int)part->filename.len,
		    (const char *)part->filename.data);
	if (part->size >= 0)
		note(record, " size=%" PRId64, part->size);
	if (part->modified != IPM_NO_TIME)
		note(record, " modified=%" PRId64, part->modified);
	note(record, "%s%s [", part->unreadable ? " unreadable" : "",
	    part->original ? " original" : "");
	return 0;
}

static int
record_data(void *arg, struct slice octets)
{
	struct record *record = arg;

	record->octets += octets.len;
	if (record->quiet)
		return 0;
	return buffer_append(&record->text, octets.data, octets.len);
}

/* record_original - note octets of a text in a set that is not known */
static int
record_original(void *arg, struct slice octets)
{
	struct record *record = arg;

	ck_assert_uint_le(
	    record->original_len + octets.len, sizeof(record->original));
	memcpy(
	    record->original + record->original_len, octets.data, octets.len);
	record->original_len += octets.len;
	return 0;
}

static int
record_end(void *arg, enum ipm_kind kind, unsigned level)
{
	struct record *record = arg;

	record->ends++;
	if (record->original_len > 0)
		note(record, "<%.*s>", (int)record->original_len,
		    record->original);
	record->original_len = 0;
	note(record, "] %u %s\n", level, ipm_kind_name(kind));
	return 0;
}

void
record_init(struct record *record)
{
	*record = (struct record){0};
	buffer_init(&record->text, RECORD_MAX);
}

void
record_fini(struct record *record)
{
	buffer_fini(&record->text);
}

const char *
record_text(struct record *record)
{
	static char text[RECORD_MAX + 1];
	struct slice s = buffer_slice(&record->text);

	if (s.len > 0)
		memcpy(text, s.data, s.len);
	text[s.len] = '\0';
	return text;
}

void
record_decoder(struct ipm_decoder *decoder, struct record *record)
{
	const struct ipm_handler handler = {.heading = record_heading,
	    .notification = record_notification,
	    .part_begin = record_begin,
	    .part_data = record_data,
	    .part_original = record_original,
	    .part_end = record_end,
	    .arg = record};

	ipm_decoder_init(decoder, &handler, UINT64_MAX);
}

/* decode_once - decode a content with some parts handed on as BER */
static int
decode_once(struct record *record, struct slice octets, size_t piece,
    struct ipm_raw *raw, struct diag *diag)
{
	struct ipm_decoder decoder;
	int error = 0;

	record_decoder(&decoder, record);
	decoder.raw = raw;
	for (size_t i = 0; i < octets.len && error == 0; i += piece) {
		size_t n = octets.len - i < piece ? octets.len - i : piece;

		error = ipm_decoder_push(
		    &decoder, slice_of(octets.data + i, n), diag);
	}
	if (error == 0)
		error = ipm_decoder_finish(&decoder, diag);
	if (error < 0 && decoder.unreadable != 0 && raw->count < IPM_RAW_MAX) {
		raw->part[raw->count++] = decoder.unreadable;
		error = ERR_AGAIN;
	}
	ipm_decoder_fini(&decoder);
	return error;
}

int
record_decode(
    struct record *record, struct slice octets, size_t piece, struct diag *diag)
{
	struct ipm_raw raw = {.count = 0};
	int error;

	while ((error = decode_once(record, octets, piece, &raw, diag)) ==
	    ERR_AGAIN) {
		if (diag != NULL)
			diag_clear(diag);
		buffer_reset(&record->text);
		record->parts = record->ends = 0;
		record->octets = 0;
	}
	return error;
}
