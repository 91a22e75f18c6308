/* SPDX-License-Identifier: ISC */
/*
 * association_data.c - P-DATA that arrives: the octets of its RTTR
 *
 * One PDV list in RTSE's context that holds one OCTET STRING, primitive or
 * constructed, in any kind of length (X.226 8.4.2, X.228 9.5).  It is never
 * whole: each chunk of a DT goes through a stream reader.
 */
#include "osi/association_internal.h"

enum depth {
	DEPTH_USER,
	DEPTH_LIST,
	DEPTH_PART,
	DEPTH_RTTR
};

/* wrong - note why, for who called the stream */
static int
wrong(struct association_data *data, enum association_layer layer,
    const char *why)
{
	data->wrong = why;
	data->wrong_layer = layer;
	return ERR_SYNTAX;
}

/* begin_element - check that an element of P-DATA is in its place */
static int
begin_element(
    struct association_data *data, const struct ber_stream_event *event)
{
	switch (event->depth) {
	case DEPTH_USER:
		if (event->tag == BER_APP(1) && event->constructed &&
		    !data->value_begun)
			return 0;
		break;
	case DEPTH_LIST:
		if (event->tag == BER_UNI(BER_SEQUENCE) && event->constructed &&
		    !data->value_begun)
			return 0;
		break;
	case DEPTH_PART:
		if (!event->constructed &&
		    (event->tag == BER_UNI(BER_OID) ||
			event->tag == BER_UNI(BER_INTEGER)) &&
		    !data->value_begun)
			return 0;
		if (event->tag == BER_CTX(0) && event->constructed &&
		    !data->value_begun) {
			data->value_begun = true;
			return data->context_known
			    ? 0
			    : wrong(data, ASSOCIATION_LAYER_PRESENTATION,
				  "P-DATA without a context");
		}
		break;
	default:
		if (event->tag == BER_UNI(BER_OCTET_STRING) &&
		    (event->depth > DEPTH_RTTR || !data->value_ended))
			return 0;
		return wrong(data, ASSOCIATION_LAYER_RTSE,
		    "P-DATA holds something other than an RTTR");
	}
	return wrong(data, ASSOCIATION_LAYER_PRESENTATION,
	    "unexpected element in P-DATA");
}

/* add_context - add octets to the context identifier */
static int
add_context(struct association_data *data, struct slice octets)
{
	for (size_t i = 0; i < octets.len; i++) {
		/* Five octets hold any identifier; more are not read as a
		 * number. */
		if (data->context_len++ == 5)
			return wrong(data, ASSOCIATION_LAYER_PRESENTATION,
			    "context identifier too long");
		data->context = data->context << 8 | octets.data[i];
	}
	return 0;
}

/* add_octets - keep the first run of the RTTR as it lies, join what follows */
static int
add_octets(struct association_data *data, struct slice run)
{
	int error;

	if (run.len == 0)
		return 0;
	/* The first run is handed out where it lies; only a second one needs a
	 * copy. */
	if (data->run.len == 0) {
		data->run = run;
		return 0;
	}
	if (buffer_length(&data->join) == 0 &&
	    (error = buffer_append(
		 &data->join, data->run.data, data->run.len)) < 0)
		return error;
	return buffer_append(&data->join, run.data, run.len);
}

/* take_element - take an event of the stream reader */
static int
take_element(void *arg, const struct ber_stream_event *event)
{
	struct association *a = arg;
	struct association_data *data = &a->internal->data;

	switch (event->kind) {
	case STREAM_BEGIN:
		return begin_element(data, event);
	case STREAM_DATA:
		if (event->depth >= DEPTH_RTTR)
			return add_octets(data, event->raw);
		if (event->depth == DEPTH_PART &&
		    event->tag == BER_UNI(BER_INTEGER))
			return add_context(data, event->raw);
		return 0;
	case STREAM_END:
		if (event->depth == DEPTH_RTTR)
			data->value_ended = true;
		if (event->depth != DEPTH_PART ||
		    event->tag != BER_UNI(BER_INTEGER))
			return 0;
		/* The context comes before the value, so nothing is read in the
		 * wrong one. */
		if (data->context != a->internal->agreed.rtse_id)
			return wrong(data, ASSOCIATION_LAYER_PRESENTATION,
			    "P-DATA in another context than RTSE's");
		data->context_known = true;
		return 0;
	}
	return 0;
}

/*
 * association_data_push - read the octets of the RTTR in this chunk
 *
 * They borrow from the chunk or from the join buffer.
 */
int
association_data_push(struct association *a,
    const struct association_item *item, struct slice *out)
{
	struct association_internal *in = a->internal;
	struct association_data *data = &in->data;
	int error;

	if (association_is_x410(a)) {
		*out = item->data;
		return 0;
	}
	if (item->begin) {
		ber_stream_init(&data->stream, UINT64_MAX / 2, take_element, a);
		data->context = 0;
		data->context_len = 0;
		data->context_known = false;
		data->value_begun = data->value_ended = false;
	}
	data->run = slice_of(NULL, 0);
	data->wrong = NULL;
	buffer_reset(&data->join);
	diag_clear(&in->diag);
	error = ber_stream_push(&data->stream, item->data, &in->diag);
	if (error == ERR_NOMEM)
		return association_failed(a, error);
	if (error < 0)
		return association_violation(a,
		    data->wrong != NULL ? data->wrong_layer
					: ASSOCIATION_LAYER_PRESENTATION,
		    "%s: %s",
		    association_layer_name(data->wrong != NULL
			    ? data->wrong_layer
			    : ASSOCIATION_LAYER_PRESENTATION),
		    data->wrong != NULL ? data->wrong : diag_text(&in->diag));
	/* A TSDU that ends within the value has lost octets, whatever its
	 * lengths say. */
	if (item->end &&
	    (!data->value_ended || !ber_stream_complete(&data->stream)))
		return association_violation(a, ASSOCIATION_LAYER_PRESENTATION,
		    "presentation: P-DATA ends too early");
	*out = buffer_length(&data->join) > 0 ? buffer_slice(&data->join)
					      : data->run;
	return 0;
}
