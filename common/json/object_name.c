/* SPDX-License-Identifier: ISC */
/*
 * object_name.c - O/R names in the one form
 *
 * Contract in object_name.h.  Attributes that are given apart become a text,
 * so that both ways are read and checked by the one parser.
 */
#include "json/object_name.h"

#include <stdio.h>

#include "base/buffer.h"
#include "json/object_element.h"

/* The members of or_address that are strings, and the attribute of each. */
static const struct {
	const char *name;
	enum or_attribute attribute;
} attributes[] = {{"c", OR_COUNTRY}, {"a", OR_ADMD}, {"p", OR_PRMD},
    {"o", OR_ORGANIZATION}, {"cn", OR_COMMON_NAME}, {"s", OR_SURNAME},
    {"g", OR_GIVEN}, {"i", OR_INITIALS}, {"q", OR_GENERATION},
    {"x121", OR_X121}, {"nid", OR_NUMERIC_USER_ID}, {"tid", OR_TERMINAL_ID},
    {"ttype", OR_TERMINAL_TYPE}};

#define ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))
#define UNITS	   4

/* A text that is being made of attributes. */
struct name_text {
	struct buffer out;
	int error;
};

/* add_octets - add octets, in which some characters are doubled */
static void
add_octets(struct name_text *t, struct slice octets, const char *doubled)
{
	for (size_t i = 0; t->error == 0 && i < octets.len; i++) {
		t->error = buffer_append(&t->out, octets.data + i, 1);
		if (t->error == 0 && strchr(doubled, octets.data[i]) != NULL)
			t->error = buffer_append(&t->out, octets.data + i, 1);
	}
}

/* add_pair - add a label, what divides it from the value, and the value */
static void
add_pair(struct name_text *t, const char *divider, struct slice value)
{
	add_octets(t, slice_of_string(divider), "");
	add_octets(t, value, ";");
	add_octets(t, slice_of(";", 1), "");
}

/* string_of - get a string of an object, which stays where it is */
static struct slice
string_of(const json_t *value)
{
	return json_is_string(value)
	    ? slice_of(json_string_value(value), json_string_length(value))
	    : slice_of("", 0);
}

/* add_dda - add a domain defined attribute */
static void
add_dda(struct name_text *t, const json_t *dda)
{
	struct slice value = string_of(json_object_get(dda, "value"));

	add_octets(t, slice_of("DDA:", 4), "");
	add_octets(t, string_of(json_object_get(dda, "type")), "=;");
	/* A second "=" would belong to the type; blanks before a value are
	 * ignored. */
	add_pair(t, value.len > 0 && value.data[0] == '=' ? "= " : "=", value);
}

/* add_lists - add organizational units, DDAs and the other attributes */
static void
add_lists(struct name_text *t, const json_t *object)
{
	const json_t *value;
	char label[32];
	size_t i;

	json_array_foreach(json_object_get(object, "ou"), i, value)
	{
		(void)snprintf(label, sizeof(label), "OU%zu=", i + 1);
		if (json_string_length(value) > 0)
			add_pair(t, label, string_of(value));
	}
	json_array_foreach(json_object_get(object, "dda"), i, value)
	{
		add_dda(t, value);
	}
	json_array_foreach(json_object_get(object, "other"), i, value)
	{
		add_octets(t, string_of(json_object_get(value, "type")), "");
		add_pair(t, "=", string_of(json_object_get(value, "value")));
	}
}

/* parse_text - parse a text; a fault is noted at the member */
static void
parse_text(struct json_reading *r, const char *member, struct slice text,
    struct or_address *address)
{
	struct diag diag = {0};
	int error;

	if (r->error != 0)
		return;
	error = or_address_parse(text, r->arena, address, &diag);
	if (error != 0)
		json_get_refuse(r, error, member, "%s", diag_text(&diag));
}

/* get_attributes - get the address that or_address says */
static void
get_attributes(
    struct json_reading *r, const json_t *object, struct or_address *address)
{
	struct name_text t = {.error = 0};

	buffer_init(&t.out, OR_ADDRESS_MAX);
	for (size_t i = 0; i < ATTRIBUTES; i++) {
		const json_t *value =
		    json_object_get(object, attributes[i].name);

		/* In the text an ADMD that is not there has to be said. */
		if (json_string_length(value) == 0 &&
		    attributes[i].attribute != OR_ADMD)
			continue;
		add_octets(&t,
		    slice_of_string(
			or_attribute_label(attributes[i].attribute)),
		    "");
		add_pair(&t, "=", string_of(value));
	}
	add_lists(&t, object);
	if (t.error != 0)
		json_get_refuse(
		    r, t.error, "or_address", "%s", error_strerror(t.error));
	parse_text(r, "or_address", buffer_slice(&t.out), address);
	buffer_fini(&t.out);
}

/* object_name_get - get the name that an object has */
void
object_name_get(struct json_reading *r, const json_t *object,
    const char *member, struct or_name *name)
{
	const json_t *text = json_object_get(object, member);
	const json_t *apart = json_object_get(object, "or_address");
	struct or_address other;

	*name = (struct or_name){.directory_name = {.len = 0}};
	if (text != NULL)
		parse_text(r, member, string_of(text), &name->address);
	if (apart != NULL)
		get_attributes(
		    r, apart, text != NULL ? &other : &name->address);
	if (r->error == 0 && text != NULL && apart != NULL &&
	    or_address_compare(&name->address, &other) != 0)
		json_get_refuse(r, ERR_VALUE, "or_address",
		    "not the address that \"%s\" says", member);
	name->directory_name =
	    object_element_get(r, object, "directory_name", BER_CTX(0));
}

/* object_name_get_ber - get a name as its whole ORName element */
struct slice
object_name_get_ber(struct json_reading *r, const json_t *object)
{
	struct slice octets = {.len = 0};
	struct ber_writer writer;
	struct or_name name;
	struct buffer out;
	int error;

	object_name_get(r, object, "address", &name);
	if (r->error != 0 ||
	    (name.address.encoded.len == 0 && name.directory_name.len == 0))
		return octets;
	buffer_init(&out, 2 * OR_ADDRESS_MAX + name.directory_name.len);
	ber_writer_init(&writer, &out);
	or_name_encode(&writer, OR_NAME_TAG, &name);
	if ((error = ber_finish(&writer)) == 0)
		error = arena_slice(r->arena, buffer_slice(&out), &octets);
	buffer_fini(&out);
	json_get_failed(r, error);
	return octets;
}

/* put_pair - put a type and its value behind a list */
static void
put_pair(
    struct json_put *put, json_t *list, struct slice type, struct slice value)
{
	json_t *pair = json_put_object(put, list, NULL);

	json_put_text(put, pair, "type", type);
	json_put_text(put, pair, "value", value);
}

/* take_pair - cut "label=value" from the front of a text whose values have
 * ";" doubled; value is written without that into room */
static struct slice
take_pair(struct slice *text, struct slice *value, uint8_t *room)
{
	size_t at = 0, len = 0;
	struct slice label;

	while (at < text->len && text->data[at] != '=')
		at++;
	label = slice_of(text->data, at);
	for (at++; at < text->len; at++) {
		if (text->data[at] == ';' &&
		    (++at == text->len || text->data[at] != ';'))
			break;
		room[len++] = text->data[at];
	}
	*value = slice_of(room, len);
	at = at < text->len ? at : text->len;
	*text = slice_of(text->data + at, text->len - at);
	return label;
}

/* put_others - put the extension attributes, labelled as in a text */
static void
put_others(
    struct json_put *put, json_t *object, const struct or_address *address)
{
	struct or_address others = {.extension = address->extension,
	    .extension_count = address->extension_count};
	struct slice text, type, value;
	json_t *list;
	uint8_t *room;
	char *formatted;

	if (address->extension_count == 0 || put->error != 0)
		return;
	formatted = or_address_format(&others, OR_STYLE_F401, put->arena);
	if (formatted == NULL) {
		put->error = arena_error(put->arena);
		return;
	}
	text = slice_of_string(formatted);
	if ((room = arena_alloc(put->arena, text.len + 1)) == NULL) {
		put->error = arena_error(put->arena);
		return;
	}
	list = json_put_array(put, object, "other");
	while (text.len > 0) {
		type = take_pair(&text, &value, room);
		put_pair(put, list, type, value);
	}
}

/* put_units - put the organizational units, most significant first */
static void
put_units(
    struct json_put *put, json_t *object, const struct or_address *address)
{
	json_t *list = NULL;
	unsigned last = 0;

	for (unsigned i = 0; i < UNITS; i++)
		if (address->attribute[OR_OU1 + i].len > 0)
			last = i + 1;
	/* A unit that is missing between others keeps its place. */
	for (unsigned i = 0; i < last; i++) {
		if (list == NULL)
			list = json_put_array(put, object, "ou");
		json_put_text(put, list, NULL, address->attribute[OR_OU1 + i]);
	}
}

/* put_attributes - put the attributes of an address apart */
static void
put_attributes(
    struct json_put *put, json_t *object, const struct or_address *address)
{
	json_t *apart = json_put_object(put, object, "or_address");
	json_t *list = NULL;

	for (size_t i = 0; i < ATTRIBUTES; i++) {
		struct slice value =
		    address->attribute[attributes[i].attribute];

		if (value.len > 0)
			json_put_text(put, apart, attributes[i].name, value);
	}
	put_units(put, apart, address);
	for (unsigned i = 0; i < address->dda_count; i++) {
		if (list == NULL)
			list = json_put_array(put, apart, "dda");
		put_pair(
		    put, list, address->dda[i].type, address->dda[i].value);
	}
	put_others(put, apart, address);
}

/* object_name_put - put a name into an object */
void
object_name_put(struct json_put *put, json_t *object, const char *member,
    const struct or_name *name, enum object_name_style style)
{
	char *text;

	if (put->error != 0)
		return;
	if (name->address.encoded.len > 0) {
		text = or_address_format(
		    &name->address, OR_STYLE_F401, put->arena);
		if (text == NULL) {
			put->error = arena_error(put->arena);
			return;
		}
		json_put_string(put, object, member, text);
		if (style == OBJECT_NAME_FULL)
			put_attributes(put, object, &name->address);
	}
	if (name->directory_name.len > 0)
		json_put_octets(
		    put, object, "directory_name", name->directory_name);
}

/* object_name_put_ber - put a name that is a whole ORName element */
void
object_name_put_ber(struct json_put *put, json_t *object, struct slice octets)
{
	struct ber_reader reader;
	struct ber_element el;
	struct or_name name;

	if (put->error != 0 || octets.len == 0)
		return;
	ber_reader_init(&reader, octets, NULL);
	if (ber_next(&reader, &el) > 0 &&
	    or_name_decode(&reader, &el, "name", put->arena, &name) == 0)
		object_name_put(
		    put, object, "address", &name, OBJECT_NAME_FULL);
}
