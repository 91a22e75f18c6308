/* SPDX-License-Identifier: ISC */
/*
 * association_refused.c - the refusals of a peer that is called
 *
 * An RF says why itself, or carries a CPR, in it an AARE, in it an RTORJ, in it
 * a bind error: the innermost that can be read is the reason (X.225 7.1, X.226
 * 6.2, X.227 7.1, X.228 7.1).
 */
#include "ber/reader.h"
#include "osi/acse.h"
#include "osi/association_internal.h"

/* bind_refused - end by an RTORJ, with a bind error or without */
static int
bind_refused(struct association *a, const struct acse_apdu *aare)
{
	struct association_internal *in = a->internal;
	struct ber_reader reader;
	struct ber_element el;
	struct rtse_apdu rtorj;
	struct slice value;
	int64_t code;

	/* An RTORJ without a reason of the user is RTSE's own refusal; after a
	 * recovery that means that the peer cannot recover. */
	if (rtse_decode(aare->value, &in->arena, &rtorj, &in->diag) < 0 ||
	    rtorj.kind != RTSE_RTORJ || rtorj.user.len == 0)
		return association_refused_by_peer(a, ASSOCIATION_LAYER_RTSE,
		    -1, "reliable transfer: refused%s",
		    in->parameters.recover != NULL ? ": cannot recover" : "");
	ber_reader_init(&reader, slice_of(NULL, 0), &in->diag);
	if (rtse_bind_decode(rtorj.user, RTSE_BIND_ERROR, &value, &in->diag) <
	    0)
		return association_refused_by_peer(a, ASSOCIATION_LAYER_BIND,
		    -1, "bind: refused, for a reason that cannot be read");
	ber_reader_init(&reader, value, &in->diag);
	if (ber_next(&reader, &el) <= 0 ||
	    ber_get_integer(&reader, &el, "bind error", 0, INT32_MAX, &code) <
		0)
		return association_refused_by_peer(a, ASSOCIATION_LAYER_BIND,
		    -1, "bind: refused, for a reason that cannot be read");
	a->failure.bind_error = (int)code;
	/* Busy is the one bind error that passes by itself. */
	if (code == ASSOCIATION_BIND_BUSY)
		a->failure.transient = true;
	return association_refused_by_peer(a, ASSOCIATION_LAYER_BIND, (int)code,
	    "bind: refused: %s", association_bind_error_name((int)code));
}

/* acse_refused - end by an AARE that rejects */
static int
acse_refused(struct association *a, const struct acse_apdu *aare)
{
	if (aare->result == ACSE_REJECTED_TRANSIENT)
		a->failure.transient = true;
	if (aare->value.len > 0)
		return bind_refused(a, aare);
	return association_refused_by_peer(a, ASSOCIATION_LAYER_ACSE,
	    aare->diagnostic, "association: refused: %s",
	    acse_diagnostic_name(aare->source, aare->diagnostic));
}

/* presentation_refused - end by a CPR, with an AARE or without */
static int
presentation_refused(struct association *a, struct slice octets)
{
	struct association_internal *in = a->internal;
	struct presentation_connect cpr;
	struct acse_apdu aare;
	struct slice value;

	if (presentation_decode_refuse(octets, &in->arena, &cpr, &in->diag) < 0)
		return association_refused_by_peer(a,
		    ASSOCIATION_LAYER_PRESENTATION, -1,
		    "presentation: refused, for a reason that cannot be read");
	if (cpr.mode == PRESENTATION_X410)
		return association_x410_refused(a, cpr.x410);
	/* A rejected context is the reason only where no AARE came along. */
	for (size_t i = 0; i < cpr.contexts && cpr.user_data.len == 0; i++)
		if (cpr.context[i].result != PRESENTATION_ACCEPTED)
			return association_refused_by_peer(a,
			    ASSOCIATION_LAYER_PRESENTATION,
			    cpr.context[i].reason,
			    "presentation: context %zu rejected: %s", i + 1,
			    presentation_context_reason_name(
				cpr.context[i].reason));
	if (cpr.user_data.len == 0 ||
	    presentation_find(
		cpr.user_data, in->agreed.acse_id, &value, &in->diag) <= 0 ||
	    acse_decode(value, in->agreed.rtse_id, &aare, &in->diag) < 0 ||
	    aare.kind != ACSE_AARE) {
		/* No AARE can be read in it: presentation's own reason is what
		 * is left. */
		a->failure.transient =
		    cpr.provider_reason == PRESENTATION_REFUSED_CONGESTED;
		return association_refused_by_peer(a,
		    ASSOCIATION_LAYER_PRESENTATION, cpr.provider_reason,
		    "presentation: refused: %s",
		    presentation_refusal_name(cpr.provider_reason));
	}
	return acse_refused(a, &aare);
}

/* association_take_refuse - take an RF, then send our DR */
int
association_take_refuse(struct association *a, const struct session_pdu *rf)
{
	int error;

	if (rf->reason == SESSION_REFUSED_WITH_DATA && rf->user_data.len > 0) {
		error = presentation_refused(a, rf->user_data);
	} else {
		a->failure.transient =
		    rf->reason == SESSION_REFUSED_CONGESTED ||
		    rf->reason == SESSION_REFUSED_SPM_CONGESTED;
		error = association_refused_by_peer(a,
		    ASSOCIATION_LAYER_SESSION, rf->reason,
		    "session: refused: %s", session_refusal_name(rf->reason));
	}
	/* The initiator ends the transport connection after an RF. */
	association_put_disconnect(a, COTP_REASON_NORMAL);
	(void)!association_write(a);
	return error;
}
