/* SPDX-License-Identifier: ISC */
/*
 * object_told.c - members that stand for extensions of a message or probe
 *
 * Contract in object_told.h.
 */
#include "json/object_told.h"

#include "ber/time.h"
#include "json/object_extension.h"
#include "json/object_shape.h"
#include "mhs/charset.h"

/* Flags that are extensions of value 1 (X.411 8.2.1.1.1.2, .10 and .15). */
static const struct {
	enum object_flag flag;
	int number;
} flag_extensions[] = {
    {OBJECT_FLAG_NO_REASSIGNMENT, EXTENSION_RECIPIENT_REASSIGNMENT_PROHIBITED},
    {OBJECT_FLAG_NO_EXPANSION, EXTENSION_DL_EXPANSION_PROHIBITED},
    {OBJECT_FLAG_NO_LOSS, EXTENSION_CONVERSION_WITH_LOSS_PROHIBITED}};

#define FLAG_EXTENSIONS (sizeof(flag_extensions) / sizeof(flag_extensions[0]))

/* Bits of per-message-indicators that have a flag. */
#define INDICATOR_FLAGS                                                    \
	(P1_DISCLOSURE_OF_RECIPIENTS | P1_IMPLICIT_CONVERSION_PROHIBITED | \
	    P1_ALTERNATE_RECIPIENT_ALLOWED | P1_CONTENT_RETURN_REQUEST)

/* read_correlator - find the text or the octets of a content correlator */
static void
read_correlator(
    const struct extension_list *extensions, struct object_told *told)
{
	const struct extension *extension =
	    extension_find(extensions, EXTENSION_CONTENT_CORRELATOR);
	struct ber_reader reader;
	struct ber_element el;

	if (extension == NULL)
		return;
	ber_reader_init(&reader, extension->value, NULL);
	if (ber_next(&reader, &el) <= 0 || el.constructed)
		return;
	if (el.tag == BER_UNI(BER_IA5_STRING) &&
	    charset_is_ascii(el.contents) && el.contents.len <= 512)
		told->correlator = el.contents;
	else if (el.tag == BER_UNI(BER_OCTET_STRING))
		told->correlator_octets = el.contents;
}

/* object_told_of - find what the members say of an envelope */
void
object_told_of(const struct p1_envelope *envelope, struct object_told *told)
{
	*told = (struct object_told){
	    .flags = envelope->indicators & INDICATOR_FLAGS,
	    .latest = p1_latest_delivery_time(envelope)};
	for (size_t i = 0; i < FLAG_EXTENSIONS; i++)
		if (extension_number_is(
			&envelope->extensions, flag_extensions[i].number, 1))
			told->flags |= BER_BIT(flag_extensions[i].flag);
	read_correlator(&envelope->extensions, told);
}

/* object_told_get - read the members */
void
object_told_get(
    struct json_reading *r, const json_t *object, struct object_told *told)
{
	told->flags = json_get_words(object, "flags", object_flags);
	told->latest = json_get_integer(object, "latest", P1_NO_TIME);
	told->correlator = json_get_text(r, object, "correlator");
	told->correlator_octets =
	    json_get_octets(r, object, "correlator_octets");
	if (!charset_is_ascii(told->correlator))
		json_get_refuse(
		    r, ERR_VALUE, "correlator", "a character beyond ASCII");
	if (told->correlator.len > 0 && told->correlator_octets.len > 0)
		json_get_refuse(r, ERR_VALUE, "correlator_octets",
		    "\"correlator\" is given too");
}

/* object_told_put - put the members */
void
object_told_put(
    struct json_put *put, json_t *object, const struct object_told *told)
{
	json_put_words(put, object, "flags", told->flags, object_flags);
	if (told->latest != P1_NO_TIME)
		json_put_integer(put, object, "latest", told->latest);
	if (told->correlator.len > 0)
		json_put_text(put, object, "correlator", told->correlator);
	if (told->correlator_octets.len > 0)
		json_put_octets(
		    put, object, "correlator_octets", told->correlator_octets);
}

/* set_correlator - set the correlator to a string of this type */
static int
set_correlator(struct extension_list *extensions, struct arena *arena,
    uint32_t type, struct slice text)
{
	struct ber_writer writer;
	struct slice value = {0};
	struct buffer out;
	int error;

	buffer_init(&out, text.len + 16);
	ber_writer_init(&writer, &out);
	ber_put(&writer, BER_UNI(type), text);
	if ((error = ber_finish(&writer)) == 0)
		error = arena_slice(arena, buffer_slice(&out), &value);
	buffer_fini(&out);
	return error != 0 ? error
			  : extension_set(extensions, arena,
				EXTENSION_CONTENT_CORRELATOR, 0, value);
}

/* object_told_set - set the extensions that the members stand for */
int
object_told_set(const struct object_told *told, struct arena *arena,
    struct extension_list *extensions)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < FLAG_EXTENSIONS; i++)
		if ((told->flags & BER_BIT(flag_extensions[i].flag)) != 0)
			error = object_extension_set_number(extensions, arena,
			    flag_extensions[i].number, CRITICAL_FOR_DELIVERY,
			    1);
	if (error == 0 && told->latest != P1_NO_TIME)
		error = p1_set_latest_delivery_time(
		    extensions, arena, told->latest);
	if (error == 0 && told->correlator.len > 0)
		error = set_correlator(
		    extensions, arena, BER_IA5_STRING, told->correlator);
	if (error == 0 && told->correlator_octets.len > 0)
		error = set_correlator(extensions, arena, BER_OCTET_STRING,
		    told->correlator_octets);
	return error;
}
