/* SPDX-License-Identifier: ISC */
/*
 * strip.c - what stays here of an envelope that goes to a link
 */
#include "qmgr/queue/strip.h"

#include "ber/reader.h"
#include "ber/writer.h"
#include "mhs/extension.h"

#define BILATERAL BER_CTX(1)

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

/* place_of - find where octets lie in an envelope */
static struct place
place_of(struct slice envelope, struct slice octets)
{
	/* Slices of a decoded element point into the envelope, so the
	 * difference is an offset. */
	size_t start = (size_t)(octets.data - envelope.data);

	return (struct place){start, start + octets.len};
}

/* is_internal_trace - tell whether an ExtensionField is the internal trace: its
 * type is [0] INTEGER, or [0] around one where tags are explicit */
static bool
is_internal_trace(
    const struct ber_reader *reader, const struct ber_element *field)
{
	struct ber_reader inner, type;
	struct ber_element el;

	/* An element that cannot be read is not the trace; the decoder proper
	 * says what is wrong with it. */
	if (ber_enter(reader, field, &inner) != 0 ||
	    ber_next(&inner, &el) <= 0 || el.tag != BER_CTX(0))
		return false;
	if (el.constructed &&
	    (ber_enter(&inner, &el, &type) != 0 || ber_next(&type, &el) <= 0))
		return false;
	return el.contents.len == 1 &&
	    el.contents.data[0] == EXTENSION_INTERNAL_TRACE;
}

/* find_trace - find the internal trace among the extensions */
static int
find_trace(const struct ber_reader *reader, const struct ber_element *list,
    struct slice envelope, struct cut *cut)
/* Fields are looked at in the encoded form: decoding and encoding again could
 * change octets that are to pass unchanged. */
{
	struct ber_reader inner;
	struct ber_element field;
	int n = ber_enter(reader, list, &inner);

	while (n == 0 && (n = ber_next(&inner, &field)) > 0) {
		n = 0;
		if (!is_internal_trace(&inner, &field))
			continue;
		cut->list = place_of(envelope, list->whole);
		cut->contents = place_of(envelope, list->contents);
		cut->trace = place_of(envelope, field.whole);
		cut->list_tag = list->tag;
		return 0;
	}
	return n;
}

/* find_cut - find what is to be left out, and the contents of the envelope */
static int
find_cut(enum mts_kind kind, struct slice envelope, uint32_t strip,
    struct cut *cut, struct slice *contents)
{
	/* The extensions of a report envelope have another tag (X.411, Report-
	 * and MessageTransferEnvelope). */
	uint32_t extensions = kind == MTS_REPORT ? BER_CTX(1) : BER_CTX(3);
	struct ber_reader reader, inner;
	struct ber_element set, el;
	int n;

	ber_reader_init(&reader, envelope, NULL);
	if (ber_next(&reader, &set) <= 0 ||
	    ber_enter(&reader, &set, &inner) != 0)
		return ERR_CORRUPT;
	*contents = set.contents;
	while ((n = ber_next(&inner, &el)) > 0) {
		if ((strip & STRIP_BILATERAL) != 0 && kind != MTS_REPORT &&
		    el.tag == BILATERAL)
			/* Reports carry no bilateral information. */
			cut->bilateral = place_of(envelope, el.whole);
		if ((strip & STRIP_INTERNAL_TRACE) != 0 &&
		    el.tag == extensions &&
		    find_trace(&inner, &el, envelope, cut) != 0)
			return ERR_CORRUPT;
	}
	return n == 0 ? 0 : ERR_CORRUPT;
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

/* strip_plan - plan what is sent of an envelope */
int
strip_plan(enum mts_kind kind, struct slice envelope, uint32_t strip,
    struct strip_plan *plan)
{
	struct cut cut = {.list_tag = 0};
	struct slice contents;
	struct place all;
	size_t at;
	int error = find_cut(kind, envelope, strip, &cut, &contents);

	if (error != 0)
		return error;
	*plan = (struct strip_plan){.count = 1};
	all = place_of(envelope, contents);
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
