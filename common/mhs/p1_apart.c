/* SPDX-License-Identifier: ISC */
/*
 * p1_apart.c - the recipients of a large envelope, some at a time
 */
#include "mhs/p1_apart.h"

#include "mhs/p1_recipient.h"

#define OUT_KEPT ((size_t)256 * 1024) /* octets that outlive a reset */

/* p1_apart_init - begin with none */
void
p1_apart_init(struct p1_apart *apart)
{
	*apart = (struct p1_apart){.memory = 0};
	arena_init(&apart->arena, P1_ARENA_MAX);
	buffer_init(&apart->out, P1_ENVELOPE_MAX);
}

/* p1_apart_fini - give the memory back */
void
p1_apart_fini(struct p1_apart *apart)
{
	arena_fini(&apart->arena);
	buffer_fini(&apart->out);
}

/* p1_apart_reset - begin again */
void
p1_apart_reset(struct p1_apart *apart)
{
	struct p1_apart empty = {.arena = apart->arena, .out = apart->out};

	arena_reset(&empty.arena);
	/* A single recipient may have been as large as an envelope. */
	if (empty.out.capacity > OUT_KEPT) {
		buffer_fini(&empty.out);
		buffer_init(&empty.out, P1_ENVELOPE_MAX);
	}
	buffer_reset(&empty.out);
	*apart = empty;
}

/* put_one - write a recipient, if all that is written can be read again */
static int
put_one(struct p1_apart *apart, struct p1_recipient *recipient)
{
	size_t takes = apart->arena.used + sizeof(*recipient);
	struct ber_writer writer;

	if (apart->memory + takes > P1_APART_EXTENDED &&
	    recipient->extensions.count > 0) {
		takes -= recipient->extensions.count * sizeof(struct extension);
		recipient->extensions.count = 0;
		apart->elements_left_out++;
	}
	if (apart->memory + takes > P1_APART_BARE) {
		apart->left_out++;
		return 0;
	}
	apart->memory += takes;
	apart->count++;
	ber_writer_init(&writer, &apart->out);
	p1_recipient_put(
	    &writer, recipient, recipient->indicators, EXTENSION_IMPLICIT);
	return ber_finish(&writer);
}

/* p1_apart_push - read recipients, and append them */
int
p1_apart_push(
    struct p1_apart *apart, struct slice recipients, struct diag *diag)
{
	struct ber_reader reader;
	struct ber_element el;
	int n;

	ber_reader_init(&reader, recipients, diag);
	while ((n = ber_next(&reader, &el)) > 0) {
		struct p1_recipient recipient = {.number = 0};

		arena_reset(&apart->arena);
		n = p1_recipient_decode(
		    &reader, &el, &apart->arena, &recipient);
		if (n < 0) {
			diag_prefix(diag, "recipient %llu",
			    (unsigned long long)(apart->count +
				apart->left_out + 1));
			return n;
		}
		if ((n = put_one(apart, &recipient)) != 0)
			return n;
	}
	return n;
}
