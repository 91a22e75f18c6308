/* SPDX-License-Identifier: ISC */
/*
 * content_record.c - records of contents as BER: objects, those that came in
 * part, and those to be reaped
 *
 * See queue.asn.
 */
#include "store/record.h"
#include "store/state.h"

/* The tag of the source in a PartialContent. */
#define PARTIAL_SOURCE 10

/* record_source - read the source of an object */
static int
record_source(struct ber_reader *inner, unsigned tag, uint32_t *source)
{
	/* Nobody is the default, as records of older releases say no source. */
	uint64_t number = STORE_SOURCE_NOBODY;
	uint32_t next;
	int rc = ber_peek(inner, &next);

	if (rc == 1 && next == BER_CTX(tag))
		rc = record_number(
		    inner, tag, "source", STORE_SOURCE_NOBODY, &number);
	if (rc < 0)
		return rc;
	*source = (uint32_t)number;
	return 0;
}

/* record_put_source - write the source of an object, if it has one */
static void
record_put_source(struct ber_writer *writer, unsigned tag, uint32_t source)
{
	/* Records of a source that nobody has stay as older releases wrote
	 * them. */
	if (source != STORE_SOURCE_NOBODY)
		record_put_number(writer, tag, source);
}

/* object_decode - decode the record of a content object */
int
object_decode(
    struct slice value, struct object_record *object, struct diag *diag)
{
	struct object_record o = {.source = STORE_SOURCE_NOBODY};
	struct ber_reader inner;
	int rc = record_open(value, "content object", &inner, diag);

	if (rc == 0)
		rc = record_number(
		    &inner, 0, "length", RECORD_NUMBER_MAX, &o.length);
	if (rc == 0)
		rc = record_number(
		    &inner, 1, "references", RECORD_NUMBER_MAX, &o.references);
	if (rc == 0)
		rc = record_source(&inner, 2, &o.source);
	if (rc != 0)
		return record_error(rc);
	*object = o;
	return 0;
}

/* object_encode - write the record of a content object */
int
object_encode(const struct object_record *object, struct buffer *out)
{
	struct ber_writer w;

	record_begin(&w, out);
	record_put_number(&w, 0, object->length);
	record_put_number(&w, 1, object->references);
	record_put_source(&w, 2, object->source);
	ber_end_element(&w);
	return ber_finish(&w);
}

/* partial_encode - encode the record of a content with a mark */
int
partial_encode(const struct store_partial *partial, struct buffer *out)
{
	struct ber_writer w;

	record_begin(&w, out);
	record_put_number(&w, 0, partial->session);
	record_put_number(&w, 1, partial->activity);
	record_put_number(&w, 2, partial->old_session);
	record_put_number(&w, 3, partial->old_activity);
	record_put_number(&w, 4, partial->link);
	record_put_number(&w, 5, (uint64_t)partial->kind);
	record_put_number(&w, 6, (uint64_t)partial->time);
	record_put_number(&w, 7, partial->offset);
	ber_put(&w, BER_CTX(8), partial->envelope);
	ber_put(&w, BER_CTX(9), partial->state);
	record_put_source(&w, PARTIAL_SOURCE, partial->source);
	ber_end_element(&w);
	return ber_finish(&w);
}

/* get_mark - decode the elements of a mark */
static int
get_mark(struct ber_reader *in, struct store_partial *p)
{
	uint64_t link = 0, kind = 0, time = 0;
	int rc;

	rc = record_number(in, 0, "session", RECORD_NUMBER_MAX, &p->session);
	if (rc == 0)
		rc = record_number(
		    in, 1, "activity", RECORD_NUMBER_MAX, &p->activity);
	if (rc == 0)
		rc = record_number(
		    in, 2, "old-session", RECORD_NUMBER_MAX, &p->old_session);
	if (rc == 0)
		rc = record_number(
		    in, 3, "old-activity", RECORD_NUMBER_MAX, &p->old_activity);
	if (rc == 0)
		rc = record_number(in, 4, "link", UINT32_MAX, &link);
	if (rc == 0)
		rc = record_number(in, 5, "kind", MTS_REPORT, &kind);
	if (rc == 0)
		rc = record_number(in, 6, "time", RECORD_NUMBER_MAX, &time);
	if (rc == 0)
		rc = record_number(
		    in, 7, "offset", RECORD_NUMBER_MAX, &p->offset);
	if (rc == 0)
		rc = record_octets(
		    in, 8, "envelope", 1, STORE_MARK_MAX, &p->envelope);
	if (rc == 0)
		rc =
		    record_octets(in, 9, "state", 1, STORE_MARK_MAX, &p->state);
	/* Read or not, the caller uses none of it after an error. */
	p->link = (uint32_t)link;
	p->kind = (enum mts_kind)kind;
	p->time = (int64_t)time;
	return rc;
}

/* has_mark - tell whether the next element is the first of a mark */
static bool
has_mark(const struct ber_reader *in)
{
	uint32_t tag;

	/* The elements of a mark come first, so whatever is not the source must
	 * be one. */
	return in->rest.len != 0 &&
	    (ber_peek(in, &tag) != 1 || tag != BER_CTX(PARTIAL_SOURCE));
}

/* partial_decode - decode the record of a partial content: 1 if it has a
 * mark */
int
partial_decode(
    struct slice value, struct store_partial *partial, struct diag *diag)
{
	struct store_partial p = {.content = partial->content};
	struct ber_reader in;
	int rc = record_open(value, "partial content", &in, diag);

	bool marked = rc == 0 && has_mark(&in);

	if (rc == 0 && marked)
		rc = get_mark(&in, &p);
	if (rc == 0)
		rc = record_source(&in, PARTIAL_SOURCE, &p.source);
	/* An offset within the envelope would ask the peer for octets that are
	 * not stored apart. */
	if (rc == 0 && p.offset < p.envelope.len)
		rc = diag_set(diag, ERR_CORRUPT, "a mark within the envelope");
	if (rc != 0)
		return record_error(rc);
	/* Untouched on error, so that a caller's defaults stay. */
	*partial = p;
	return marked ? 1 : 0;
}

/* partial_encode_source - write the record of a content without a mark */
int
partial_encode_source(uint32_t source, struct buffer *out)
{
	struct ber_writer w;

	record_begin(&w, out);
	record_put_source(&w, PARTIAL_SOURCE, source);
	ber_end_element(&w);
	return ber_finish(&w);
}

/* reap_decode - read what an object that is to be reaped counts for whom */
int
reap_decode(
    struct slice value, uint32_t *source, uint64_t *octets, struct diag *diag)
{
	struct ber_reader inner;
	uint32_t s = STORE_SOURCE_NOBODY;
	uint64_t o = 0;
	int rc = 0;

	/* An entry of an older release is empty. */
	if (value.len != 0) {
		rc = record_open(value, "reaped content", &inner, diag);
		if (rc == 0)
			rc = record_source(&inner, 0, &s);
		if (rc == 0)
			rc = record_number(
			    &inner, 1, "octets", RECORD_NUMBER_MAX, &o);
	}
	if (rc != 0)
		return record_error(rc);
	*source = s;
	*octets = o;
	return 0;
}

/* reap_encode - write the record of an object that is to be reaped */
int
reap_encode(uint32_t source, uint64_t octets, struct buffer *out)
{
	struct ber_writer w;

	record_begin(&w, out);
	record_put_source(&w, 0, source);
	record_put_number(&w, 1, octets);
	ber_end_element(&w);
	return ber_finish(&w);
}
