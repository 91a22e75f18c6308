/* SPDX-License-Identifier: ISC */
/*
 * p1.c - envelopes of P1: what they mean
 *
 * Reading them is in p1_decode.c, writing them in p1_encode.c.
 */
#include "ber/time.h"
#include "mhs/dl_history.h"
#include "mhs/p1.h"

/* The tags of MTS-APDU, whose order is not that of the enum. */
static const uint32_t tags[] = {
    [MTS_MESSAGE] = BER_CTX(0),
    [MTS_PROBE] = BER_CTX(2),
    [MTS_REPORT] = BER_CTX(1),
};

/* p1_tag - give the tag of a kind in an MTS-APDU */
uint32_t
p1_tag(enum mts_kind kind)
{
	return tags[kind];
}

/* p1_kind_of - set the kind of an MTS-APDU by its tag */
int
p1_kind_of(uint32_t tag, enum mts_kind *kind)
{
	for (unsigned i = MTS_MESSAGE; i <= MTS_REPORT; i++) {
		if (tags[i] == tag) {
			*kind = (enum mts_kind)i;
			return 0;
		}
	}
	return ERR_VALUE;
}

/* p1_init - set up an empty envelope of this kind: no times, no lengths */
void
p1_init(struct p1_envelope *envelope, enum mts_kind kind)
{
	/* X.411: DEFAULT normal. */
	*envelope = (struct p1_envelope){
	    .kind = kind,
	    .priority = P1_NORMAL,
	    .deferred_time = P1_NO_TIME,
	    .content_length = -1,
	};
}

/* p1_priority_rank - rank a priority: 0 urgent, 1 normal, 2 non-urgent */
int
p1_priority_rank(enum p1_priority priority)
{
	switch (priority) {
	case P1_URGENT:
		return 0;
	case P1_NON_URGENT:
		return 2;
	case P1_NORMAL:
	default:
		return 1;
	}
}

/* p1_priority_name - name a priority for people */
const char *
p1_priority_name(enum p1_priority priority)
{
	switch (priority) {
	case P1_NORMAL:
		return "normal";
	case P1_NON_URGENT:
		return "non-urgent";
	case P1_URGENT:
		return "urgent";
	default:
		return "unknown";
	}
}

/* p1_latest_delivery_time - get the time in seconds since 1970, or
 * P1_NO_TIME */
int64_t
p1_latest_delivery_time(const struct p1_envelope *envelope)
{
	const struct extension *extension;
	struct ber_reader reader;
	struct ber_element el;
	int64_t seconds;

	extension = extension_find(
	    &envelope->extensions, EXTENSION_LATEST_DELIVERY_TIME);
	/* Unknown is not an error here: an extension that cannot be read sets
	 * no limit. */
	if (extension == NULL)
		return P1_NO_TIME;
	ber_reader_init(&reader, extension->value, NULL);
	if (ber_next(&reader, &el) <= 0 || el.constructed ||
	    el.tag != BER_UNI(BER_UTC_TIME) ||
	    utc_time_parse(el.contents, &seconds) != 0)
		return P1_NO_TIME;
	return seconds;
}

/* p1_set_latest_delivery_time - set the time, critical for delivery */
int
p1_set_latest_delivery_time(
    struct extension_list *extensions, struct arena *arena, int64_t seconds)
{
	char text[UTC_TIME_LEN + 1];
	uint8_t *value;

	utc_time_format(seconds, text);
	value = arena_alloc(arena, 2 + UTC_TIME_LEN);
	if (value == NULL)
		return arena_error(arena);
	value[0] = BER_UTC_TIME;
	value[1] = UTC_TIME_LEN;
	memcpy(value + 2, text, UTC_TIME_LEN);
	/* X.411: latest-delivery-time is critical for delivery. */
	return extension_set(extensions, arena, EXTENSION_LATEST_DELIVERY_TIME,
	    CRITICAL_FOR_DELIVERY, slice_of(value, 2 + UTC_TIME_LEN));
}

/* p1_trace_append - append one element of trace */
int
p1_trace_append(struct p1_envelope *envelope, struct arena *arena,
    const struct global_domain *domain, int64_t arrival,
    enum trace_action action, const struct global_domain *attempted)
{
	struct trace_element element = {
	    .domain = *domain,
	    .arrival = arrival,
	    .action = action,
	    .attempted = attempted != NULL,
	    .deferred = TRACE_NO_TIME,
	};

	if (attempted != NULL)
		element.attempted_domain = *attempted;
	return trace_append(&envelope->trace, arena, &element);
}

/* p1_internal_trace_append - append one element of internal trace */
int
p1_internal_trace_append(struct p1_envelope *envelope, struct arena *arena,
    const struct global_domain *domain, struct slice mta, int64_t arrival,
    enum trace_action action, struct slice attempted_mta)
{
	struct trace_element element = {
	    .domain = *domain,
	    .mta = mta,
	    .arrival = arrival,
	    .action = action,
	    .attempted = attempted_mta.len != 0,
	    .attempted_mta = attempted_mta,
	    .deferred = TRACE_NO_TIME,
	};

	return trace_append(&envelope->internal_trace, arena, &element);
}

/* mark_last - note actions in the last element of a copy of a trace */
static int
mark_last(struct trace *trace, struct arena *arena, uint32_t actions)
{
	struct trace_element *elements;

	if (trace->count == 0)
		return 0;
	/* A copy: other recipients of the message keep the trace without the
	 * note. */
	elements = arena_array(arena, trace->count, sizeof(*elements));
	if (elements == NULL)
		return arena_error(arena);
	memcpy(elements, trace->elements, trace->count * sizeof(*elements));
	elements[trace->count - 1].other_actions |= actions;
	/* The octets that came say nothing of it. */
	elements[trace->count - 1].raw = slice_of(NULL, 0);
	trace->elements = elements;
	trace->capacity = trace->count;
	return 0;
}

/* p1_trace_mark - note other-actions in the last element of both traces */
int
p1_trace_mark(
    struct p1_envelope *envelope, struct arena *arena, uint32_t actions)
{
	int rc = mark_last(&envelope->trace, arena, actions);

	return rc != 0 ? rc
		       : mark_last(&envelope->internal_trace, arena, actions);
}

/* is_inside - tell whether the last domain that took a message over is this
 * one */
static bool
is_inside(const struct trace *trace, const struct global_domain *domain)
{
	return trace->count > 0 &&
	    global_domain_compare(
		&trace->elements[trace->count - 1].domain, domain) == 0;
}

/* p1_stamp - add what an MTA adds when it takes a message over */
int
p1_stamp(struct p1_envelope *envelope, struct arena *arena,
    const struct global_domain *domain, struct slice mta, int64_t arrival,
    enum trace_action action)
{
	int error = 0;

	if (envelope->trace.count >= TRACE_MAX ||
	    envelope->internal_trace.count >= TRACE_MAX)
		return ERR_LIMIT;
	/* X.411: the trace of domains notes each domain once, not each of its
	 * MTAs. */
	if (!is_inside(&envelope->trace, domain))
		error = p1_trace_append(
		    envelope, arena, domain, arrival, action, NULL);
	/* Without a name the MTA cannot find itself again, so it leaves no
	 * trace of its own. */
	if (error != 0 || mta.len == 0)
		return error;
	return p1_internal_trace_append(
	    envelope, arena, domain, mta, arrival, action, slice_of(NULL, 0));
}

/* has_left - tell whether a message was in this domain and then in another */
static bool
has_left(const struct trace *trace, const struct global_domain *domain)
{
	bool seen = false;

	for (size_t i = 0; i < trace->count; i++) {
		if (global_domain_compare(&trace->elements[i].domain, domain) ==
		    0)
			seen = true;
		else if (seen)
			return true;
	}
	return false;
}

/* p1_loops - decide whether a message has been here before without a reason */
bool
p1_loops(const struct p1_envelope *envelope, enum p1_notes notes,
    const struct global_domain *domain, struct slice mta)
{
	struct dl_history history;
	int64_t expanded = TRACE_NO_TIME;

	if (dl_history_last(&envelope->extensions, NULL, &history) == 0)
		expanded = history.time;
	/* With the notes lost nothing tells whether a list was expanded: every
	 * return may be a good one. */
	if (notes == P1_NOTES_LOST)
		expanded = INT64_MAX;
	if (trace_loops(&envelope->trace, domain, slice_of(NULL, 0), expanded))
		return true;
	/* Other domains note in the trace of domains why a message comes back,
	 * and there a good reason was found: it holds within the domain too. */
	if (has_left(&envelope->trace, domain))
		expanded = INT64_MAX;
	return mta.len != 0 &&
	    trace_loops(&envelope->internal_trace, domain, mta, expanded);
}

/* p1_responsible - count how many recipients this copy is responsible for */
size_t
p1_responsible(const struct p1_envelope *envelope)
{
	size_t i, count = 0;

	for (i = 0; i < envelope->recipient_count; i++)
		if ((envelope->recipients[i].indicators & P1_RESPONSIBILITY) !=
		    0)
			count++;
	return count;
}
