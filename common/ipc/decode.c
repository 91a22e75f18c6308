/* SPDX-License-Identifier: ISC */
/*
 * decode.c - records out of BER, by the table of schema.h
 *
 * Elements come in the order of their tags, each once.  What the table does
 * not know is an error of the other side (ERR_PROTOCOL).  Arrays are counted
 * before they are allocated; a record of IPC_RECORD_MAX octets bounds them.
 */
#include "ber/header.h"
#include "ber/reader.h"
#include "ipc/schema.h"

struct decoder {
	struct ber_reader reader;
	struct arena *arena;
};

static int
get_elements(struct decoder *decoder, const struct schema *schema, void *to);

/* enter_element - begin a decoder of what is within an element */
static int
enter_element(const struct decoder *outer, const struct ber_element *el,
    struct decoder *inner)
{
	inner->arena = outer->arena;
	return ber_enter(&outer->reader, el, &inner->reader);
}

/* count_elements - count the elements that a decoder has before it */
static int
count_elements(const struct decoder *decoder, size_t *count)
{
	struct ber_reader walk = decoder->reader;
	struct ber_element el;
	size_t n = 0;
	int more;

	while ((more = ber_next(&walk, &el)) > 0)
		n++;
	if (more == 0)
		*count = n;
	return more;
}

/* begin_array - allocate memory for an array within an element, and begin its
 * decoder */
static int
begin_array(const struct decoder *decoder, const struct ber_element *el,
    size_t size, struct decoder *inner, void **array, size_t *count)
{
	size_t n = 0;
	void *memory = NULL;
	int error;

	error = enter_element(decoder, el, inner);
	if (error == 0)
		error = count_elements(inner, &n);
	if (error != 0)
		return error;
	/* Elements are counted, not announced: a short record cannot ask for
	 * much memory. */
	if (n != 0) {
		memory = arena_array(decoder->arena, n, size);
		if (memory == NULL)
			return arena_error(decoder->arena);
	}
	*array = memory;
	*count = n;
	return 0;
}

/* get_file - decode a File */
static int
get_file(struct decoder *decoder, const struct ber_element *el, void *to)
{
	struct decoder inner;
	int error;

	error = enter_element(decoder, el, &inner);
	return error != 0 ? error : get_elements(&inner, &schema_file, to);
}

/* get_structs - decode a SEQUENCE OF what a table describes */
static int
get_structs(struct decoder *decoder, const struct ber_element *el,
    const struct schema *schema, void **array, size_t *count)
{
	uint8_t *structs;
	struct decoder inner, one;
	struct ber_element item;
	size_t i;
	int error;

	error = begin_array(decoder, el, schema->size, &inner, array, count);
	structs = *array;
	for (i = 0; error == 0 && i < *count; i++) {
		error = ber_expect(
		    &inner.reader, BER_UNI(BER_SEQUENCE), schema->name, &item);
		if (error == 0)
			error = enter_element(&inner, &item, &one);
		if (error == 0)
			error = get_elements(
			    &one, schema, structs + i * schema->size);
	}
	return error;
}

/* get_strings - decode a SEQUENCE OF UTF8String */
static int
get_strings(struct decoder *decoder, const struct ber_element *el, void **array,
    size_t *count)
{
	struct slice *strings;
	struct decoder inner;
	struct ber_element item;
	size_t i;
	int error;

	error =
	    begin_array(decoder, el, sizeof(*strings), &inner, array, count);
	strings = *array;
	for (i = 0; error == 0 && i < *count; i++) {
		error = ber_expect(
		    &inner.reader, BER_UNI(BER_UTF8_STRING), "argument", &item);
		if (error == 0)
			error = ber_get_octets(&inner.reader, &item, "argument",
			    IPC_RECORD_MAX, inner.arena, &strings[i]);
	}
	return error;
}

/* get_counted - decode an array, whose count lies apart in the struct */
static int
get_counted(struct decoder *decoder, const struct ber_element *el,
    const struct schema_element *element, void *to)
{
	void *array = NULL;
	size_t count = 0;
	int error;

	if (element->type == SCHEMA_STRINGS)
		error = get_strings(decoder, el, &array, &count);
	else
		error = get_structs(decoder, el, schema_of_array(element->type),
		    &array, &count);
	if (error != 0)
		return error;
	/* For an array the table's max is the offset of its count. */
	memcpy((uint8_t *)to + element->offset, &array, sizeof(array));
	memcpy((uint8_t *)to + element->max, &count, sizeof(count));
	return 0;
}

/* get_integer - decode an integer into a member of four or eight octets */
static int
get_integer(struct decoder *decoder, const struct ber_element *el,
    const struct schema_element *element, void *place)
{
	int64_t min = 0, max = INT64_MAX, number = 0;
	uint32_t number32;
	int32_t signed32;
	int error;

	if (element->type == SCHEMA_NUMBER32)
		max = element->max;
	if (element->type == SCHEMA_SIGNED32) {
		min = INT32_MIN;
		max = INT32_MAX;
	}
	if (element->type == SCHEMA_SIGNED64)
		min = INT64_MIN;
	error = ber_get_integer(
	    &decoder->reader, el, element->name, min, max, &number);
	if (error != 0)
		return error;
	if (element->type == SCHEMA_NUMBER32) {
		number32 = (uint32_t)number;
		memcpy(place, &number32, sizeof(number32));
	} else if (element->type == SCHEMA_SIGNED32) {
		signed32 = (int32_t)number;
		memcpy(place, &signed32, sizeof(signed32));
	} else {
		memcpy(place, &number, sizeof(number));
	}
	return 0;
}

/* get_protocol - check the constant that begins Hello */
static int
get_protocol(struct decoder *decoder, const struct ber_element *el)
{
	struct slice text;
	int error;

	error = ber_get_octets(
	    &decoder->reader, el, "protocol", 64, decoder->arena, &text);
	/* A program of another kind at this socket is refused by its first
	 * record, before its others are taken for something else. */
	if (error == 0 && !slice_equal_string(text, SCHEMA_PROTOCOL_NAME))
		error = ber_error(
		    &decoder->reader, el, ERR_PROTOCOL, "protocol", "not ours");
	return error;
}

/* get_string - decode octets, at most as many as the table says */
static int
get_string(struct decoder *decoder, const struct ber_element *el,
    const struct schema_element *element, void *place)
{
	struct slice string;
	int error;

	error = ber_get_octets(&decoder->reader, el, element->name,
	    element->max, decoder->arena, &string);
	if (error == 0)
		memcpy(place, &string, sizeof(string));
	return error;
}

/* get_reference - copy one reference into a struct session_references */
static int
get_reference(struct decoder *decoder, const struct ber_element *el,
    const struct schema_element *element, void *place)
{
	struct session_references *references = place;
	struct slice octets;
	int error;

	error = ber_get_octets(&decoder->reader, el, element->name,
	    SESSION_CALLING_MAX, decoder->arena, &octets);
	if (error == 0 &&
	    session_references_set(
		references, (enum session_reference)element->max, octets) < 0)
		error = ber_error(
		    &decoder->reader, el, ERR_LIMIT, element->name, "too long");
	return error;
}

/* get_element - decode one element into its member of a struct */
static int
get_element(struct decoder *decoder, const struct ber_element *el,
    const struct schema_element *element, void *to)
{
	uint8_t *place = (uint8_t *)to + element->offset;
	bool truth = true;
	int error;

	switch (element->type) {
	case SCHEMA_PROTOCOL:
		return get_protocol(decoder, el);
	case SCHEMA_NUMBER32:
	case SCHEMA_SIGNED32:
	case SCHEMA_NUMBER64:
	case SCHEMA_SIGNED64:
		return get_integer(decoder, el, element, place);
	case SCHEMA_TRUTH:
		error = ber_get_boolean(
		    &decoder->reader, el, element->name, &truth);
		if (error == 0)
			memcpy(place, &truth, sizeof(truth));
		return error;
	case SCHEMA_GONE:
		/* Programs of an older version still write the element; its tag
		 * is not used for another. */
		return 0;
	case SCHEMA_STRING:
		return get_string(decoder, el, element, place);
	case SCHEMA_REFERENCE:
		return get_reference(decoder, el, element, place);
	case SCHEMA_OPTIONAL_FILE:
		/* For this type the table's max is the offset of the member
		 * that says a file is there. */
		memcpy((uint8_t *)to + element->max, &truth, sizeof(truth));
		return get_file(decoder, el, place);
	case SCHEMA_FILE:
		return get_file(decoder, el, place);
	case SCHEMA_RECIPIENTS:
	case SCHEMA_WAYS:
	case SCHEMA_STRINGS:
		return get_counted(decoder, el, element, to);
	}
	return ERR_PROTOCOL;
}

/* get_elements - decode all elements, in the order of their tags */
static int
get_elements(struct decoder *decoder, const struct schema *schema, void *to)
{
	struct ber_element el;
	size_t next = 0, tag;
	int more, error;

	while ((more = ber_next(&decoder->reader, &el)) > 0) {
		tag = el.tag & BER_TAG_MAX;
		/* Tags rise and none comes twice: a later element cannot
		 * overwrite an earlier one. */
		if (el.tag != BER_CTX(tag) || tag < next ||
		    tag >= schema->count)
			return ber_error(&decoder->reader, &el, ERR_PROTOCOL,
			    schema->name, "unexpected element");
		error = get_element(decoder, &el, &schema->elements[tag], to);
		if (error != 0)
			return error;
		next = tag + 1;
	}
	return more;
}

static int
get_row(struct decoder *decoder, struct ipc_row *row, unsigned depth);

/* get_rows - decode a SEQUENCE OF Row, the value of a field */
static int
get_rows(struct decoder *decoder, const struct ber_element *el,
    struct ipc_field *field, unsigned depth)
{
	struct decoder inner, one;
	struct ber_element item;
	struct ipc_row *rows;
	void *array = NULL;
	size_t i, count = 0;
	int error;

	/* Each level is a call: without a bound a record could use up the
	 * stack. */
	if (depth + 1 >= SCHEMA_ROW_DEPTH)
		return ber_error(
		    &decoder->reader, el, ERR_LIMIT, "rows", "nested too deep");
	error = begin_array(decoder, el, sizeof(*rows), &inner, &array, &count);
	rows = array;
	for (i = 0; error == 0 && i < count; i++) {
		error = ber_expect(
		    &inner.reader, BER_UNI(BER_SEQUENCE), "row", &item);
		if (error == 0)
			error = enter_element(&inner, &item, &one);
		if (error == 0)
			error = get_row(&one, &rows[i], depth + 1);
	}
	field->rows = rows;
	field->row_count = count;
	return error;
}

/* get_value - decode the CHOICE of a field */
static int
get_value(struct decoder *decoder, const struct ber_element *el,
    struct ipc_field *field, unsigned depth)
{
	uint32_t choice = el->tag - BER_CTX(1);
	bool truth = false;
	int error;

	if (choice > IPC_FIELD_OCTETS)
		return ber_error(&decoder->reader, el, ERR_PROTOCOL, "field",
		    "unexpected element");
	field->type = (enum ipc_field_type)choice;
	switch (field->type) {
	case IPC_FIELD_NUMBER:
	case IPC_FIELD_TIME:
		return ber_get_integer(&decoder->reader, el, "number",
		    INT64_MIN, INT64_MAX, &field->number);
	case IPC_FIELD_TRUTH:
		error = ber_get_boolean(&decoder->reader, el, "truth", &truth);
		field->number = truth;
		return error;
	case IPC_FIELD_TEXT:
	case IPC_FIELD_OCTETS:
		return ber_get_octets(&decoder->reader, el, "text",
		    IPC_RECORD_MAX, decoder->arena, &field->octets);
	case IPC_FIELD_ROWS:
		return get_rows(decoder, el, field, depth);
	}
	return ERR_PROTOCOL;
}

/* get_field - decode a name and its value */
static int
get_field(struct decoder *decoder, struct ipc_field *field, unsigned depth)
{
	struct ber_element el;
	int more, error;

	error = ber_expect(&decoder->reader, BER_CTX(0), "name", &el);
	if (error == 0)
		error = ber_get_octets(&decoder->reader, &el, "name", 128,
		    decoder->arena, &field->name);
	if (error != 0)
		return error;
	more = ber_next(&decoder->reader, &el);
	if (more < 0)
		return more;
	if (more == 0)
		return diag_set(
		    decoder->reader.diag, ERR_PROTOCOL, "field without value");
	error = get_value(decoder, &el, field, depth);
	return error != 0 ? error : ber_end(&decoder->reader, "field");
}

/* get_row - decode a SEQUENCE OF Field that the decoder stands within */
static int
get_row(struct decoder *decoder, struct ipc_row *row, unsigned depth)
{
	struct ipc_field *fields = NULL;
	struct ber_element item;
	struct decoder one;
	size_t i, count = 0;
	int error;

	error = count_elements(decoder, &count);
	if (error != 0)
		return error;
	if (count != 0) {
		fields = arena_array(decoder->arena, count, sizeof(*fields));
		if (fields == NULL)
			return arena_error(decoder->arena);
	}
	for (i = 0; error == 0 && i < count; i++) {
		error = ber_expect(
		    &decoder->reader, BER_UNI(BER_SEQUENCE), "field", &item);
		if (error == 0)
			error = enter_element(decoder, &item, &one);
		if (error == 0)
			error = get_field(&one, &fields[i], depth);
	}
	row->fields = fields;
	row->field_count = count;
	return error;
}

/*
 * measure_tag - measure the tag of the record at the beginning takes;
 * ERR_AGAIN while it is not whole
 */
static int
measure_tag(struct slice octets, struct diag *diag)
{
	uint32_t tag = 0;
	bool constructed;
	int n = ber_identifier_parse(octets, &tag, &constructed);

	if (n == 0)
		return ERR_AGAIN;
	/* An unknown tag is refused at once: waiting for the rest of the record
	 * would fill the buffer for nothing. */
	if (n < 0 || tag < BER_CTX(0) || tag >= BER_CTX(IPC_TYPE_COUNT))
		return diag_set(diag, ERR_PROTOCOL, "unknown record, tag 0x%x",
		    octets.data[0]);
	return n;
}

/*
 * measure_record - measure the record at the beginning of octets by its header
 *
 * A definite length: more is not needed for what we write.
 */
static int
measure_record(struct slice octets, size_t *length, struct diag *diag)
{
	size_t at, count, i, total = 0;
	int tag = measure_tag(octets, diag);

	if (tag < 0)
		return tag;
	at = (size_t)tag;
	if (octets.len == at)
		return ERR_AGAIN;
	count = octets.data[at] & 0x7f;
	if (octets.data[at++] < 0x80) {
		*length = at + count;
		return 0;
	}
	/* Four octets are enough for IPC_RECORD_MAX, and the indefinite form
	 * has no length to measure by. */
	if (count == 0 || count > 4)
		return diag_set(
		    diag, ERR_PROTOCOL, "record without an acceptable length");
	if (octets.len < at + count)
		return ERR_AGAIN;
	for (i = 0; i < count; i++)
		total = total << 8 | octets.data[at + i];
	/* Compared without a sum, so that a length near the largest cannot
	 * wrap. */
	if (total > IPC_RECORD_MAX - at - count)
		return diag_set(diag, ERR_LIMIT, "record of %zu octets", total);
	*length = at + count + total;
	return 0;
}

/* get_record - decode what is within the outermost element */
static int
get_record(struct decoder *decoder, const struct ber_element *el,
    struct ipc_record *record)
{
	const struct schema *schema = schema_of(record->type);
	struct decoder inner;
	int error;

	if (record->type != IPC_ROW && schema->elements == NULL)
		return ber_get_null(&decoder->reader, el, schema->name);
	error = enter_element(decoder, el, &inner);
	if (error != 0)
		return error;
	if (record->type == IPC_ROW)
		return get_row(&inner, &record->row, 0);
	/* All members of the union begin at the same place; the table knows
	 * which of them is filled. */
	return get_elements(&inner, schema, &record->hello);
}

/* ipc_record_decode - decode the record at the beginning of octets */
int
ipc_record_decode(struct slice octets, struct arena *arena,
    struct ipc_record *record, size_t *used, struct diag *diag)
{
	struct decoder decoder = {.arena = arena};
	struct ipc_record got = {0};
	struct ber_element el;
	size_t length = 0;
	int error;

	error = measure_record(octets, &length, diag);
	if (error != 0)
		return error;
	/* No part is decoded before the whole has come, so that a record in
	 * pieces does not fill the arena again with each piece. */
	if (length > octets.len)
		return ERR_AGAIN;
	ber_reader_init(&decoder.reader, slice_of(octets.data, length), diag);
	error = ber_next(&decoder.reader, &el);
	if (error < 0)
		return error;
	got.type = (enum ipc_type)(el.tag & BER_TAG_MAX);
	error = get_record(&decoder, &el, &got);
	if (error != 0) {
		diag_set(diag, error, "%s", error_strerror(error));
		diag_prefix(diag, "record %s", ipc_type_name(got.type));
		return error;
	}
	/* A record that failed leaves the caller's as it was. */
	*record = got;
	*used = length;
	return 0;
}
