/* SPDX-License-Identifier: ISC */
/*
 * adapt_large.c - the recipients of a large envelope for a peer of 1984
 */
#include "traffic/outgoing/adapt_large.h"

#include <stdlib.h>

#include "mhs/curtail.h"
#include "mhs/downgrade.h"
#include "mhs/or_downgrade.h"
#include "mhs/p1_recipient.h"
#include "mhs/transfer.h"
#include "traffic/outgoing/jobs.h"

#define OUT_MAX	   ((size_t)4 * P1_ENVELOPE_MAX)
#define TAKE_MAX   ((uint64_t)64 * 1024)
#define DOMAIN_MAX ((size_t)4096)

struct adapt_large {
	struct arena domain; /* of gateway */
	struct global_domain gateway;
	enum mts_kind kind;
	/* the reading under way */
	struct ber_stream stream;
	struct curtail curtail;
	struct buffer gathered, piece;
	struct arena arena; /* of the recipient at hand */
	uint64_t read;	    /* of the job's envelope */
	struct buffer out;  /* recipients that are ready */
	uint64_t begin;	    /* where the first of them stands */
	const char *why;    /* one cannot be told */
	/* known when it was read once */
	uint64_t recipients;   /* octets */
	struct buffer between; /* behind them */
};

/* put_recipient - make a recipient one of 1984, and write it */
static int
put_recipient(struct adapt_large *large, struct p1_recipient *recipient)
{
	struct ber_writer writer;
	int error;

	/* Others' recipients are only named; their fate is not decided here. */
	if ((recipient->indicators & P1_RESPONSIBILITY) != 0 &&
	    (large->why = downgrade_refuses_recipient(recipient)) != NULL)
		return ERR_UNSUPPORTED;
	error = downgrade_recipient(recipient, &large->gateway, &large->arena);
	if (error == ERR_VALUE || error == ERR_SYNTAX) {
		large->why = "a name cannot be said to a peer of 1984";
		return ERR_UNSUPPORTED;
	}
	if (error != 0)
		return error;
	ber_writer_init(&writer, &large->out);
	p1_recipient_put(
	    &writer, recipient, recipient->indicators, EXTENSION_IMPLICIT);
	return ber_finish(&writer);
}

/* put_recipients - write the recipients that are gathered */
static int
put_recipients(struct adapt_large *large, struct slice octets)
{
	struct ber_reader reader;
	struct ber_element el;
	int n;

	ber_reader_init(&reader, octets, NULL);
	while ((n = ber_next(&reader, &el)) > 0) {
		struct p1_recipient recipient = {.number = 0};

		arena_reset(&large->arena);
		n = p1_recipient_decode(
		    &reader, &el, &large->arena, &recipient);
		if (n == 0)
			n = put_recipient(large, &recipient);
		if (n != 0)
			return n;
	}
	return n;
}

/* on_element - gather an event of the envelope, and write recipients when one
 * is whole */
static int
on_element(void *arg, const struct ber_stream_event *event)
{
	struct adapt_large *large = arg;
	int error = curtail_gather(&large->curtail, &large->gathered, event, 0);
	struct slice here =
	    curtail_recipients(&large->curtail, &large->gathered);

	if (error != 0 || here.len == 0)
		return error;
	error = put_recipients(large, here);
	curtail_take(&large->curtail, &large->gathered);
	return error;
}

/* begin_reading - read the envelope from its first octet */
static void
begin_reading(struct adapt_large *large)
{
	curtail_init(&large->curtail);
	ber_stream_init(&large->stream, P1_ENVELOPE_MAX, on_element, large);
	buffer_reset(&large->gathered);
	buffer_reset(&large->out);
	large->read = large->begin = 0;
}

/* read_some - read more of the envelope: 1, there is more */
static int
read_some(struct adapt_large *large, struct traffic *traffic,
    struct client_job *job, uint64_t deadline)
{
	uint64_t left = job->envelope_length - large->read;
	int error;

	client_job_seek(job, large->read);
	error = jobs_take(traffic, left < TAKE_MAX ? left : TAKE_MAX, deadline,
	    &large->piece);
	if (error == 0)
		error = ber_stream_push(
		    &large->stream, buffer_slice(&large->piece), NULL);
	if (error != 0)
		return error;
	large->read += buffer_length(&large->piece);
	return large->read < job->envelope_length;
}

/* make_large - make one that has read nothing, or NULL */
static struct adapt_large *
make_large(const struct traffic *traffic, enum mts_kind kind)
{
	struct adapt_large *large = calloc(1, sizeof(*large));

	if (large == NULL)
		return NULL;
	arena_init(&large->domain, DOMAIN_MAX);
	arena_init(&large->arena, P1_ARENA_MAX);
	buffer_init(&large->gathered, P1_ENVELOPE_MAX);
	buffer_init(&large->piece, TAKE_MAX);
	buffer_init(&large->out, OUT_MAX);
	buffer_init(&large->between, BER_HEADER_MAX);
	large->kind = kind;
	begin_reading(large);
	if (global_domain_parse(slice_of_string(traffic->conf->mta.domain.text),
		&large->domain, &large->gateway, NULL) == 0)
		return large;
	adapt_large_free(large);
	return NULL;
}

/* adapt_large_free - give the memory back */
void
adapt_large_free(struct adapt_large *large)
{
	if (large == NULL)
		return;
	arena_fini(&large->domain);
	arena_fini(&large->arena);
	buffer_fini(&large->gathered);
	buffer_fini(&large->piece);
	buffer_fini(&large->out);
	buffer_fini(&large->between);
	free(large);
}

/* read_all - read the envelope, and count its recipients' octets */
static int
read_all(struct adapt_large *large, struct traffic *traffic,
    struct client_job *job, uint64_t deadline)
{
	int more;

	do {
		more = read_some(large, traffic, job, deadline);
		large->recipients += buffer_length(&large->out);
		buffer_reset(&large->out);
	} while (more > 0);
	/* qmgr has none that would have to lose anything. */
	if (more == 0 &&
	    (large->curtail.left_out > 0 ||
		large->curtail.elements_left_out > 0 ||
		large->curtail.taken == 0))
		more = ERR_VALUE;
	return more;
}

/* adapt_large_read - read the first job's envelope */
int
adapt_large_read(struct traffic *traffic, struct client_job *job,
    uint64_t deadline, struct arena *arena, struct p1_envelope *rest,
    struct adapt_large **made, const char **why)
{
	struct adapt_large *large = make_large(traffic, job->kind);
	struct slice octets;
	int error;

	if (large == NULL)
		return ERR_NOMEM;
	error = read_all(large, traffic, job, deadline);
	*why = large->why;
	if (error == 0)
		error =
		    arena_slice(arena, buffer_slice(&large->gathered), &octets);
	if (error == 0)
		error = p1_decode_rest(job->kind, octets, arena, rest, NULL);
	if (error == 0)
		*made = large;
	else
		adapt_large_free(large);
	return error;
}

/* put_set - write the header of the envelope, up to its recipients; *length is
 * that of all of it */
static int
put_set(const struct adapt_large *large, struct slice rest, struct buffer *out,
    uint64_t *length)
{
	uint64_t list = ber_header_length(BER_CTX(2), large->recipients) +
	    large->recipients;
	struct ber_reader reader;
	struct ber_element set;
	struct ber_writer writer;

	ber_reader_init(&reader, rest, NULL);
	if (ber_next(&reader, &set) != 1)
		return ERR_VALUE;
	*length = ber_header_length(BER_UNI(BER_SET), set.contents.len + list) +
	    set.contents.len + list;
	ber_writer_init(&writer, out);
	ber_put_header(&writer, BER_UNI(BER_SET), BER_CONSTRUCTED,
	    set.contents.len + list);
	ber_put_raw(&writer, set.contents);
	ber_put_header(&writer, BER_CTX(2), BER_CONSTRUCTED, large->recipients);
	return ber_finish(&writer);
}

/* adapt_large_frame - write what stands before the recipients */
int
adapt_large_frame(struct adapt_large *large, struct slice rest,
    uint64_t content_length, struct buffer *prefix)
{
	struct buffer set, frame;
	size_t before = 0, skip = 0;
	struct slice octets;
	uint64_t length;
	int error;

	buffer_init(&set, P1_ENVELOPE_MAX);
	buffer_init(&frame, 4 * BER_HEADER_MAX);
	error = put_set(large, rest, &set, &length);
	if (error == 0)
		error = transfer_frame(large->kind, buffer_slice(&set), length,
		    content_length, &frame, &before, &skip);
	octets = buffer_slice(&frame);
	if (error == 0)
		error = buffer_append(prefix, octets.data, before);
	if (error == 0)
		error = buffer_append(
		    &large->between, octets.data + before, octets.len - before);
	octets = buffer_slice(&set);
	if (error == 0)
		error = buffer_append(
		    prefix, octets.data + skip, octets.len - skip);
	buffer_fini(&set);
	buffer_fini(&frame);
	begin_reading(large);
	return error;
}

/* adapt_large_length - count the octets of the recipients, and behind them */
uint64_t
adapt_large_length(const struct adapt_large *large)
{
	return large == NULL
	    ? 0
	    : large->recipients + buffer_length(&large->between);
}

/* adapt_large_next - get the next of these octets */
int
adapt_large_next(struct adapt_large *large, struct traffic *traffic,
    struct client_job *job, uint64_t offset, uint64_t deadline,
    struct slice *octets)
{
	uint64_t behind = offset - large->recipients;
	int more;

	if (offset >= large->recipients) {
		*octets = buffer_slice(&large->between);
		*octets = slice_of(
		    octets->data + behind, octets->len - (size_t)behind);
		return 0;
	}
	/* A transfer that was cut may need octets again. */
	if (offset < large->begin)
		begin_reading(large);
	while (offset >= large->begin + buffer_length(&large->out)) {
		large->begin += buffer_length(&large->out);
		buffer_reset(&large->out);
		more = read_some(large, traffic, job, deadline);
		if (more < 0)
			return more;
		if (more == 0 &&
		    offset >= large->begin + buffer_length(&large->out))
			return ERR_VALUE;
	}
	*octets = buffer_slice(&large->out);
	*octets = slice_of(octets->data + (size_t)(offset - large->begin),
	    octets->len - (size_t)(offset - large->begin));
	return 0;
}
