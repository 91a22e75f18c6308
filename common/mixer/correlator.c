/* SPDX-License-Identifier: ISC */
/*
 * correlator.c - the ENVID of a message in its content correlator
 *
 * Contract in correlator.h.
 */
#include "mixer/correlator.h"

#include "ber/reader.h"
#include "ber/writer.h"
#include "mhs/charset.h"

#define WORDS	  "SMTP/NOTARY ENVID: "
#define WORDS_LEN (sizeof(WORDS) - 1)
#define TEXT_MAX  512 /* X.411, ub-content-correlator-length */

/* correlator_set - set the correlator to an ENVID */
int
correlator_set(
    struct extension_list *extensions, struct slice envid, struct arena *arena)
{
	struct ber_writer writer;
	struct slice value;
	struct buffer out;
	const char *text;
	int error;

	if (envid.len == 0 || envid.len + WORDS_LEN > TEXT_MAX ||
	    !charset_is_ascii(envid) || charset_has_control(envid))
		return 0;
	text = arena_printf(
	    arena, WORDS "%.*s", (int)envid.len, (const char *)envid.data);
	if (text == NULL)
		return arena_error(arena);
	buffer_init(&out, TEXT_MAX + 16);
	ber_writer_init(&writer, &out);
	ber_put(&writer, BER_UNI(BER_IA5_STRING), slice_of_string(text));
	error = ber_finish(&writer);
	if (error == 0)
		error = arena_slice(arena, buffer_slice(&out), &value);
	if (error == 0)
		error = extension_set(
		    extensions, arena, EXTENSION_CONTENT_CORRELATOR, 0, value);
	buffer_fini(&out);
	return error;
}

/* correlator_text - get a correlator that is text */
struct slice
correlator_text(const struct extension_list *extensions)
{
	const struct extension *extension =
	    extension_find(extensions, EXTENSION_CONTENT_CORRELATOR);
	struct ber_reader reader;
	struct ber_element el;

	if (extension == NULL)
		return slice_of(NULL, 0);
	ber_reader_init(&reader, extension->value, NULL);
	if (ber_next(&reader, &el) <= 0 || el.constructed ||
	    el.tag != BER_UNI(BER_IA5_STRING))
		return slice_of(NULL, 0);
	return el.contents;
}

/* correlator_get - get the ENVID that a correlator holds */
struct slice
correlator_get(const struct extension_list *extensions)
{
	struct slice text = correlator_text(extensions);

	if (text.len <= WORDS_LEN || memcmp(text.data, WORDS, WORDS_LEN) != 0)
		return slice_of(NULL, 0);
	return slice_of(text.data + WORDS_LEN, text.len - WORDS_LEN);
}
