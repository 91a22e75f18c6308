/* SPDX-License-Identifier: ISC */
/*
 * trace.c - trace information and internal trace (X.411 12.3.1, 12.2.1.1.1)
 */
#include "ber/list.h"
#include "ber/time.h"
#include "mhs/or_address.h"
#include "mhs/p1_definite.h"
#include "mhs/trace.h"

#define EITS_TAG BER_APP(5)

/* decode_time - read a UTCTime; one that is no time does not spoil a message,
 * since the element is sent again as it came */
static int
decode_time(const struct ber_reader *reader, const struct ber_element *el,
    const char *field, struct arena *arena, int64_t *seconds)
{
	struct slice text;
	int error;

	error = ber_get_octets(reader, el, field, 32, arena, &text);
	if (error == 0 && utc_time_parse(text, seconds) != 0)
		*seconds = TRACE_NO_TIME;
	return error;
}

/* decode_attempted - read the domain, or for internal trace the MTA, tried
 * first */
static int
decode_attempted(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct trace_element *element)
{
	element->attempted = true;
	if (el->tag == GLOBAL_DOMAIN_TAG)
		return global_domain_decode(reader, el, "attempted-domain",
		    arena, &element->attempted_domain);
	return ber_get_octets(reader, el, "attempted MTA", 2 * MTA_NAME_MAX,
	    arena, &element->attempted_mta);
}

/* decode_part - read one element of the SET of what a domain or MTA did */
static int
decode_part(const struct ber_reader *reader, const struct ber_element *el,
    struct arena *arena, struct trace_element *element)
{
	int64_t action;
	size_t bits;
	int n;

	switch (el->tag) {
	case BER_CTX(0):
		return decode_time(
		    reader, el, "arrival-time", arena, &element->arrival);
	case BER_CTX(1):
		return decode_time(
		    reader, el, "deferred-time", arena, &element->deferred);
	case BER_CTX(2):
		n = ber_get_integer(
		    reader, el, "routing-action", 0, 255, &action);
		/* X.411: 0 is relayed and 1 rerouted; later actions of others
		 * are read as the harmless one. */
		if (n == 0)
			element->action =
			    action == 1 ? TRACE_REROUTED : TRACE_RELAYED;
		return n;
	case BER_CTX(3):
		return ber_get_bits(reader, el, "other-actions",
		    &element->other_actions, &bits);
	case GLOBAL_DOMAIN_TAG:
	case BER_UNI(BER_IA5_STRING):
		return decode_attempted(reader, el, arena, element);
	/* Kept as octets: trace is passed on, not interpreted. */
	case EITS_TAG:
		element->converted_eits = el->whole;
		return 0;
	default:
		return ber_error(reader, el, ERR_SYNTAX, "trace element",
		    "unknown tag within");
	}
}

/* Whose trace: the internal one names MTAs. */
enum trace_kind {
	TRACE_OF_DOMAINS,
	TRACE_OF_MTAS
};

/* trace_decode_element - read one element of trace, which has definite
 * lengths */
static int
trace_decode_element(const struct ber_reader *reader,
    const struct ber_element *el, enum trace_kind kind, struct arena *arena,
    struct trace_element *element)
{
	struct ber_reader inner, set;
	struct ber_element part;
	int n;

	/* Octets are kept with the fields, so that the trace of others is
	 * passed on exactly as it came. */
	*element = (struct trace_element){.arrival = TRACE_NO_TIME,
	    .deferred = TRACE_NO_TIME,
	    .raw = el->whole};
	n = ber_enter(reader, el, &inner);
	if (n == 0)
		n = ber_expect(&inner, GLOBAL_DOMAIN_TAG,
		    "global-domain-identifier", &part);
	if (n == 0)
		n = global_domain_decode(&inner, &part,
		    "global-domain-identifier", arena, &element->domain);
	if (n == 0 && kind == TRACE_OF_MTAS) {
		n = ber_expect(
		    &inner, BER_UNI(BER_IA5_STRING), "mta-name", &part);
		if (n == 0)
			n = ber_get_octets(&inner, &part, "mta-name",
			    2 * MTA_NAME_MAX, arena, &element->mta);
	}
	if (n == 0)
		n = ber_expect(
		    &inner, BER_UNI(BER_SET), "supplied-information", &part);
	if (n == 0)
		n = ber_enter(&inner, &part, &set);
	/* A SET: its elements come in any order. */
	while (n == 0 && (n = ber_next(&set, &part)) > 0)
		n = decode_part(&set, &part, arena, element);
	return n != 0 ? n : ber_end(&inner, "trace element");
}

/* decode_domain - read an element of trace of domains */
static int
decode_domain(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct arena *arena, void *item)
{
	(void)name;
	return trace_decode_element(reader, el, TRACE_OF_DOMAINS, arena, item);
}

/* decode_mta - read an element of trace of MTAs */
static int
decode_mta(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct arena *arena, void *item)
{
	(void)name;
	return trace_decode_element(reader, el, TRACE_OF_MTAS, arena, item);
}

#define OURS 2 /* elements that we add */

static const struct ber_list_kind domains = {
    .size = sizeof(struct trace_element),
    .least = 1, /* TraceInformation has SIZE (1..) */
    .most = TRACE_MAX,
    .spare = OURS,
    .get = decode_domain,
};
static const struct ber_list_kind mtas = {
    .size = sizeof(struct trace_element),
    .most = TRACE_MAX,
    .spare = OURS,
    .get = decode_mta,
};

/* decode - read a SEQUENCE OF of either kind */
static int
decode(const struct ber_reader *reader, const struct ber_element *el,
    const char *field, const struct ber_list_kind *kind, struct arena *arena,
    struct trace *trace)
{
	struct ber_element definite;
	size_t count;
	void *items;
	int n;

	/* Definite lengths let an element be kept as one slice. */
	n = p1_definite(reader, el, arena, &definite);
	if (n == 0)
		n = ber_get_list(
		    reader, &definite, field, kind, arena, &items, &count);
	if (n == 0)
		*trace = (struct trace){.elements = items,
		    .count = count,
		    .capacity = count + OURS};
	else
		diag_prefix(reader->diag, "%s", field);
	return n;
}

/* trace_decode - read trace of domains */
int
trace_decode(const struct ber_reader *reader, const struct ber_element *el,
    const char *field, struct arena *arena, struct trace *trace)
{
	return decode(reader, el, field, &domains, arena, trace);
}

/* trace_internal_decode - read trace of MTAs */
int
trace_internal_decode(const struct ber_reader *reader,
    const struct ber_element *el, const char *field, struct arena *arena,
    struct trace *trace)
{
	return decode(reader, el, field, &mtas, arena, trace);
}

/* trace_join - append the elements of another */
int
trace_join(struct trace *trace, struct arena *arena, const struct trace *more)
{
	struct trace joined = {.count = trace->count + more->count};

	if (trace->count == 0) {
		*trace = *more;
		return 0;
	}
	/* X.411's bound of a trace; more is a message that loops. */
	if (joined.count > TRACE_MAX)
		return ERR_LIMIT;
	joined.capacity = joined.count + OURS;
	joined.elements =
	    arena_array(arena, joined.capacity, sizeof(*joined.elements));
	if (joined.elements == NULL)
		return arena_error(arena);
	memcpy(joined.elements, trace->elements,
	    trace->count * sizeof(*joined.elements));
	memcpy(joined.elements + trace->count, more->elements,
	    more->count * sizeof(*joined.elements));
	*trace = joined;
	return 0;
}

/* trace_begun - find the first arrival-time that can be read */
int64_t
trace_begun(const struct trace *trace)
{
	for (size_t i = 0; i < trace->count; i++)
		if (trace->elements[i].arrival != TRACE_NO_TIME)
			return trace->elements[i].arrival;
	return TRACE_NO_TIME;
}

/* trace_put_time - write a UTCTime, unless there is none */
static void
trace_put_time(struct ber_writer *writer, uint32_t tag, int64_t seconds)
{
	char text[UTC_TIME_LEN + 1];

	if (seconds == TRACE_NO_TIME)
		return;
	utc_time_format(seconds, text);
	ber_put_string(writer, tag, text);
}

/* encode_element - write one element, as it came or from its fields */
static void
encode_element(struct ber_writer *writer, const struct trace_element *element)
{
	size_t bits = 0, i;

	/* X.411 lets nobody change the trace of another: its octets are written
	 * as they came. */
	if (element->raw.len != 0) {
		ber_put_raw(writer, element->raw);
		return;
	}
	ber_begin(writer, BER_UNI(BER_SEQUENCE));
	global_domain_encode(writer, GLOBAL_DOMAIN_TAG, &element->domain);
	if (element->mta.len != 0)
		ber_put(writer, BER_UNI(BER_IA5_STRING), element->mta);
	ber_begin(writer, BER_UNI(BER_SET));
	if (element->attempted && element->attempted_mta.len != 0)
		ber_put(
		    writer, BER_UNI(BER_IA5_STRING), element->attempted_mta);
	else if (element->attempted)
		global_domain_encode(
		    writer, GLOBAL_DOMAIN_TAG, &element->attempted_domain);
	ber_put_raw(writer, element->converted_eits);
	trace_put_time(writer, BER_CTX(0), element->arrival);
	trace_put_time(writer, BER_CTX(1), element->deferred);
	ber_put_integer(writer, BER_CTX(2), element->action);
	/* Bits behind the last that is set are not written, as DER demands of
	 * named bits. */
	for (i = 0; i < 32; i++)
		if ((element->other_actions & BER_BIT(i)) != 0)
			bits = i + 1;
	if (bits != 0)
		ber_put_bits(writer, BER_CTX(3), element->other_actions, bits);
	ber_end_element(writer);
	ber_end_element(writer);
}

/* trace_encode - write either kind, under this tag */
void
trace_encode(struct ber_writer *writer, uint32_t tag, const struct trace *trace)
{
	size_t i;

	ber_begin(writer, tag);
	for (i = 0; i < trace->count; i++)
		encode_element(writer, &trace->elements[i]);
	ber_end_element(writer);
}

/* trace_append - add an element at the end */
int
trace_append(struct trace *trace, struct arena *arena,
    const struct trace_element *element)
{
	struct trace_element *elements;
	size_t capacity;

	/* A trace at its bound is refused before it is written: peers would
	 * refuse the message. */
	if (trace->count >= TRACE_MAX)
		return ERR_LIMIT;
	if (trace->count == trace->capacity) {
		capacity = trace->capacity + 4;
		elements = arena_array(arena, capacity, sizeof(*elements));
		if (elements == NULL)
			return arena_error(arena);
		if (trace->count != 0)
			memcpy(elements, trace->elements,
			    trace->count * sizeof(*elements));
		trace->elements = elements;
		trace->capacity = capacity;
	}
	trace->elements[trace->count++] = *element;
	return 0;
}

/* excused - tell whether a list, a redirection or another route was noted in an
 * element, so that the message may be seen again */
static bool
excused(const struct trace_element *element)
{
	return element->action == TRACE_REROUTED ||
	    (element->other_actions &
		(TRACE_REDIRECTED | TRACE_DL_OPERATION)) != 0;
}

/* trace_loops - decide whether a message with this trace loops here */
bool
trace_loops(const struct trace *trace, const struct global_domain *domain,
    struct slice mta, int64_t expanded)
{
	bool seen = false, inside = false, loops = false;
	int64_t visited = TRACE_NO_TIME;
	unsigned visits = 0;

	for (size_t i = 0; i < trace->count; i++) {
		const struct trace_element *element = &trace->elements[i];
		bool was_inside = inside;

		inside = global_domain_compare(&element->domain, domain) == 0 &&
		    or_text_compare(element->mta, mta) == 0;
		if (inside) {
			visits += !was_inside;
			visited = element->arrival;
			seen = true;
		} else if (seen)
			loops = true;
		if (excused(element))
			seen = loops = false;
	}
	/* Some MTAs write a UTCTime without its seconds. */
	if (expanded != TRACE_NO_TIME &&
	    (visited == TRACE_NO_TIME || expanded / 60 >= visited / 60))
		loops = false;
	return loops || visits + !inside > TRACE_VISITS;
}
