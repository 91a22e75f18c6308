/* SPDX-License-Identifier: ISC */
/*
 * object_element.c - members that hold one BER element in base64
 *
 * Contract in object_element.h.
 */
#include "json/object_element.h"

#include "ber/writer.h"

/* write_definite - write an element with definite lengths into the arena */
static int
write_definite(
    const struct ber_element *el, struct arena *arena, struct slice *octets)
{
	struct ber_writer writer;
	struct buffer out;
	int error;

	/* Minimal lengths are never longer than those that came. */
	buffer_init(&out, el->whole.len + 16);
	ber_writer_init(&writer, &out);
	ber_put_element(&writer, el);
	if ((error = ber_finish(&writer)) == 0)
		error = arena_slice(arena, buffer_slice(&out), octets);
	buffer_fini(&out);
	return error;
}

/* object_element_get - get the element of a member */
struct slice
object_element_get(struct json_reading *r, const json_t *object,
    const char *name, uint32_t tag)
{
	struct slice octets = json_get_octets(r, object, name);
	struct ber_reader reader;
	struct ber_element el;
	struct diag diag = {0};
	int error;

	if (r->error != 0 || json_object_get(object, name) == NULL)
		return (struct slice){.len = 0};
	ber_reader_init(&reader, octets, &diag);
	error = ber_next(&reader, &el);
	if (error == 1)
		error = ber_end(&reader, name);
	else if (error == 0)
		error = ERR_SYNTAX;
	if (error == 0 && tag != OBJECT_ANY_TAG && el.tag != tag)
		error = diag_set(&diag, ERR_VALUE, "an element of another tag");
	if (error == 0)
		error = write_definite(&el, r->arena, &octets);
	if (error == 0)
		return octets;
	/* An element that is cut is a value as wrong as any. */
	if (error == ERR_TRUNCATED)
		error = ERR_VALUE;
	json_get_refuse(r, error, name, "no BER element: %s",
	    diag.code != 0 ? diag_text(&diag) : error_strerror(error));
	return (struct slice){.len = 0};
}
