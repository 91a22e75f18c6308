/* SPDX-License-Identifier: ISC */
/*
 * ipm_part.c - parameters of general text and file transfer bodies
 * (X.420 annex B.2 and B.13, ISO 8571-4)
 *
 * Contract in ipm_part.h.  Implementations disagree about the tagging within
 * file attributes, so a value is found by looking for a string or a number
 * below its attribute, not by one exact path.
 */
#include "ber/time.h"
#include "mhs/charset.h"
#include "mhs/ipm_part.h"

/* How deep a value may lie below its attribute. */
#define VALUE_DEPTH 4

/* open_value - find the value within the EXTERNAL of the parameters */
static bool
open_value(struct slice parameters, struct ber_reader *value)
{
	struct ber_reader reader, inner;
	struct ber_element el;

	ber_reader_init(&reader, parameters, NULL);
	if (ber_next(&reader, &el) <= 0 || !el.constructed ||
	    ber_enter(&reader, &el, &inner) < 0)
		return false;
	while (ber_next(&inner, &el) > 0) {
		if (el.tag == BER_CTX(0) && el.constructed)
			return ber_enter(&inner, &el, value) == 0;
	}
	return false;
}

/* ipm_part_sets - find the set of the right half of a general text */
enum ipm_set
ipm_part_sets(struct slice parameters, bool *whole)
{
	struct ber_reader value, inner;
	struct ber_element el;
	enum ipm_set set = IPM_SET_UNKNOWN;
	int64_t registration;

	*whole = true;
	/* Without parameters the text is what most senders mean by general
	 * text. */
	if (!open_value(parameters, &value) || ber_next(&value, &el) <= 0 ||
	    !el.constructed || ber_enter(&value, &el, &inner) < 0)
		return IPM_SET_LATIN1;
	while (ber_next(&inner, &el) > 0) {
		if (ber_get_integer(&inner, &el, "character-set", 1, 32767,
			&registration) == 0 &&
		    !ipm_set_known(registration, &set))
			*whole = false;
	}
	/* Many send ISO 8859-1 and announce ASCII or nothing. */
	return set == IPM_SET_UNKNOWN && *whole ? IPM_SET_LATIN1 : set;
}

/* last_primitive - find the last primitive element at or below el */
static bool
last_primitive(const struct ber_reader *reader, const struct ber_element *el,
    unsigned depth, struct ber_element *found)
{
	struct ber_reader inner;
	struct ber_element below;
	bool any = false;

	if (!el->constructed) {
		*found = *el;
		return true;
	}
	/* Bounded by depth, as a value may be nested by anybody. */
	if (depth == 0 || ber_enter(reader, el, &inner) < 0)
		return false;
	while (ber_next(&inner, &below) > 0) {
		if (last_primitive(&inner, &below, depth - 1, found))
			any = true;
	}
	return any;
}

struct gathered {
	struct buffer buffer;
};

/* gather - collect the characters of a file name */
static int
gather(void *arg, struct slice utf8)
{
	struct gathered *g = arg;

	return buffer_append(&g->buffer, utf8.data, utf8.len);
}

/* graphic - read a GraphicString as UTF-8 without controls */
static int
graphic(struct slice raw, struct arena *arena, struct slice *utf8)
{
	/* Names in plain UTF-8 occur, announced or not. */
	enum ipm_set set = charset_is_utf8(raw) ? IPM_SET_UTF8 : IPM_SET_LATIN1;
	struct gathered g;
	struct ipm_text text;
	int error;

	buffer_init(&g.buffer, 4 * IPM_TEXT_MAX);
	ipm_text_init(&text, set, IPM_ESCAPES_OBEYED);
	if ((error = ipm_text_push(&text, raw, gather, &g)) == 0 &&
	    (error = ipm_text_finish(&text, gather, &g)) == 0 &&
	    (error = charset_no_controls(
		 buffer_slice(&g.buffer), arena, utf8)) == 0)
		error = arena_slice(arena, *utf8, utf8);
	ipm_text_fini(&text);
	buffer_fini(&g.buffer);
	return error;
}

/* get_attribute - read one of the file attributes that we understand */
static int
get_attribute(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct ipm_part *part)
{
	struct ber_element value;
	int64_t number;

	/* An attribute that cannot be read costs the file its name or date, and
	 * nothing else. */
	if (!last_primitive(reader, el, VALUE_DEPTH, &value) ||
	    value.contents.len > IPM_TEXT_MAX)
		return 0;
	switch (el->tag) {
	case BER_CTX(0):
	case BER_CTX(23):
		/* X.420: [0] is the incomplete pathname, [23] the complete
		 * one. */
		return graphic(value.contents, arena, &part->filename);
	case BER_CTX(4):
		(void)!generalized_time_parse(value.contents, &part->created);
		return 0;
	case BER_CTX(5):
		if (generalized_time_parse(value.contents, &number) == 0)
			part->modified = number;
		return 0;
	case BER_CTX(6):
		(void)!generalized_time_parse(value.contents, &part->read);
		return 0;
	case BER_CTX(13):
		if (ber_get_integer(reader, &value, "object-size", 0, INT64_MAX,
			&number) == 0)
			part->size = number;
		return 0;
	default:
		return 0;
	}
}

/* get_description - read the first user-visible-string [3] of an environment */
static int
get_description(
    struct slice environment, struct arena *arena, struct ipm_part *part)
{
	struct ber_reader fields, strings;
	struct ber_element el;

	ber_reader_init(&fields, environment, NULL);
	while (ber_next(&fields, &el) > 0) {
		if (el.tag == BER_CTX(3) && el.constructed &&
		    ber_enter(&fields, &el, &strings) == 0 &&
		    ber_next(&strings, &el) > 0 && !el.constructed &&
		    el.contents.len <= IPM_TEXT_MAX)
			return graphic(el.contents, arena, &part->description);
	}
	return 0;
}

/* ipm_part_is_compressed - tell whether a file is compressed */
bool
ipm_part_is_compressed(struct slice parameters)
{
	struct ber_reader value, fields;
	struct ber_element el;

	if (!open_value(parameters, &value) || ber_next(&value, &el) <= 0 ||
	    !el.constructed || ber_enter(&value, &el, &fields) < 0)
		return false;
	while (ber_next(&fields, &el) > 0)
		if (el.tag == BER_CTX(3))
			return true;
	return false;
}

/* ipm_part_file - name, size and date of a file */
int
ipm_part_file(
    struct slice parameters, struct arena *arena, struct ipm_part *part)
{
	struct ber_reader value, fields, attributes;
	struct ber_element el;
	int error;

	part->size = -1;
	part->modified = IPM_NO_TIME;
	if (!open_value(parameters, &value) || ber_next(&value, &el) <= 0 ||
	    !el.constructed || ber_enter(&value, &el, &fields) < 0)
		return 0;
	/* Other parameters tell how the file was stored. */
	while (ber_next(&fields, &el) > 0) {
		if (el.tag == BER_CTX(2) && el.constructed &&
		    (error = get_description(el.contents, arena, part)) < 0)
			return error;
		if (el.tag != BER_CTX(4) || !el.constructed ||
		    ber_enter(&fields, &el, &attributes) < 0)
			continue;
		while (ber_next(&attributes, &el) > 0) {
			if ((error = get_attribute(
				 &attributes, &el, arena, part)) < 0)
				return error;
		}
		break;
	}
	return 0;
}
