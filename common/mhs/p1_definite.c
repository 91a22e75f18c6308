/* SPDX-License-Identifier: ISC */
/*
 * p1_definite.c - an element in definite, minimal lengths
 */
#include "ber/writer.h"
#include "mhs/p1_definite.h"

/* Definite lengths are shorter, but for those that were cut too short. */
#define GROWTH 64

/*
 * scan_header - tell whether the header at p is definite and minimal; where its
 * contents begin, and how long they are
 */
static bool
scan_header(const uint8_t *p, size_t left, size_t *header, size_t *length)
{
	size_t at = 1, count, i, len;

	/* Tags beyond 30 go on in further octets. */
	if ((p[0] & 0x1f) == 0x1f) {
		while (at < left && (p[at] & 0x80) != 0)
			at++;
		at++;
	}
	if (at >= left)
		return false;
	len = p[at++];
	if (len >= 0x80) {
		count = len & 0x7f;
		if (count == 0 || count > sizeof(len) || count > left - at)
			return false;
		for (i = 0, len = 0; i < count; i++)
			len = len << 8 | p[at + i];
		/* A length that could be shorter is rewritten as well, so that
		 * all elements compare by their octets. */
		if (len < 0x80 || len >> 8 * (count - 1) == 0)
			return false;
		at += count;
	}
	*header = at;
	*length = len;
	return true;
}

/* p1_is_definite - tell whether all lengths in these octets are */
bool
p1_is_definite(struct slice octets)
{
	size_t at = 0, header, length;

	/* Down into what is constructed, past what is primitive. */
	while (at < octets.len) {
		const uint8_t *p = octets.data + at;

		if (!scan_header(p, octets.len - at, &header, &length))
			return false;
		at += header;
		if ((p[0] & 0x20) != 0)
			continue;
		if (length > octets.len - at)
			return false;
		at += length;
	}
	return true;
}

/* has_header - tell whether the header of an element is definite and minimal */
static bool
has_header(const struct ber_element *el)
{
	return el->whole.len ==
	    ber_header_length(el->tag, el->contents.len) + el->contents.len;
}

/* p1_is_definite_but - tell whether all lengths within an element are, but for
 * what bears a tag */
bool
p1_is_definite_but(struct slice octets, uint32_t tag)
{
	struct ber_reader reader, inner;
	struct ber_element whole, el;
	bool definite;

	ber_reader_init(&reader, octets, NULL);
	definite = ber_next(&reader, &whole) == 1 && reader.rest.len == 0 &&
	    has_header(&whole) && ber_enter(&reader, &whole, &inner) == 0;
	while (definite && inner.rest.len > 0)
		definite = ber_next(&inner, &el) == 1 &&
		    (el.tag == tag ? has_header(&el)
				   : p1_is_definite(el.whole));
	return definite;
}

/* rewrite - write el with definite lengths, in the arena */
static int
rewrite(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct slice *octets)
{
	struct ber_writer writer;
	struct buffer buffer;
	int error;

	/* Definite lengths may take more octets than the two of an end. */
	buffer_init(&buffer, 2 * el->whole.len + GROWTH);
	ber_writer_init(&writer, &buffer);
	ber_put_element(&writer, el);
	error = ber_finish(&writer);
	if (error == 0)
		error = arena_slice(arena, buffer_slice(&buffer), octets);
	buffer_fini(&buffer);
	if (error != 0)
		return ber_error(reader, el, error, "element", "%s",
		    error == ERR_NOMEM || error == ERR_LIMIT
			? error_strerror(error)
			: "malformed within");
	return 0;
}

/* p1_definite - make the same element with definite lengths in *to */
int
p1_definite(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct ber_element *to)
{
	struct ber_reader again;
	struct ber_element got;
	struct slice octets;
	int n;

	/* Most peers send definite lengths, which cost no copy. */
	if (p1_is_definite(el->whole)) {
		*to = *el;
		return 0;
	}
	n = rewrite(reader, el, arena, &octets);
	if (n != 0)
		return n;
	again = (struct ber_reader){.rest = octets,
	    .offset = el->offset,
	    .depth = el->depth,
	    .diag = reader->diag};
	n = ber_next(&again, &got);
	if (n <= 0)
		return n < 0 ? n : ERR_SYNTAX;
	*to = got;
	return 0;
}

/* p1_keep - keep the whole element, definite, as a slice */
int
p1_keep(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct slice *whole)
{
	struct ber_element definite;
	int error;

	error = p1_definite(reader, el, arena, &definite);
	if (error == 0)
		*whole = definite.whole;
	return error;
}
