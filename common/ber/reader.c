/* SPDX-License-Identifier: ISC */
/*
 * reader.c - read BER that is whole in memory
 *
 * The elements within a definite length are not looked at until they are
 * entered.  The end of an indefinite length is found by walking over what is
 * inside, once for each level of indefinite lengths entered: at most
 * BER_DEPTH_MAX times.
 */
#include <stdarg.h>
#include <stdio.h>

#include "ber/header.h"
#include "ber/reader.h"

#define TEXT_MAX 200

/* ber_reader_init - read the elements of octets; diag may be NULL */
void
ber_reader_init(
    struct ber_reader *reader, struct slice octets, struct diag *diag)
{
	*reader = (struct ber_reader){.rest = octets, .diag = diag};
}

/* reader_error - note what is wrong at, octets into the rest, and return
 * code */
static int
reader_error(
    const struct ber_reader *reader, size_t at, int code, const char *why)
{
	return diag_set(
	    reader->diag, code, "at offset %zu: %s", reader->offset + at, why);
}

/*
 * ended - return the error of octets that end too early
 *
 * Outermost more may be to come; within a definite length it is a lie.
 */
static int
ended(const struct ber_reader *reader, size_t at)
{
	if (reader->depth == 0)
		return reader_error(
		    reader, at, ERR_TRUNCATED, "ended too early");
	return reader_error(
	    reader, at, ERR_SYNTAX, "reaches beyond the element around it");
}

/* find_end - find the contents after header end at *end, before end-of-
 * contents */
static int
find_end(const struct ber_reader *reader, size_t at, size_t *end)
{
	struct slice rest = reader->rest;
	struct ber_header header;
	const char *why = "";
	unsigned open = 1;
	int n;

	for (;;) {
		n = ber_header_parse(
		    slice_of(rest.data + at, rest.len - at), &header, &why);
		if (n < 0)
			return reader_error(reader, at, n, why);
		if (n == 0)
			return ended(reader, at);
		if (header.tag == 0) {
			if (--open == 0)
				break;
			at += header.len;
			continue;
		}
		if (reader->depth + open >= BER_DEPTH_MAX)
			return reader_error(
			    reader, at, ERR_LIMIT, "nested too deep");
		at += header.len;
		if (header.length == BER_INDEFINITE)
			open++;
		else if (header.length > rest.len - at)
			return ended(reader, at);
		else
			at += (size_t)header.length;
	}
	*end = at;
	return 0;
}

/* ber_next - read the next element */
int
ber_next(struct ber_reader *reader, struct ber_element *el)
{
	struct slice rest = reader->rest;
	struct ber_header header;
	const char *why = "";
	size_t end = 0, len;
	int n;

	if (rest.len == 0)
		return 0;
	if (reader->depth >= BER_DEPTH_MAX)
		return reader_error(reader, 0, ERR_LIMIT, "nested too deep");
	n = ber_header_parse(rest, &header, &why);
	if (n < 0)
		return reader_error(reader, 0, n, why);
	if (n == 0)
		return ended(reader, 0);
	if (header.tag == 0)
		return reader_error(
		    reader, 0, ERR_SYNTAX, "end-of-contents without beginning");
	if (header.length == BER_INDEFINITE) {
		n = find_end(reader, header.len, &end);
		if (n != 0)
			return n;
		len = end + 2;
	} else {
		if (header.length > rest.len - header.len)
			return ended(reader, header.len);
		len = end = header.len + (size_t)header.length;
	}
	el->tag = header.tag;
	el->constructed = header.constructed;
	el->depth = reader->depth;
	el->offset = reader->offset;
	el->contents = slice_of(rest.data + header.len, end - header.len);
	el->whole = slice_of(rest.data, len);
	reader->rest = slice_of(rest.data + len, rest.len - len);
	reader->offset += len;
	return 1;
}

/* ber_peek - look at the tag of the next element */
int
ber_peek(const struct ber_reader *reader, uint32_t *tag)
{
	uint32_t got;
	bool constructed;
	int n;

	if (reader->rest.len == 0)
		return 0;
	n = ber_identifier_parse(reader->rest, &got, &constructed);
	if (n < 0)
		return reader_error(reader, 0, n, "malformed tag");
	if (n == 0)
		return ended(reader, 0);
	*tag = got;
	return 1;
}

/* ber_expect - read the next element, which must bear this tag */
int
ber_expect(struct ber_reader *reader, uint32_t tag, const char *name,
    struct ber_element *el)
{
	char want[BER_TAG_TEXT_MAX], have[BER_TAG_TEXT_MAX];
	uint32_t got = 0;
	int n;

	n = ber_peek(reader, &got);
	if (n < 0)
		return n;
	if (n == 0)
		return diag_set(reader->diag,
		    reader->depth == 0 ? ERR_TRUNCATED : ERR_SYNTAX,
		    "%s at offset %zu: missing", name, reader->offset);
	if (got != tag)
		return diag_set(reader->diag, ERR_SYNTAX,
		    "%s at offset %zu: expected %s, found %s", name,
		    reader->offset, ber_tag_format(tag, want),
		    ber_tag_format(got, have));
	n = ber_next(reader, el);
	return n < 0 ? n : 0;
}

/* ber_optional - read the next element if it bears this tag */
int
ber_optional(struct ber_reader *reader, uint32_t tag, struct ber_element *el)
{
	uint32_t got = 0;
	int n;

	n = ber_peek(reader, &got);
	if (n <= 0)
		return n;
	if (got != tag)
		return 0;
	return ber_next(reader, el);
}

/* ber_end - check that everything was read */
int
ber_end(struct ber_reader *reader, const char *name)
{
	if (reader->rest.len == 0)
		return 0;
	return diag_set(reader->diag, ERR_SYNTAX,
	    "%s at offset %zu: %zu octets too many", name, reader->offset,
	    reader->rest.len);
}

/* ber_enter - read the elements within a constructed element */
int
ber_enter(const struct ber_reader *reader, const struct ber_element *el,
    struct ber_reader *inner)
{
	if (!el->constructed)
		return diag_set(reader->diag, ERR_SYNTAX,
		    "at offset %zu: not constructed", el->offset);
	*inner = (struct ber_reader){
	    .rest = el->contents,
	    .offset = el->offset + (size_t)(el->contents.data - el->whole.data),
	    .depth = el->depth + 1,
	    .diag = reader->diag,
	};
	return 0;
}

/* ber_error - note "name at offset n: text" for el and return code */
int
ber_error(const struct ber_reader *reader, const struct ber_element *el,
    int code, const char *name, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	if (reader->diag == NULL)
		return code;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return diag_set(
	    reader->diag, code, "%s at offset %zu: %s", name, el->offset, text);
}
