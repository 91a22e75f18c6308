/* SPDX-License-Identifier: ISC */
/*
 * json_place.c - where in a JSON text a value or an error stands
 *
 * Contract in json_place.h.
 */
#include "json/json_place.h"

/* Deeper than that no pointer is kept; nothing that is read is as deep. */
#define LEVELS 64

/* An object or array that the walk is in. */
struct level {
	bool array;
	bool named;    /* the name of the member at hand was seen */
	size_t item;   /* of an array */
	size_t length; /* of the pointer, without what is within */
};

struct walk {
	struct slice text;
	size_t at;
	struct level level[LEVELS];
	unsigned depth;
	size_t values;
	struct json_pointer pointer;
};

/* skip_blank - pass over white space */
static void
skip_blank(struct walk *w)
{
	while (w->at < w->text.len &&
	    memchr(" \t\r\n", w->text.data[w->at], 4) != NULL)
		w->at++;
}

/* take_string - pass over a string; what stands between its quotes */
static struct slice
take_string(struct walk *w)
{
	size_t begin = ++w->at;
	struct slice found;

	while (w->at < w->text.len && w->text.data[w->at] != '"')
		w->at += w->text.data[w->at] == '\\' ? 2 : 1;
	if (w->at > w->text.len)
		w->at = w->text.len;
	found = slice_of(w->text.data + begin, w->at - begin);
	if (w->at < w->text.len)
		w->at++;
	return found;
}

/* take_name - pass over the name of a member and its colon; false if there is
 * none */
static bool
take_name(struct walk *w)
{
	struct level *level = &w->level[w->depth - 1];

	if (level->array || level->named)
		return true;
	if (w->text.data[w->at] != '"')
		return false;
	/* Names with escapes are rare, and show as they are written. */
	(void)json_pointer_enter(&w->pointer, take_string(w));
	level->named = true;
	skip_blank(w);
	if (w->at < w->text.len && w->text.data[w->at] == ':')
		w->at++;
	return true;
}

/* open_level - go into an object or array; false: too deep */
static bool
open_level(struct walk *w, bool array)
{
	struct level *level = &w->level[w->depth];

	if (w->depth == LEVELS)
		return false;
	*level = (struct level){.array = array, .length = w->pointer.len};
	w->depth++;
	w->at++;
	if (array)
		(void)json_pointer_enter_item(&w->pointer, 0);
	return true;
}

/* next_member - go on to what follows a comma */
static void
next_member(struct walk *w)
{
	struct level *level = &w->level[w->depth - 1];

	w->at++;
	json_pointer_leave(&w->pointer, level->length);
	level->named = false;
	if (level->array)
		(void)json_pointer_enter_item(&w->pointer, ++level->item);
}

/* close_level - go out of an object or array */
static void
close_level(struct walk *w)
{
	w->at++;
	json_pointer_leave(&w->pointer, w->level[--w->depth].length);
}

/* take_scalar - pass over a string, a number or a word */
static void
take_scalar(struct walk *w)
{
	if (w->text.data[w->at] == '"') {
		(void)take_string(w);
		return;
	}
	while (w->at < w->text.len &&
	    memchr(" \t\r\n,]}", w->text.data[w->at], 7) == NULL)
		w->at++;
}

/* The thing at which the walk is. */
enum found {
	FOUND_END,
	FOUND_VALUE, /* a value begins; walk_into goes on */
	FOUND_OTHER  /* punctuation was passed over */
};

/* walk_next - go to the next value */
static enum found
walk_next(struct walk *w)
{
	uint8_t c;

	skip_blank(w);
	if (w->at >= w->text.len)
		return FOUND_END;
	c = w->text.data[w->at];
	if (w->depth == 0)
		return w->values == 0 ? FOUND_VALUE : FOUND_END;
	if (c == '}' || c == ']') {
		close_level(w);
		return FOUND_OTHER;
	}
	if (c == ',') {
		next_member(w);
		return FOUND_OTHER;
	}
	if (!take_name(w))
		return FOUND_END;
	skip_blank(w);
	return w->at < w->text.len ? FOUND_VALUE : FOUND_END;
}

/* walk_into - go on behind the beginning of a value; false: too deep */
static bool
walk_into(struct walk *w)
{
	uint8_t c = w->text.data[w->at];
	size_t before = w->at;

	w->values++;
	if (c == '{' || c == '[')
		return open_level(w, c == '[');
	take_scalar(w);
	/* A stray character is passed over, so that the walk ends. */
	if (w->at == before)
		w->at++;
	return true;
}

/* json_place_check - check the bounds of a text before it is parsed */
int
json_place_check(
    struct slice text, unsigned depth, size_t values, size_t *offset)
{
	struct walk w = {.text = text};
	enum found found;

	while ((found = walk_next(&w)) != FOUND_END) {
		if (found == FOUND_OTHER)
			continue;
		*offset = w.at;
		if (!walk_into(&w) || w.depth > depth || w.values > values)
			return ERR_LIMIT;
	}
	return 0;
}

/* json_place_pointer - find the pointer of the value or name at an offset */
void
json_place_pointer(
    struct slice text, size_t offset, struct json_pointer *pointer)
{
	struct walk w = {.text = text};
	enum found found;

	while (w.at < offset && (found = walk_next(&w)) != FOUND_END) {
		if (found == FOUND_VALUE && (w.at >= offset || !walk_into(&w)))
			break;
	}
	*pointer = w.pointer;
}

/* json_place_line - find the line in which the value at a pointer begins */
unsigned
json_place_line(struct slice text, const char *pointer)
{
	struct walk w = {.text = text};
	enum found found;
	unsigned line = 0;

	while ((found = walk_next(&w)) != FOUND_END) {
		if (found == FOUND_OTHER)
			continue;
		if (strcmp(w.pointer.text, pointer) == 0)
			line = json_place_line_of(text, w.at);
		if (!walk_into(&w))
			break;
	}
	return line;
}

/* json_place_line_of - count the line of an offset */
unsigned
json_place_line_of(struct slice text, size_t offset)
{
	unsigned line = 1;

	for (size_t i = 0; i < offset && i < text.len; i++)
		line += text.data[i] == '\n';
	return line;
}
