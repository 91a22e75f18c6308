/* SPDX-License-Identifier: ISC */
/*
 * strip.c - what stays here of an envelope that goes to a link
 */
#include "qmgr/queue/strip.h"

#include "ber/header.h"
#include "ber/writer.h"
#include "mhs/extension.h"

#define BILATERAL BER_CTX(1)

/* Octets that are looked at: of a header, and of an extension. */
#define LOOK_HEADER ((size_t)16)
#define LOOK_FIELD  ((size_t)32)

/* Where an element lies in the envelope. */
struct place {
	size_t start, end;
};

/* The parts of an envelope that are left out. */
struct cut {
	struct place bilateral; /* the element, empty: it stays */
	struct place list;     /* the extensions, empty: nothing of them goes */
	struct place contents; /* of the list */
	struct place trace;    /* within the list: the field that goes */
	uint32_t list_tag;
};

/* strip_of - tell what a link is not to get */
uint32_t
strip_of(const struct link_policy *policy)
{
	return (policy->strips_internal_trace ? STRIP_INTERNAL_TRACE : 0) |
	    (policy->strips_bilateral ? STRIP_BILATERAL : 0);
}

/* An envelope that is looked at in parts. */
struct look {
	size_t length;
	strip_get_fn *get;
	void *arg;
};

/* An element of it. */
struct element {
	uint32_t tag;
	struct place whole, contents;
};

/* next_element - look at the element that begins at an offset, before the end
 * of what it lies in */
static int
next_element(const struct look *look, size_t at, size_t end, struct element *el)
{
	size_t left = end - at;
	struct ber_header header;
	struct slice octets;
	const char *why;
	int error = look->get(
	    look->arg, at, left < LOOK_HEADER ? left : LOOK_HEADER, &octets);

	if (error != 0)
		return error;
	if (ber_header_parse(octets, &header, &why) != 1 ||
	    header.length > left - header.len)
		return ERR_CORRUPT;
	el->tag = header.tag;
	el->contents.start = at + header.len;
	el->contents.end = el->contents.start + (size_t)header.length;
	el->whole = (struct place){at, el->contents.end};
	return 0;
}

/* is_internal_trace - tell whether an ExtensionField begins as the internal
 * trace does: its type is [0] INTEGER, or [0] around one where tags are
 * explicit */
static bool
is_internal_trace(struct slice begin)
{
	struct ber_reader reader, type;
	struct ber_element el;

	/* An element that cannot be read is not the trace; the decoder proper
	 * says what is wrong with it. */
	ber_reader_init(&reader, begin, NULL);
	if (ber_next(&reader, &el) <= 0 || el.tag != BER_CTX(0))
		return false;
	if (el.constructed &&
	    (ber_enter(&reader, &el, &type) != 0 || ber_next(&type, &el) <= 0))
		return false;
	return el.contents.len == 1 &&
	    el.contents.data[0] == EXTENSION_INTERNAL_TRACE;
}

/*
 * find_trace - find the internal trace among the extensions
 *
 * Fields are looked at in the encoded form: decoding and encoding again could
 * change octets that are to pass unchanged.
 */
static int
find_trace(const struct look *look, const struct element *list, struct cut *cut)
{
	size_t at = list->contents.start;

	while (at < list->contents.end) {
		struct element field;
		struct slice begin;
		size_t len;
		int error = next_element(look, at, list->contents.end, &field);

		if (error != 0)
			return error;
		len = field.contents.end - field.contents.start;
		error = look->get(look->arg, field.contents.start,
		    len < LOOK_FIELD ? len : LOOK_FIELD, &begin);
		if (error != 0)
			return error;
		at = field.whole.end;
		if (!is_internal_trace(begin))
			continue;
		cut->list = list->whole;
		cut->contents = list->contents;
		cut->trace = field.whole;
		cut->list_tag = list->tag;
		return 0;
	}
	return 0;
}

/* find_cut - find what is to be left out, and the contents of the envelope */
static int
find_cut(const struct look *look, enum mts_kind kind, uint32_t strip,
    struct cut *cut, struct place *contents)
{
	/* The extensions of a report envelope have another tag (X.411, Report-
	 * and MessageTransferEnvelope). */
	uint32_t extensions = kind == MTS_REPORT ? BER_CTX(1) : BER_CTX(3);
	struct element el;
	size_t at;
	int error = next_element(look, 0, look->length, &el);

	if (error != 0)
		return error;
	*contents = el.contents;
	for (at = contents->start; at < contents->end; at = el.whole.end) {
		error = next_element(look, at, contents->end, &el);
		if (error != 0)
			return error;
		if ((strip & STRIP_BILATERAL) != 0 && kind != MTS_REPORT &&
		    el.tag == BILATERAL)
			/* Reports carry no bilateral information. */
			cut->bilateral = el.whole;
		if ((strip & STRIP_INTERNAL_TRACE) == 0 || el.tag != extensions)
			continue;
		error = find_trace(look, &el, cut);
		if (error != 0)
			return error;
	}
	return 0;
}

/* length_of - count the octets of a place */
static size_t
length_of(struct place place)
{
	return place.end - place.start;
}

/* add_range - plan a range of what is stored, behind a header or none */
static struct strip_piece *
add_range(struct strip_plan *plan, size_t start, size_t end)
{
	struct strip_piece *piece = &plan->pieces[plan->count++];

	*piece = (struct strip_piece){.offset = start, .len = end - start};
	plan->length += piece->len;
	return piece;
}

/* put_header - write the header of an element into a piece */
static int
put_header(struct strip_plan *plan, struct strip_piece *piece, uint32_t tag,
    uint64_t length)
{
	struct ber_writer writer;
	struct buffer header;
	int error;

	buffer_init(&header, sizeof(piece->header));
	ber_writer_init(&writer, &header);
	ber_put_header(&writer, tag, BER_CONSTRUCTED, length);
	error = ber_finish(&writer);
	if (error == 0) {
		piece->header_len = buffer_length(&header);
		memcpy(piece->header, buffer_slice(&header).data,
		    piece->header_len);
		plan->length += piece->header_len;
	}
	buffer_fini(&header);
	return error;
}

/* plan_list - plan the extensions without the trace; nothing if it was the
 * only one */
static int
plan_list(struct strip_plan *plan, const struct cut *cut)
{
	size_t left = length_of(cut->contents) - length_of(cut->trace);
	struct strip_piece *piece;

	/* An empty list of extensions may not stand in the envelope, so it is
	 * left out as a whole. */
	if (left == 0)
		return 0;
	/* Octets before and behind the trace, under a header with the new
	 * length. */
	piece = add_range(plan, cut->contents.start, cut->trace.start);
	add_range(plan, cut->trace.end, cut->contents.end);
	return put_header(plan, piece, cut->list_tag, left);
}

/* strip_plan_large - plan what is sent of an envelope that is got in parts */
int
strip_plan_large(enum mts_kind kind, size_t length, uint32_t strip,
    strip_get_fn *get, void *arg, struct strip_plan *plan)
{
	const struct look look = {length, get, arg};
	struct cut cut = {.list_tag = 0};
	struct place all;
	size_t at;
	int error = find_cut(&look, kind, strip, &cut, &all);

	if (error != 0)
		return error;
	*plan = (struct strip_plan){.count = 1};
	at = all.start;
	/* Tags stand in their order: bilateral information comes first. */
	if (length_of(cut.bilateral) > 0) {
		add_range(plan, at, cut.bilateral.start);
		at = cut.bilateral.end;
	}
	if (length_of(cut.list) > 0) {
		/* Elements out of order can only come from a damaged record: a
		 * negative range would follow. */
		if (cut.list.start < at)
			return ERR_CORRUPT;
		add_range(plan, at, cut.list.start);
		if ((error = plan_list(plan, &cut)) != 0)
			return error;
		at = cut.list.end;
	}
	add_range(plan, at, all.end);
	/* The first piece was kept for the set's own header, whose length is
	 * known only now. */
	return put_header(
	    plan, &plan->pieces[0], BER_UNI(BER_SET), plan->length);
}

/* get_here - get octets of an envelope that is in memory */
static int
get_here(void *arg, size_t offset, size_t len, struct slice *octets)
{
	const struct slice *envelope = arg;

	*octets = slice_of(envelope->data + offset, len);
	return 0;
}

/* strip_plan - plan what is sent of an envelope */
int
strip_plan(enum mts_kind kind, struct slice envelope, uint32_t strip,
    struct strip_plan *plan)
{
	return strip_plan_large(
	    kind, envelope.len, strip, get_here, &envelope, plan);
}

/* strip_read - read octets of the envelope as it is sent */
int
strip_read(const struct strip_plan *plan, uint64_t offset, size_t len,
    struct buffer *out, strip_read_fn *read, void *arg)
{
	int error = 0;

	for (size_t i = 0; i < plan->count && len > 0 && error == 0; i++) {
		const struct strip_piece *piece = &plan->pieces[i];
		size_t part;

		/* Pieces are skipped until offset lies within one; then
		 * everything is read from its start. */
		if (offset < piece->header_len) {
			part = piece->header_len - (size_t)offset;
			part = part < len ? part : len;
			error = buffer_append(
			    out, piece->header + (size_t)offset, part);
			len -= part;
			offset = 0;
		} else {
			offset -= piece->header_len;
		}
		part = piece->len > offset ? piece->len - (size_t)offset : 0;
		part = part < len ? part : len;
		if (error == 0 && part > 0)
			error = read(arg, piece->offset + (size_t)offset, part);
		/* The next piece begins at its own start once anything was read
		 * of this one. */
		offset = part > 0 ? 0 : offset - piece->len;
		len -= part;
	}
	return error;
}
