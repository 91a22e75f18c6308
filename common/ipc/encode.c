/* SPDX-License-Identifier: ISC */
/*
 * encode.c - records into BER, by the table of schema.h
 *
 * Zero, false and empty elements are left out.
 */
#include "ber/writer.h"
#include "ipc/schema.h"

static void put_elements(
    struct ber_writer *writer, const struct schema *schema, const void *from);

/* load - copy what lies offset octets into a struct */
static void
load(void *to, const void *from, size_t offset, size_t len)
{
	memcpy(to, (const uint8_t *)from + offset, len);
}

/* encode_number - encode an integer, unless it is zero */
static void
encode_number(struct ber_writer *writer, uint32_t tag, int64_t value)
{
	if (value != 0)
		ber_put_integer(writer, tag, value);
}

/* encode_octets - encode a string, unless it is empty or too long */
static void
encode_octets(
    struct ber_writer *writer, uint32_t tag, struct slice octets, size_t max)
{
	/* The first error is kept: later ones follow from it. */
	if (octets.len > max && writer->error == 0)
		writer->error = ERR_LIMIT;
	if (octets.len != 0)
		ber_put(writer, tag, octets);
}

/* put_unsigned - encode an integer that fits int64_t, unless it is zero */
static void
put_unsigned(struct ber_writer *writer, uint32_t tag, uint64_t value)
{
	/* BER integers are signed, and readers refuse those that do not fit
	 * int64_t. */
	if (value > INT64_MAX) {
		if (writer->error == 0)
			writer->error = ERR_VALUE;
		return;
	}
	encode_number(writer, tag, (int64_t)value);
}

/* put_file - encode a File, element by element */
static void
put_file(struct ber_writer *writer, uint32_t tag, const void *from)
{
	ber_begin(writer, tag);
	put_elements(writer, &schema_file, from);
	ber_end_element(writer);
}

/* put_structs - encode a SEQUENCE OF what a table describes, unless there is
 * none */
static void
put_structs(struct ber_writer *writer, uint32_t tag,
    const struct schema *schema, const uint8_t *array, size_t count)
{
	size_t i;

	/* An absent element is read as an empty array; there is no other form
	 * of it. */
	if (count == 0)
		return;
	ber_begin(writer, tag);
	for (i = 0; i < count && writer->error == 0; i++) {
		ber_begin(writer, BER_UNI(BER_SEQUENCE));
		put_elements(writer, schema, array + i * schema->size);
		ber_end_element(writer);
	}
	ber_end_element(writer);
}

/* put_strings - encode a SEQUENCE OF UTF8String, unless there is none */
static void
put_strings(struct ber_writer *writer, uint32_t tag,
    const struct slice *strings, size_t count)
{
	size_t i;

	if (count == 0)
		return;
	ber_begin(writer, tag);
	for (i = 0; i < count && writer->error == 0; i++)
		ber_put(writer, BER_UNI(BER_UTF8_STRING), strings[i]);
	ber_end_element(writer);
}

/* put_counted - encode an array, whose count lies apart in the struct */
static void
put_counted(struct ber_writer *writer, uint32_t tag,
    const struct schema_element *element, const void *from)
{
	const void *array;
	size_t count;

	/* For an array the table's max is the offset of its count. */
	load(&array, from, element->offset, sizeof(array));
	load(&count, from, element->max, sizeof(count));
	if (element->type == SCHEMA_STRINGS)
		put_strings(writer, tag, array, count);
	else
		put_structs(
		    writer, tag, schema_of_array(element->type), array, count);
}

/* put_element - encode one element of a struct */
static void
put_element(struct ber_writer *writer, uint32_t tag,
    const struct schema_element *element, const void *from)
{
	const uint8_t *place = (const uint8_t *)from + element->offset;
	union {
		uint32_t number32;
		int32_t signed32;
		uint64_t number64;
		int64_t signed64;
		bool truth;
		struct slice string;
	} value;

	switch (element->type) {
	case SCHEMA_PROTOCOL:
		ber_put_string(writer, tag, SCHEMA_PROTOCOL_NAME);
		break;
	case SCHEMA_NUMBER32:
		memcpy(&value.number32, place, sizeof(value.number32));
		/* The reader refuses the same numbers: an error at the writer
		 * names the culprit. */
		if (value.number32 > element->max && writer->error == 0)
			writer->error = ERR_VALUE;
		encode_number(writer, tag, value.number32);
		break;
	case SCHEMA_SIGNED32:
		memcpy(&value.signed32, place, sizeof(value.signed32));
		encode_number(writer, tag, value.signed32);
		break;
	case SCHEMA_NUMBER64:
		memcpy(&value.number64, place, sizeof(value.number64));
		put_unsigned(writer, tag, value.number64);
		break;
	case SCHEMA_SIGNED64:
		memcpy(&value.signed64, place, sizeof(value.signed64));
		encode_number(writer, tag, value.signed64);
		break;
	case SCHEMA_TRUTH:
		memcpy(&value.truth, place, sizeof(value.truth));
		/* DEFAULT FALSE: what is false is not written. */
		if (value.truth)
			ber_put_boolean(writer, tag, true);
		break;
	case SCHEMA_GONE:
		/* The tag remains reserved, so that readers of older versions
		 * do not take another element for it. */
		break;
	case SCHEMA_STRING:
		memcpy(&value.string, place, sizeof(value.string));
		encode_octets(writer, tag, value.string, element->max);
		break;
	case SCHEMA_REFERENCE:
		value.string = session_references_get(
		    (const void *)place, (enum session_reference)element->max);
		if (value.string.len != 0)
			ber_put(writer, tag, value.string);
		break;
	case SCHEMA_OPTIONAL_FILE:
		load(&value.truth, from, element->max, sizeof(value.truth));
		if (value.truth)
			put_file(writer, tag, place);
		break;
	case SCHEMA_FILE:
		put_file(writer, tag, place);
		break;
	case SCHEMA_RECIPIENTS:
	case SCHEMA_WAYS:
	case SCHEMA_STRINGS:
		put_counted(writer, tag, element, from);
		break;
	}
}

/* put_elements - encode all elements of a struct in order */
static void
put_elements(
    struct ber_writer *writer, const struct schema *schema, const void *from)
{
	size_t i;

	for (i = 0; i < schema->count; i++)
		put_element(writer, BER_CTX(i), &schema->elements[i], from);
}

static void put_row(struct ber_writer *writer, uint32_t tag,
    const struct ipc_row *row, unsigned depth);

/* put_field - encode a name and its value, even if that is zero or empty */
static void
put_field(
    struct ber_writer *writer, const struct ipc_field *field, unsigned depth)
{
	uint32_t tag = BER_CTX(1 + field->type);
	size_t i;

	ber_begin(writer, BER_UNI(BER_SEQUENCE));
	/* Unlike elements, fields of zero are written: a tool must tell zero
	 * from unknown. */
	ber_put(writer, BER_CTX(0), field->name);
	switch (field->type) {
	case IPC_FIELD_NUMBER:
	case IPC_FIELD_TIME:
		ber_put_integer(writer, tag, field->number);
		break;
	case IPC_FIELD_TRUTH:
		ber_put_boolean(writer, tag, field->number != 0);
		break;
	case IPC_FIELD_TEXT:
	case IPC_FIELD_OCTETS:
		ber_put(writer, tag, field->octets);
		break;
	case IPC_FIELD_ROWS:
		ber_begin(writer, tag);
		for (i = 0; i < field->row_count && writer->error == 0; i++)
			put_row(writer, BER_UNI(BER_SEQUENCE), &field->rows[i],
			    depth + 1);
		ber_end_element(writer);
		break;
	}
	ber_end_element(writer);
}

/* put_row - encode a SEQUENCE OF Field */
static void
put_row(struct ber_writer *writer, uint32_t tag, const struct ipc_row *row,
    unsigned depth)
{
	size_t i;

	/* The reader has the same bound, since each level is a call. */
	if (depth >= SCHEMA_ROW_DEPTH && writer->error == 0)
		writer->error = ERR_LIMIT;
	ber_begin(writer, tag);
	for (i = 0; i < row->field_count && writer->error == 0; i++)
		put_field(writer, &row->fields[i], depth);
	ber_end_element(writer);
}

/* put_record - encode what is within the outermost element */
static void
put_record(struct ber_writer *writer, const struct ipc_record *record)
{
	const struct schema *schema = schema_of(record->type);
	uint32_t tag = BER_CTX(record->type);

	if (record->type == IPC_ROW) {
		put_row(writer, tag, &record->row, 0);
	} else if (schema->elements == NULL) {
		ber_put_null(writer, tag);
	} else {
		ber_begin(writer, tag);
		put_elements(writer, schema, &record->hello);
		ber_end_element(writer);
	}
}

/* ipc_record_encode - append a record to out */
int
ipc_record_encode(const struct ipc_record *record, struct buffer *out)
{
	struct ber_writer writer;
	size_t before = buffer_length(out);
	int error;

	ber_writer_init(&writer, out);
	put_record(&writer, record);
	error = ber_finish(&writer);
	/* The reader would refuse it and end the connection: refused here, it
	 * is this record's fault alone. */
	if (error == 0 && buffer_length(out) - before > IPC_RECORD_MAX)
		error = ERR_LIMIT;
	/* Nothing of a failed record stays in the buffer, for the next one
	 * follows. */
	if (error != 0)
		out->end = out->start + before;
	return error;
}
