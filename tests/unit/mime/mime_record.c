/* SPDX-License-Identifier: ISC */
/*
 * mime_record.c - write down what a reader tells; see mime_record.h
 */
#include "tests/unit/mime/mime_record.h"

#include <stdarg.h>
#include <stdio.h>

#include "tests/unit/test.h"

#define RECORD_MAX ((size_t)16 * 1024 * 1024)

/* note - append a formatted text */
static void
    PRINTF_LIKE(2, 3) note(struct mime_record *record, const char *fmt, ...)
{
	char line[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	ck_assert_int_eq(buffer_append(&record->text, line, strlen(line)), 0);
}

static int
on_begin(
    void *arg, const struct mime_entity *entity, enum mime_reading *reading)
{
	static const char *const shapes[] = {"leaf", "multipart", "message"};
	struct mime_record *record = arg;

	note(record, "%u %s %.*s/%.*s", entity->number, shapes[entity->shape],
	    (int)entity->type.type.len, (const char *)entity->type.type.data,
	    (int)entity->type.subtype.len,
	    (const char *)entity->type.subtype.data);
	if (entity->defect != MIME_DEFECT_NONE)
		note(record, " (%s)", mime_defect_text(entity->defect));
	note(record, " [");
	if (record->whole && mime_type_is(&entity->type, "multipart", "signed"))
		*reading = MIME_READ_WHOLE;
	return 0;
}

static int
on_data(void *arg, struct slice octets)
{
	struct mime_record *record = arg;

	record->octets += octets.len;
	if (record->quiet)
		return 0;
	return buffer_append(&record->text, octets.data, octets.len);
}

static int
on_end(void *arg)
{
	struct mime_record *record = arg;

	note(record, "]");
	return 0;
}

void
mime_record_init(struct mime_record *record)
{
	*record = (struct mime_record){.limits = {.size = UINT64_MAX,
					   .header = MIME_HEADER_MAX,
					   .parts = MIME_PARTS_MAX}};
	buffer_init(&record->text, RECORD_MAX);
	mime_charsets_open(&record->charsets);
}

void
mime_record_fini(struct mime_record *record)
{
	buffer_fini(&record->text);
	mime_charsets_close(&record->charsets);
}

void
mime_record_begin(struct mime_record *record, struct mime_reader *reader)
{
	const struct mime_handler handler = {
	    .begin = on_begin, .data = on_data, .end = on_end, .arg = record};

	buffer_reset(&record->text);
	record->octets = 0;
	mime_reader_init(reader, &handler, &record->limits, &record->charsets);
}

int
mime_record_read(struct mime_record *record, struct slice octets, size_t piece)
{
	struct mime_reader reader;
	int error = 0;

	mime_record_begin(record, &reader);
	for (size_t i = 0; i < octets.len && error == 0; i += piece) {
		size_t n = octets.len - i < piece ? octets.len - i : piece;

		error = mime_reader_push(&reader, slice_of(octets.data + i, n));
	}
	if (error == 0)
		error = mime_reader_finish(&reader);
	record->fault = reader.fault;
	mime_reader_fini(&reader);
	return error;
}

const char *
mime_record_text(struct mime_record *record)
{
	ck_assert_int_eq(buffer_append(&record->text, "", 1), 0);
	buffer_truncate(&record->text, buffer_length(&record->text) - 1);
	return (const char *)buffer_slice(&record->text).data;
}
