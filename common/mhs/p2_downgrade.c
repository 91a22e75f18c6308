/* SPDX-License-Identifier: ISC */
/*
 * p2_downgrade.c - an interpersonal message of 1988 as one of 1984
 *
 * Each element that is descended into is opened in the plan; each that is not
 * is copied as a run, or read whole and written anew.  An extended body is
 * given to a decoder of its own, behind the beginning of a message that has
 * nothing else, for what text and files are in it.
 */
#include "mhs/p2_downgrade.h"
#include "mhs/p2_heading.h"

#define TEXT_MAX ((size_t)16 * 1024 * 1024)

enum place {
	AT_IPM,	       /* heading, body */
	AT_BODY,       /* parts */
	AT_MESSAGE,    /* parameters, IPM */
	AT_IPN,	       /* fields, choice */
	AT_HEADING,    /* read whole */
	AT_PARAMETERS, /* likewise, of a message within */
	AT_FIELD,      /* likewise, of a notification */
	AT_EXTENDED,   /* given to the decoder of bodies */
	AT_CHOICE,     /* of a notification: copied */
	AT_COPY,
	AT_SKIP
};

/* The octets before and behind a body that a decoder is given alone. */
static const uint8_t before[] = {0xa0, 0x80, 0x31, 0x00, 0x30, 0x80};
static const uint8_t behind[] = {0x00, 0x00, 0x00, 0x00};

/* refuse - note why there is no plan */
static int
refuse(struct p2_downgrade *d, const char *why)
{
	/* The reason outlives the diag, whose owner is another with each
	 * piece. */
	d->why = why;
	return diag_set(d->diag, ERR_UNSUPPORTED, "%s", why);
}

/* --- extended bodies --- */

/* letter_for - choose the ASCII character that stands for another */
static char
letter_for(uint32_t character)
{
	static const char latin1[] =
	    "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiiidnooooo:ouuuuyty";

	if (character == 0xa0)
		return ' ';
	return character >= 0xc0 && character <= 0xff ? latin1[character - 0xc0]
						      : '?';
}

/* add_character - add a character of a text, in IA5 */
static int
add_character(struct p2_downgrade *d, uint32_t character)
{
	char octet = (char)character;

	/* IA5 has no such character: the nearest letter can be read, and the
	 * caller learns that something was lost. */
	if (character > 127) {
		octet = letter_for(character);
		d->lossy = true;
	}
	return buffer_append(&d->text, &octet, 1);
}

/* add_text - add UTF-8, cut anywhere */
static int
add_text(struct p2_downgrade *d, struct slice utf8)
{
	int error = 0;

	for (size_t i = 0; i < utf8.len && error == 0; i++) {
		uint8_t octet = utf8.data[i];

		/* A sequence may be cut between two pieces: what is missing is
		 * kept for the next. */
		if (d->missing > 0 && (octet & 0xc0) == 0x80) {
			d->character = d->character << 6 | (octet & 0x3f);
			if (--d->missing == 0)
				error = add_character(d, d->character);
			continue;
		}
		d->missing = octet >= 0xf0 ? 3
		    : octet >= 0xe0	   ? 2
		    : octet >= 0xc0	   ? 1
					   : 0;
		d->character = octet & (0x3f >> d->missing);
		if (d->missing == 0)
			error = add_character(d, octet);
	}
	return error;
}

/* on_part - begin a body: text or octets, or none that 1984 has */
static int
on_part(void *arg, const struct ipm_part *part)
{
	struct p2_downgrade *d = arg;

	d->converted = true;
	d->in_text = part->text;
	d->missing = 0;
	/* Text is gathered, since its length must be written before it. */
	if (part->level == 0 && part->text) {
		buffer_reset(&d->text);
		return 0;
	}
	/* A message within an extended body has no form in 1984. */
	if (part->level > 0 ||
	    (part->kind != IPM_KIND_FILE && part->kind != IPM_KIND_BILATERALLY))
		return refuse(d, "a body of a kind that 1984 has not");
	/* A file's name and times have no place in a body of 1984. */
	if (part->kind == IPM_KIND_FILE)
		d->lossy = true;
	return p2_plan_open(&d->plan, 0x8e);
}

/* on_octets - take octets of a body: where they are those of the old content,
 * as a run of it */
static int
on_octets(void *arg, struct slice octets)
{
	struct p2_downgrade *d = arg;
	uintptr_t at = (uintptr_t)octets.data, raw = (uintptr_t)d->raw.data;

	if (d->in_text)
		return add_text(d, octets);
	/* Octets that lie in the content are copied from the disk when it is
	 * sent; decoded ones must be kept. */
	if (at < raw || at - raw > d->raw.len ||
	    octets.len > d->raw.len - (at - raw))
		return p2_plan_own(&d->plan, octets);
	return p2_plan_old(&d->plan, d->raw_offset + (at - raw), octets.len);
}

/* put_text - write a text body */
static int
put_text(struct p2_downgrade *d)
{
	static const uint8_t set[] = {0x31, 0x00};
	struct p2_plan *plan = &d->plan;
	int error;

	if ((error = p2_plan_open(plan, 0xa0)) < 0 ||
	    (error = p2_plan_own(plan, slice_of(set, sizeof(set)))) < 0 ||
	    (error = p2_plan_open(plan, 0x16)) < 0 ||
	    (error = p2_plan_own(plan, buffer_slice(&d->text))) < 0 ||
	    (error = p2_plan_close(plan)) < 0)
		return error;
	return p2_plan_close(plan);
}

/* on_part_end - end a body */
static int
on_part_end(void *arg, enum ipm_kind kind, unsigned level)
{
	struct p2_downgrade *d = arg;

	(void)kind;
	(void)level;
	return d->in_text ? put_text(d) : p2_plan_close(&d->plan);
}

/* begin_extended - give an extended body to a decoder */
static int
begin_extended(struct p2_downgrade *d)
{
	const struct ipm_handler handler = {.part_begin = on_part,
	    .part_data = on_octets,
	    .part_end = on_part_end,
	    .arg = d};

	ipm_decoder_init(&d->body, &handler, UINT64_MAX / 2);
	d->body_open = true;
	return ipm_decoder_push(
	    &d->body, slice_of(before, sizeof(before)), d->diag);
}

/* end_extended - end it */
static int
end_extended(struct p2_downgrade *d)
{
	int error = ipm_decoder_push(
	    &d->body, slice_of(behind, sizeof(behind)), d->diag);

	if (error == 0)
		error = ipm_decoder_finish(&d->body, d->diag);
	ipm_decoder_fini(&d->body);
	d->body_open = false;
	return error;
}

/* --- the content --- */

/* place_in_body - find what is to become of a body part */
static int
place_in_body(struct p2_downgrade *d, uint32_t tag)
{
	if (tag == BER_CTX(9))
		return AT_MESSAGE;
	if (tag == BER_CTX(15))
		return AT_EXTENDED;
	if (tag == BER_CTX(11) || tag == BER_CTX(14) ||
	    (tag >= BER_CTX(0) && tag <= BER_CTX(8)))
		return AT_COPY;
	return refuse(d, "a body of a kind that 1984 has not");
}

/* place_of - find what is to become of an element */
static int
place_of(struct p2_downgrade *d, const struct ber_stream_event *event)
{
	uint32_t tag = event->tag;

	if (event->depth == 0) {
		if (event->offset == 0 && event->constructed &&
		    (tag == BER_CTX(0) || tag == BER_CTX(1)))
			return tag == BER_CTX(0) ? AT_IPM : AT_IPN;
		return diag_set(d->diag, ERR_SYNTAX,
		    "neither an interpersonal message nor a notification");
	}
	switch ((enum place)d->place[event->depth - 1]) {
	case AT_IPM:
		return tag == BER_UNI(BER_SET)	   ? AT_HEADING
		    : tag == BER_UNI(BER_SEQUENCE) ? AT_BODY
						   : AT_SKIP;
	case AT_BODY:
		return place_in_body(d, tag);
	case AT_MESSAGE:
		return tag == BER_UNI(BER_SET)	   ? AT_PARAMETERS
		    : tag == BER_UNI(BER_SEQUENCE) ? AT_IPM
						   : AT_SKIP;
	case AT_IPN:
		if (tag == BER_CTX(0))
			return AT_CHOICE;
		return tag == BER_CTX(1) || tag == BER_CTX(2) ||
			tag == BER_APP(5) || tag == BER_APP(11)
		    ? AT_FIELD
		    : AT_SKIP;
	case AT_CHOICE:
		if (tag != BER_CTX(0) && tag != BER_CTX(1))
			return refuse(
			    d, "a notification of a kind that 1984 has not");
		return AT_COPY;
	case AT_HEADING:
	case AT_PARAMETERS:
	case AT_FIELD:
	case AT_EXTENDED:
	case AT_COPY:
	case AT_SKIP:
		break;
	}
	return AT_SKIP;
}

/* begin_element - open an element in the plan, or begin to copy or read it */
static int
begin_element(struct p2_downgrade *d, const struct ber_stream_event *event)
{
	int place = place_of(d, event);

	if (place < 0)
		return place;
	d->place[event->depth] = (uint8_t)place;
	switch ((enum place)place) {
	case AT_IPM:
	case AT_BODY:
	case AT_MESSAGE:
	case AT_IPN:
	case AT_CHOICE:
		break;
	case AT_EXTENDED:
		d->active = event->depth + 1;
		return begin_extended(d);
	case AT_HEADING:
	case AT_PARAMETERS:
	case AT_FIELD:
		buffer_reset(&d->capture);
		d->active = event->depth + 1;
		return 0;
	case AT_COPY:
	case AT_SKIP:
		d->copy_from = event->offset;
		d->active = event->depth + 1;
		return 0;
	}
	if (!event->constructed)
		return diag_set(d->diag, ERR_SYNTAX, "not constructed");
	return p2_plan_open(&d->plan, event->raw.data[0]);
}

/* end_active - end what was copied, read whole or decoded */
static int
end_active(struct p2_downgrade *d, const struct ber_stream_event *event)
{
	struct slice octets = buffer_slice(&d->capture);

	d->active = 0;
	switch ((enum place)d->place[event->depth]) {
	case AT_HEADING:
		return p2_heading_put(&d->plan, d->gateway, octets, d->diag);
	case AT_PARAMETERS:
		return p2_parameters_put(&d->plan, octets, d->diag);
	case AT_FIELD:
		return p2_field_put(&d->plan, d->gateway, octets, d->diag);
	case AT_EXTENDED:
		return end_extended(d);
	case AT_COPY:
		return p2_plan_old(&d->plan, d->copy_from,
		    event->offset + event->raw.len - d->copy_from);
	case AT_IPM:
	case AT_BODY:
	case AT_MESSAGE:
	case AT_IPN:
	case AT_CHOICE:
	case AT_SKIP:
		break;
	}
	return 0;
}

/* take_active - take an event of what is read whole or decoded */
static int
take_active(struct p2_downgrade *d, const struct ber_stream_event *event)
{
	switch ((enum place)d->place[d->active - 1]) {
	case AT_HEADING:
	case AT_PARAMETERS:
	case AT_FIELD:
		return buffer_append(
		    &d->capture, event->raw.data, event->raw.len);
	case AT_EXTENDED:
		return ipm_decoder_push(&d->body, event->raw, d->diag);
	case AT_IPM:
	case AT_BODY:
	case AT_MESSAGE:
	case AT_IPN:
	case AT_CHOICE:
	case AT_COPY:
	case AT_SKIP:
		break;
	}
	return 0;
}

/* on_event - take an event of the content */
static int
on_event(void *arg, const struct ber_stream_event *event)
{
	struct p2_downgrade *d = arg;
	int error = 0;

	d->raw = event->raw;
	d->raw_offset = event->offset;
	if (event->kind == STREAM_BEGIN && d->active == 0 &&
	    (error = begin_element(d, event)) < 0)
		return error;
	if (d->active != 0) {
		error = take_active(d, event);
		if (error == 0 && event->kind == STREAM_END &&
		    d->active == event->depth + 1)
			error = end_active(d, event);
		return error;
	}
	return event->kind == STREAM_END ? p2_plan_close(&d->plan) : 0;
}

/* p2_downgrade_init - expect one content */
void
p2_downgrade_init(struct p2_downgrade *d, const struct global_domain *gateway)
{
	memset(d, 0, sizeof(*d));
	p2_plan_init(&d->plan);
	buffer_init(&d->capture, IPM_HEADING_MAX);
	buffer_init(&d->text, TEXT_MAX);
	d->gateway = gateway;
	ber_stream_init(&d->stream, UINT64_MAX / 2, on_event, d);
}

/* p2_downgrade_fini - give the memory back */
void
p2_downgrade_fini(struct p2_downgrade *d)
{
	if (d->body_open)
		ipm_decoder_fini(&d->body);
	d->body_open = false;
	p2_plan_fini(&d->plan);
	buffer_fini(&d->capture);
	buffer_fini(&d->text);
}

/* p2_downgrade_push - read the next octets */
int
p2_downgrade_push(
    struct p2_downgrade *d, struct slice octets, struct diag *diag)
{
	int error;

	d->diag = diag;
	error = ber_stream_push(&d->stream, octets, diag);
	d->diag = NULL;
	return error;
}

/* p2_downgrade_finish - check that the content is complete */
int
p2_downgrade_finish(struct p2_downgrade *d, struct diag *diag)
{
	if (d->stream.error < 0)
		return d->stream.error;
	return ber_stream_complete(&d->stream)
	    ? 0
	    : diag_set(diag, ERR_TRUNCATED, "the content is not complete");
}
