/* SPDX-License-Identifier: ISC */
/*
 * stream.c - read BER as it arrives, in pieces of any size
 *
 * An element's end is kept as an offset into the stream; within an indefinite
 * length it is the end of the nearest definite length around it, so that no
 * octet is counted more than once however deep it lies.
 */
#include "ber/stream.h"

/* ber_stream_init - begin; at most max octets will be accepted */
void
ber_stream_init(struct ber_stream *stream, uint64_t max,
    ber_stream_callback callback, void *arg)
{
	/* Not the arrays: they are large and depth and header_len rule. */
	stream->callback = callback;
	stream->arg = arg;
	stream->total = 0;
	stream->max = max;
	stream->error = 0;
	stream->depth = 0;
	stream->header_len = 0;
}

/* ber_stream_complete - tell whether whole elements were read and none is
 * open */
bool
ber_stream_complete(const struct ber_stream *stream)
{
	return stream->error == 0 && stream->total != 0 && stream->depth == 0 &&
	    stream->header_len == 0;
}

/* stream_error - note what is wrong here and return code */
static int
stream_error(const struct ber_stream *stream, int code, const char *why,
    struct diag *diag)
{
	return diag_set(diag, code, "at offset %llu: %s",
	    (unsigned long long)(stream->total - stream->header_len), why);
}

/* end_limit - return the offset that the next octets must not reach beyond */
static uint64_t
end_limit(const struct ber_stream *stream)
{
	if (stream->depth == 0)
		return UINT64_MAX;
	return stream->open[stream->depth - 1].end;
}

/* stream_tell - call back about the element opened last; raw ends where we
 * are */
static int
stream_tell(struct ber_stream *stream, enum ber_stream_kind kind,
    struct slice raw, uint64_t length)
{
	struct ber_stream_event event = {
	    .kind = kind,
	    .tag = stream->open[stream->depth - 1].tag,
	    .constructed = stream->open[stream->depth - 1].constructed,
	    .depth = stream->depth - 1,
	    .length = length,
	    .raw = raw,
	    .offset = stream->total - raw.len,
	};

	return stream->callback(stream->arg, &event);
}

/* close_ended - end the elements of definite length that are complete */
static int
close_ended(struct ber_stream *stream, struct diag *diag)
{
	int error;

	while (stream->depth != 0 &&
	    !stream->open[stream->depth - 1].indefinite &&
	    stream->open[stream->depth - 1].end == stream->total) {
		error = stream_tell(stream, STREAM_END, slice_of(NULL, 0), 0);
		if (error != 0)
			return error;
		stream->depth--;
	}
	/* Open, and no room is left around it for its end-of-contents. */
	if (stream->depth != 0 && end_limit(stream) == stream->total)
		return stream_error(stream, ERR_SYNTAX,
		    "reaches beyond the element around it", diag);
	return 0;
}

/* end_indefinite - end-of-contents was read */
static int
end_indefinite(struct ber_stream *stream, struct slice raw, struct diag *diag)
{
	int error;

	if (stream->depth == 0 || !stream->open[stream->depth - 1].indefinite)
		return stream_error(stream, ERR_SYNTAX,
		    "end-of-contents without beginning", diag);
	error = stream_tell(stream, STREAM_END, raw, 0);
	if (error != 0)
		return error;
	stream->depth--;
	return 0;
}

/* begin_element - open an element whose header, raw, was read and counted */
static int
begin_element(struct ber_stream *stream, const struct ber_header *header,
    struct slice raw, struct diag *diag)
{
	uint64_t end = end_limit(stream);

	if (header->tag == 0)
		return end_indefinite(stream, raw, diag);
	if (stream->depth == BER_DEPTH_MAX)
		return stream_error(stream, ERR_LIMIT, "nested too deep", diag);
	if (header->length != BER_INDEFINITE) {
		if (header->length > end - stream->total)
			return stream_error(stream, ERR_SYNTAX,
			    "reaches beyond the element around it", diag);
		if (header->length > stream->max - stream->total)
			return stream_error(
			    stream, ERR_LIMIT, "too large", diag);
		end = stream->total + header->length;
	}
	stream->open[stream->depth].tag = header->tag;
	stream->open[stream->depth].end = end;
	stream->open[stream->depth].constructed = header->constructed;
	stream->open[stream->depth].indefinite =
	    header->length == BER_INDEFINITE;
	stream->depth++;
	return stream_tell(stream, STREAM_BEGIN, raw, header->length);
}

/* take_octets - move *octets behind the len octets that were used */
static void
take_octets(struct ber_stream *stream, struct slice *octets, size_t len)
{
	stream->total += len;
	*octets = slice_of(octets->data + len, octets->len - len);
}

/* push_header - read a header from the front of octets, or a part of it */
static int
push_header(struct ber_stream *stream, struct slice *octets, struct diag *diag)
{
	struct slice near = *octets;
	struct ber_header header;
	const char *why = "";
	size_t kept = stream->header_len, more;
	int n;

	if (near.len > end_limit(stream) - stream->total)
		near.len = (size_t)(end_limit(stream) - stream->total);
	if (kept != 0) {
		more = sizeof(stream->header) - kept;
		if (more > near.len)
			more = near.len;
		memcpy(stream->header + kept, near.data, more);
		near = slice_of(stream->header, kept + more);
	}
	n = ber_header_parse(near, &header, &why);
	if (n < 0)
		return stream_error(stream, n, why, diag);
	if (n > 0) {
		take_octets(stream, octets, header.len - kept);
		stream->header_len = 0;
		return begin_element(
		    stream, &header, slice_of(near.data, header.len), diag);
	}
	/* A header that is not whole is shorter than the longest one. */
	if (kept == 0)
		memcpy(stream->header, near.data, near.len);
	stream->header_len = (unsigned)near.len;
	take_octets(stream, octets, near.len - kept);
	if (stream->total == end_limit(stream))
		return stream_error(stream, ERR_SYNTAX,
		    "reaches beyond the element around it", diag);
	return 0;
}

/* push_data - hand on the contents of a primitive element */
static int
push_data(struct ber_stream *stream, struct slice *octets)
{
	struct slice raw = *octets;

	if (raw.len > end_limit(stream) - stream->total)
		raw.len = (size_t)(end_limit(stream) - stream->total);
	take_octets(stream, octets, raw.len);
	return stream_tell(stream, STREAM_DATA, raw, 0);
}

/* ber_stream_push - read octets that arrived */
int
ber_stream_push(
    struct ber_stream *stream, struct slice octets, struct diag *diag)
{
	int error = stream->error;

	if (error != 0)
		return diag_set(diag, error, "failed before");
	if (octets.len > stream->max - stream->total)
		error = stream_error(stream, ERR_LIMIT, "too large", diag);
	while (error == 0 && octets.len != 0) {
		if (stream->depth != 0 &&
		    !stream->open[stream->depth - 1].constructed)
			error = push_data(stream, &octets);
		else
			error = push_header(stream, &octets, diag);
		if (error == 0)
			error = close_ended(stream, diag);
	}
	stream->error = error;
	return error;
}
