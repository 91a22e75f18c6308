/* SPDX-License-Identifier: ISC */
/*
 * downgrade.c - envelopes and reports for an MTA of 1984
 */
#include "ber/writer.h"
#include "mhs/downgrade.h"
#include "mhs/or_downgrade.h"

#define EITS_TAG	 BER_APP(5)
#define EITS_UNDEFINED	 BER_BIT(0)
#define INDICATORS_1984	 0xf0000000U /* four of a message */
#define DIAGNOSTICS_1984 11	     /* the highest that 1984 knows */
#define REASONS_1984	 2

/* is_note - tell whether an extension is a note of the MTS's own */
static bool
is_note(const struct extension *extension)
{
	/* The notes serve MTAs of 1988 to find loops; a peer of 1984 has no use
	 * for them, and a message is not refused for its history. */
	switch (extension->number) {
	case EXTENSION_REDIRECTION_HISTORY:
	case EXTENSION_DL_EXPANSION_HISTORY:
	case EXTENSION_INTERNAL_TRACE:
	case EXTENSION_TRACE_INFORMATION:
		return true;
	default:
		return false;
	}
}

/* refuses - find an extension that must not be left out */
static const char *
refuses(const struct extension_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].criticality != 0 &&
		    !is_note(&list->items[i]))
			return "an extension that is critical cannot be said "
			       "to a peer of 1984";
	return NULL;
}

/* downgrade_refuses - find what of an envelope must not be left out */
const char *
downgrade_refuses(const struct p1_envelope *envelope)
{
	return refuses(&envelope->extensions);
}

/* downgrade_refuses_recipient - find what of a recipient must not be left
 * out */
const char *
downgrade_refuses_recipient(const struct p1_recipient *recipient)
{
	return refuses(&recipient->extensions);
}

/* put_eits - write encoded information types without those that are OIDs */
static int
put_eits(struct ber_reader *in, struct buffer *out)
{
	struct ber_writer writer;
	struct ber_element el;
	uint32_t bits = 0;
	size_t count = 0;
	int error;

	ber_writer_init(&writer, out);
	ber_begin(&writer, EITS_TAG);
	while ((error = ber_next(in, &el)) > 0) {
		if (el.tag == BER_CTX(0))
			error = ber_get_bits(in, &el, "EITs", &bits, &count);
		else
			error = 0;
		if (error < 0)
			return error;
		/* An OID says a type that 1984 has no bit for: X.411's
		 * undefined stands for it. */
		if (el.tag == BER_CTX(4))
			bits |= EITS_UNDEFINED;
	}
	if (error < 0)
		return error;
	/* Bits behind the last that is set are left out, as DER would. */
	for (count = 0; count < 32 && bits << count != 0;)
		count++;
	ber_put_bits(&writer, BER_CTX(0), bits, count);
	ber_end_element(&writer);
	return ber_finish(&writer);
}

/* has_extended - tell whether encoded information types have any that 1984
 * does not know */
static int
has_extended(struct ber_reader in)
{
	struct ber_element el;
	int error;

	/* Tags [1] to [3] are parameters that 1984 has as well. */
	while ((error = ber_next(&in, &el)) > 0)
		if (el.tag != BER_CTX(0) && el.tag != BER_CTX(1) &&
		    el.tag != BER_CTX(2) && el.tag != BER_CTX(3))
			return 1;
	return error;
}

/* downgrade_eits - make encoded information types those of 1984 */
int
downgrade_eits(struct slice *eits, struct arena *arena)
{
	struct ber_reader reader, in;
	struct ber_element el;
	struct buffer out;
	int error;

	/* An element that was absent remains absent. */
	if (eits->len == 0)
		return 0;
	ber_reader_init(&reader, *eits, NULL);
	if ((error = ber_expect(&reader, EITS_TAG, "EITs", &el)) < 0 ||
	    (error = ber_enter(&reader, &el, &in)) < 0 ||
	    (error = has_extended(in)) <= 0)
		return error;
	buffer_init(&out, 64);
	error = put_eits(&in, &out);
	if (error == 0)
		error = arena_slice(arena, buffer_slice(&out), eits);
	buffer_fini(&out);
	return error;
}

/* downgrade_trace - take from trace what 1984 does not know */
static int
downgrade_trace(struct trace *trace, struct arena *arena)
{
	/* Elements are copied: the caller's own trace goes to other peers as it
	 * is. */
	struct trace_element *own =
	    arena_array(arena, trace->count, sizeof(*own));

	if (trace->count == 0)
		return 0;
	if (own == NULL)
		return arena_error(arena);
	memcpy(own, trace->elements, trace->count * sizeof(*own));
	trace->elements = own;
	trace->capacity = trace->count;
	for (size_t i = 0; i < trace->count; i++) {
		struct slice before = own[i].converted_eits;
		int error = downgrade_eits(&own[i].converted_eits, arena);

		if (error < 0)
			return error;
		/* Only an element that changes loses its octets; others are
		 * passed on as they came, with whatever their domain wrote. */
		if (own[i].other_actions == 0 &&
		    slice_equal(before, own[i].converted_eits))
			continue;
		own[i].other_actions = 0;
		own[i].raw = slice_of(NULL, 0);
	}
	return 0;
}

/* downgrade_recipient - make a recipient one of 1984 */
int
downgrade_recipient(struct p1_recipient *recipient,
    const struct global_domain *gateway, struct arena *arena)
{
	/* Critical ones were refused before (downgrade_refuses); the rest may
	 * be left out. */
	recipient->extensions.count = 0;
	return or_name_downgrade(&recipient->name, gateway, arena);
}

/* downgrade_envelope - make an envelope one of 1984 */
int
downgrade_envelope(struct p1_envelope *envelope,
    const struct global_domain *gateway, struct arena *arena)
{
	int error = or_name_downgrade(&envelope->originator, gateway, arena);

	if (error == 0)
		error = downgrade_eits(&envelope->original_eits, arena);
	if (error == 0)
		error = downgrade_trace(&envelope->trace, arena);
	for (size_t i = 0; i < envelope->recipient_count && error == 0; i++)
		error = downgrade_recipient(
		    &envelope->recipients[i], gateway, arena);
	/* EXTERNAL is the type under which 1984 carries any other content. */
	if (envelope->content_type.built_in == P1_CONTENT_OID)
		envelope->content_type.built_in = P1_CONTENT_EXTERNAL;
	envelope->extensions.count = 0;
	/* Trace of MTAs is an extension of 1988, and is of use within one
	 * domain alone. */
	envelope->internal_trace.count = 0;
	envelope->indicators &= INDICATORS_1984;
	return error;
}

/* downgrade_reported - make what a report says of one recipient that of 1984 */
static int
downgrade_reported(struct report_recipient *recipient,
    const struct global_domain *gateway, struct arena *arena)
{
	int error = or_name_downgrade(&recipient->actual, gateway, arena);

	if (error == 0 && recipient->has_intended)
		error = or_name_downgrade(&recipient->intended, gateway, arena);
	if (error == 0)
		error = downgrade_eits(&recipient->converted_eits, arena);
	recipient->extensions.count = 0;
	/* A reason that 1984's P1 cannot say becomes the nearest that it can;
	 * the diagnostic is dropped, since any other would be false. */
	if (recipient->reason > REASONS_1984)
		recipient->reason = REASON_UNABLE_TO_TRANSFER;
	if (recipient->diagnostic > DIAGNOSTICS_1984)
		recipient->diagnostic = DIAGNOSTIC_NONE;
	if (recipient->user_type > REPORT_USER_PRIVATE)
		recipient->user_type = REPORT_USER_PUBLIC;
	return error;
}

/* downgrade_report - make what a report says that of 1984 */
int
downgrade_report(struct report *report, const struct global_domain *gateway,
    struct arena *arena)
{
	int error = 0;

	if (report->has_trace)
		error = downgrade_trace(&report->trace, arena);
	for (size_t i = 0; i < report->recipient_count && error == 0; i++)
		error =
		    downgrade_reported(&report->recipients[i], gateway, arena);
	/* 1984 has no content type in a report: a reader would take the
	 * returned content for P2. */
	if (report->has_content_type &&
	    report->content_type.built_in != P1_CONTENT_P2)
		report->has_content = false;
	report->has_content_type = false;
	report->original_eits = slice_of(NULL, 0);
	report->extensions.count = 0;
	return error;
}

/* upgrade_envelope - make of the names in an envelope what they were */
int
upgrade_envelope(struct p1_envelope *envelope,
    const struct global_domain *gateway, struct arena *arena)
{
	int error = or_name_upgrade(&envelope->originator, gateway, arena);

	for (size_t i = 0; i < envelope->recipient_count && error == 0; i++)
		error = or_name_upgrade(
		    &envelope->recipients[i].name, gateway, arena);
	return error;
}
