/* SPDX-License-Identifier: ISC */
/*
 * external.c - the EXTERNAL around an APDU that is transferred
 *
 * X.690 8.18 (which refers to the EXTERNAL of 1988), X.419 12.
 */
#include "ber/header.h"
#include "osi/external.h"
#include "osi/octets.h"

#define OBJECT_DESCRIPTOR 7

/* put_header - write tag and length before *at; return the new start */
static size_t
put_header(uint8_t *octets, size_t at, uint8_t tag, uint64_t len)
{
	uint8_t count = 0;

	if (len < 128) {
		octets[--at] = (uint8_t)len;
	} else {
		for (; len > 0; len >>= 8, count++)
			octets[--at] = (uint8_t)len;
		octets[--at] = 0x80 | count;
	}
	octets[--at] = tag;
	return at;
}

/* external_prefix - write the octets before an APDU of len octets */
size_t
external_prefix(
    uint8_t prefix[EXTERNAL_PREFIX_MAX], uint32_t context, uint64_t len)
{
	/* From the inside out, since each length counts what it encloses. */
	const size_t end = EXTERNAL_PREFIX_MAX;
	size_t at = put_header(prefix, end, 0xa0, len), before = at;

	do {
		prefix[--at] = (uint8_t)context;
		context >>= 8;
	} while (context > 0);
	/* An INTEGER is signed: a high bit needs an octet of zeros before
	 * it. */
	if (prefix[at] & 0x80)
		prefix[--at] = 0;
	at = put_header(prefix, at, BER_INTEGER, before - at);
	at = put_header(prefix, at, 0x28, len + (end - at));
	memmove(prefix, prefix + at, end - at);
	return end - at;
}

/* external_init - begin another */
void
external_init(struct external *external, uint32_t context)
{
	external->state = EXTERNAL_HEADER;
	external->context = context;
	external->header_len = 0;
	external->left = 0;
	external->tail = 0;
	external->tail_left = 0;
	external->held_len = 0;
	/* In X.410 mode the APDU comes without an EXTERNAL: all octets are its
	 * own. */
	if (context == 0) {
		external->state = EXTERNAL_APDU;
		external->left = BER_INDEFINITE;
	}
}

/* is_bare - tell whether no EXTERNAL is around the APDU */
static bool
is_bare(const struct external *external)
{
	return external->state == EXTERNAL_APDU &&
	    external->left == BER_INDEFINITE && external->tail == 0;
}

/* external_error - note that, and why */
static int
external_error(
    struct external *external, struct diag *diag, int code, const char *why)
{
	/* The state outlives the error: octets that come later must not be read
	 * as if nothing had happened. */
	external->state = EXTERNAL_FAILED;
	return diag_set(diag, code, "RTSE: EXTERNAL of the transfer: %s", why);
}

/* get_element - read a header, and the contents too if it is primitive */
static int
get_element(struct slice *rest, struct ber_header *el, struct slice *contents,
    const char **why)
{
	int got = ber_header_parse(*rest, el, why);

	if (got <= 0)
		return got;
	*rest = slice_of(rest->data + el->len, rest->len - el->len);
	/* The value's contents are not gathered: they are the message, of any
	 * length. */
	if (el->constructed || el->tag == BER_CTX(1))
		return 1;
	if (el->length > EXTERNAL_HEADER_MAX) {
		*why = "reference too long";
		return ERR_LIMIT;
	}
	/* More may come with the next piece; the header is parsed again from
	 * its beginning. */
	if (el->length > rest->len)
		return 0;
	*contents = slice_of(rest->data, (size_t)el->length);
	*rest = slice_of(rest->data + contents->len, rest->len - contents->len);
	return 1;
}

/* check_context - check that the indirect reference names the APDU's context */
static int
check_context(
    const struct external *external, struct slice contents, const char **why)
{
	uint64_t value = 0;

	/* Five octets hold any identifier of 32 bits, with the octet for its
	 * sign. */
	if (contents.len < 1 || contents.len > 5) {
		*why = "bad indirect reference";
		return ERR_SYNTAX;
	}
	for (size_t i = 0; i < contents.len; i++)
		value = value << 8 | contents.data[i];
	if (value != external->context) {
		*why = "of another presentation context";
		return ERR_VALUE;
	}
	return 1;
}

/* set_lengths - compare the lengths of EXTERNAL and its value; inside is how
 * many octets of the EXTERNAL's contents are read */
static int
set_lengths(struct external *external, const struct ber_header *outer,
    const struct ber_header *value, uint64_t inside, const char **why)
{
	bool open = outer->length == BER_INDEFINITE;
	bool inner_open = value->length == BER_INDEFINITE;
	/* An indefinite length ends in two octets of zeros. */
	uint64_t ends = inner_open ? 2 : 0;

	/* Nothing says where the APDU ends but the end of the transfer: the
	 * last octets are held back until then, since they must be
	 * end-of-contents. */
	if (open && inner_open) {
		external->left = BER_INDEFINITE;
		external->tail = EXTERNAL_TAIL_MAX;
		return 1;
	}
	external->tail_left = ends;
	if (open) {
		external->left = value->length;
		external->tail_left = 2;
		return 1;
	}
	/* Compared before the difference below is formed, which could wrap. */
	if (outer->length < inside + ends ||
	    (!inner_open && outer->length - inside != value->length)) {
		*why = "lengths do not agree";
		return ERR_SYNTAX;
	}
	external->left = outer->length - inside - ends;
	return 1;
}

/* parse - read the header that was gathered: 1 with its length in *used, 0 if
 * more is needed, or an error */
static int
parse(struct external *external, size_t *used, const char **why)
{
	struct slice all = slice_of(external->header, external->header_len);
	struct slice rest = all, contents;
	struct ber_header outer, el;
	size_t begin;
	int got;

	if ((got = get_element(&rest, &outer, &contents, why)) <= 0)
		return got;
	if (outer.tag != BER_UNI(BER_EXTERNAL) || !outer.constructed) {
		*why = "another tag";
		return ERR_SYNTAX;
	}
	begin = outer.len;
	for (;;) {
		if ((got = get_element(&rest, &el, &contents, why)) <= 0)
			return got;
		if (el.tag == BER_CTX(0) && el.constructed)
			break;
		if (el.tag == BER_CTX(1) && !el.constructed)
			break;
		/* X.208: reference, identifier and descriptor are all that may
		 * precede the value. */
		if (el.constructed ||
		    (el.tag != BER_UNI(BER_OID) &&
			el.tag != BER_UNI(BER_INTEGER) &&
			el.tag != BER_UNI(OBJECT_DESCRIPTOR))) {
			*why = "unexpected element";
			return ERR_SYNTAX;
		}
		if (el.tag == BER_UNI(BER_INTEGER) &&
		    (got = check_context(external, contents, why)) < 0)
			return got;
	}
	*used = all.len - rest.len;
	return set_lengths(external, &outer, &el, *used - begin, why);
}

/* push_header - gather the header; *octets is what follows it */
static int
push_header(struct external *external, struct slice *octets, struct diag *diag)
{
	const char *why = "";
	size_t before = external->header_len, take, used = 0;
	int got;

	/* The bound is small, as the header is kept with the transfer when it
	 * is interrupted. */
	take = EXTERNAL_HEADER_MAX - before;
	if (take > octets->len)
		take = octets->len;
	if (take > 0)
		memcpy(external->header + before, octets->data, take);
	external->header_len += take;
	if ((got = parse(external, &used, &why)) < 0)
		return external_error(external, diag, got, why);
	if (got == 0) {
		if (external->header_len == EXTERNAL_HEADER_MAX)
			return external_error(
			    external, diag, ERR_LIMIT, "header too long");
		*octets = slice_of(NULL, 0);
		return 0;
	}
	external->state = EXTERNAL_APDU;
	used -= before;
	*octets = slice_of(octets->data + used, octets->len - used);
	return 0;
}

/* push_known - read octets of an APDU whose length is known, then the end */
static int
push_known(struct external *external, struct slice octets, struct slice out[2],
    struct diag *diag)
{
	size_t len = octets.len;

	if (len > external->left)
		len = (size_t)external->left;
	out[0] = slice_of(octets.data, len);
	out[1] = slice_of(NULL, 0);
	external->left -= len;
	/* Behind the APDU only its end-of-contents may come. */
	for (; len < octets.len; len++) {
		if (external->tail_left == 0 || octets.data[len] != 0)
			return external_error(
			    external, diag, ERR_SYNTAX, "octets after its end");
		external->tail_left--;
	}
	return 0;
}

/* push_open - read octets of an APDU of unknown length; hold back what may be
 * end-of-contents */
static void
push_open(struct external *external, struct slice octets, struct slice out[2])
{
	size_t total = external->held_len + octets.len, give, old;

	out[0] = out[1] = slice_of(NULL, 0);
	/* Everything might still be the end-of-contents. */
	if (total <= external->tail) {
		if (octets.len > 0)
			memcpy(external->held + external->held_len, octets.data,
			    octets.len);
		external->held_len = total;
		return;
	}
	/* Octets held back are older: they go first, from memory of their own,
	 * as the held ones move. */
	give = total - external->tail;
	old = give < external->held_len ? give : external->held_len;
	memcpy(external->given, external->held, old);
	out[0] = slice_of(external->given, old);
	memmove(external->held, external->held + old, external->held_len - old);
	external->held_len -= old;
	out[1] = slice_of(octets.data, give - old);
	memcpy(external->held + external->held_len, octets.data + give - old,
	    octets.len - (give - old));
	external->held_len = external->tail;
}

/* external_push - read the next octets of the transfer */
int
external_push(struct external *external, struct slice octets,
    struct slice out[2], struct diag *diag)
{
	int error;

	if (external->state == EXTERNAL_FAILED)
		return external_error(
		    external, diag, ERR_SYNTAX, "failed before");
	if (external->state == EXTERNAL_HEADER) {
		if ((error = push_header(external, &octets, diag)) < 0)
			return error;
		if (external->state == EXTERNAL_HEADER) {
			out[0] = out[1] = slice_of(NULL, 0);
			return 0;
		}
	}
	if (external->left != BER_INDEFINITE)
		return push_known(external, octets, out, diag);
	push_open(external, octets, out);
	return 0;
}

/* external_finish - check that the EXTERNAL is complete */
int
external_finish(const struct external *external, struct diag *diag)
{
	static const uint8_t zero[EXTERNAL_TAIL_MAX];
	bool whole = external->state == EXTERNAL_APDU;

	/* Without lengths the end is known only now. */
	if (whole && external->left == BER_INDEFINITE)
		whole = external->held_len == external->tail &&
		    memcmp(external->held, zero, external->tail) == 0;
	else if (whole)
		whole = external->left == 0 && external->tail_left == 0;
	if (!whole)
		return diag_set(diag, ERR_TRUNCATED,
		    "RTSE: EXTERNAL of the transfer: not complete");
	return 0;
}

/* external_saved_len - count the octets that external_save writes */
size_t
external_saved_len(const struct external *external)
{
	return external->state == EXTERNAL_HEADER
	    ? 1 + external->header_len
	    : 1 + 8 + 3 + external->held_len;
}

/* external_save - write all that another process needs to go on */
size_t
external_save(const struct external *external, uint8_t to[EXTERNAL_SAVED_MAX])
{
	uint8_t *at = octets_put(to, external->state, 1);

	if (external_saved_len(external) > EXTERNAL_SAVED_MAX)
		return 0;
	if (external->state == EXTERNAL_HEADER) {
		memcpy(at, external->header, external->header_len);
		return 1 + external->header_len;
	}
	at = octets_put(at, external->left, 8);
	at = octets_put(at, external->tail, 1);
	at = octets_put(at, external->tail_left, 1);
	at = octets_put(at, external->held_len, 1);
	memcpy(at, external->held, external->held_len);
	return (size_t)(at - to) + external->held_len;
}

/* external_restore - go on from what another process saved */
int
external_restore(
    struct external *external, uint32_t context, struct slice saved)
{
	struct external out;
	const uint8_t *at = saved.data;

	external_init(&out, context);
	/* Saved states come from the disk, which another version may have
	 * written: no octet is trusted. */
	if (saved.len < 1 || saved.len > EXTERNAL_SAVED_MAX)
		return ERR_CORRUPT;
	if (at[0] == EXTERNAL_HEADER && context != 0) {
		out.header_len = saved.len - 1;
		memcpy(out.header, at + 1, out.header_len);
		*external = out;
		return 0;
	}
	if (at[0] != EXTERNAL_APDU || saved.len < 12 || at[9] > 4 ||
	    at[10] > 4 || at[11] > at[9] || saved.len != 12U + at[11])
		return ERR_CORRUPT;
	out.state = EXTERNAL_APDU;
	out.left = octets_get(at + 1, 8);
	out.tail = at[9];
	out.tail_left = at[10];
	out.held_len = at[11];
	memcpy(out.held, at + 12, out.held_len);
	/* A state of the other mode would pass octets of the EXTERNAL on as the
	 * message. */
	if (is_bare(&out) != (context == 0))
		return ERR_CORRUPT;
	*external = out;
	return 0;
}
