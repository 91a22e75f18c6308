/* SPDX-License-Identifier: ISC */
/*
 * association_x410.c - what X.410-1984 mode says otherwise
 *
 * X.410 (1984) 4, X.226 8.2.1, X.228 annex A: the fields of RTORQ, RTOAC,
 * RTORJ and RTAB stand in the PPDUs without ACSE, presentation contexts or an
 * APDU's tag, the bind without its wrapper.  P-DATA and the request for the
 * turn are bare octets, no EXTERNAL is around the APDU, FN and DN have no user
 * data, and session is of version 1.
 */
#include "osi/association_internal.h"

/* Values of applicationProtocol (X.410 4.2, X.419 annex). */
#define PROTOCOL_1984	      1
#define PROTOCOL_1988	      12
#define PROTOCOL_1988_SWAPPED 0x0c00 /* PP, on little-endian machines */
#define PROTOCOL_1984_ENV     8883   /* the European profile of 1984 */

/* association_is_x410 - tell whether the association is of X.410 mode, with
 * either protocol */
bool
association_is_x410(const struct association *a)
{
	return a->mode != ASSOCIATION_NORMAL;
}

/* association_rtse_decode - read an RTORQ or RTOAC of the association's mode */
int
association_rtse_decode(struct association *a, struct slice octets,
    enum rtse_kind kind, struct rtse_apdu *apdu)
{
	struct association_internal *in = a->internal;
	int error;

	if (association_is_x410(a))
		return rtse_decode_fields(
		    octets, kind, &in->arena, apdu, &in->diag);
	error = rtse_decode(octets, &in->arena, apdu, &in->diag);
	if (error == 0 && apdu->kind != kind)
		error = diag_set(&in->diag, ERR_SYNTAX, "not an %s",
		    kind == RTSE_RTORQ ? "RTORQ" : "RTOAC");
	return error;
}

/* association_x410_connect - write a CP with an RTORQ, or a CPA with an RTOAC;
 * *ppdu borrows from the scratch buffers */
int
association_x410_connect(struct association *a, struct rtse_apdu *apdu,
    struct slice bind, struct slice *ppdu)
{
	struct association_internal *in = a->internal;
	struct buffer *fields = &in->scratch[0], *out = &in->scratch[1];
	int error;

	buffer_reset(fields);
	buffer_reset(out);
	/* An RTORQ that recovers has the references where the bind would be. */
	if (!apdu->recover)
		apdu->user = bind;
	if (apdu->kind == RTSE_RTORQ)
		apdu->application_protocol =
		    a->mode == ASSOCIATION_1984 ? PROTOCOL_1984 : PROTOCOL_1988;
	if ((error = rtse_encode_fields(apdu, fields)) < 0 ||
	    (error = presentation_encode_x410(buffer_slice(fields), out)) < 0)
		return error;
	*ppdu = buffer_slice(out);
	return 0;
}

/* association_x410_protocol - take the protocol that a caller asks for.
 * ERR_VALUE: it is none of ours */
int
association_x410_protocol(struct association *a, int protocol)
{
	switch (protocol) {
	case PROTOCOL_1988:
	case PROTOCOL_1988_SWAPPED:
		a->mode = ASSOCIATION_X410;
		return 0;
	case -1:
	case PROTOCOL_1984:
	case PROTOCOL_1984_ENV:
		a->mode = ASSOCIATION_1984;
		return 0;
	default:
		return ERR_VALUE;
	}
}

/* association_x410_refused - end by an RTORJ, as bind errors are known */
int
association_x410_refused(struct association *a, struct slice fields)
{
	struct association_internal *in = a->internal;
	enum association_layer layer = ASSOCIATION_LAYER_BIND;
	struct rtse_apdu rtorj;

	/* A refusal that cannot be read is a refusal still. */
	if (rtse_decode_fields(
		fields, RTSE_RTORJ, &in->arena, &rtorj, &in->diag) < 0)
		return association_refused_by_peer(a, ASSOCIATION_LAYER_RTSE,
		    -1,
		    "reliable transfer: refused, for a reason that cannot "
		    "be read");
	/* X.410 mode has no bind error: the reason of the RTORJ is what MTABind
	 * would have said. */
	switch (rtorj.refuse_reason) {
	case RTSE_REFUSED_BUSY:
		a->failure.bind_error = ASSOCIATION_BIND_BUSY;
		a->failure.transient = true;
		break;
	case RTSE_REFUSED_VALIDATION:
		a->failure.bind_error = ASSOCIATION_BIND_AUTHENTICATION;
		break;
	case RTSE_REFUSED_DIALOGUE:
		a->failure.bind_error = ASSOCIATION_BIND_DIALOGUE;
		break;
	default:
		layer = ASSOCIATION_LAYER_RTSE;
		break;
	}
	return association_refused_by_peer(a, layer, rtorj.refuse_reason,
	    "%s: refused: %s", association_layer_name(layer),
	    rtse_refusal_name(rtorj.refuse_reason));
}

/* association_x410_abort - write an ARU with an RTAB; *ppdu borrows from the
 * TSDU buffer, what arrived there is not looked at any more */
int
association_x410_abort(struct association *a,
    enum association_abort_reason reason, struct slice *ppdu)
{
	struct association_internal *in = a->internal;
	struct buffer *fields = &in->scratch[1], *out = &in->received.tsdu;
	struct rtse_apdu rtab = {
	    .kind = RTSE_RTAB, .abort_reason = (int)reason};
	int error;

	/* RTAB has no other reasons in X.410 mode (X.228 9). */
	if (reason == ASSOCIATION_ABORT_PERMANENT ||
	    reason == ASSOCIATION_ABORT_USER)
		rtab.abort_reason = ASSOCIATION_ABORT_LOCAL;
	buffer_reset(fields);
	buffer_reset(out);
	if ((error = rtse_encode_fields(&rtab, fields)) < 0 ||
	    (error = presentation_encode_x410_end(buffer_slice(fields), out)) <
		0)
		return error;
	*ppdu = buffer_slice(out);
	return 0;
}
