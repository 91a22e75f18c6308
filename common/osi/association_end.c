/* SPDX-License-Identifier: ISC */
/*
 * association_end.c - how an association ends other than by release
 *
 * Each layer's protocol error is answered by that layer's means: transport
 * with an ER, session with an AB of its own, presentation with an ARP, ACSE
 * and RTSE with an ABRT, in an ARU, in an AB (X.224 6.22, X.225 7.8, X.226
 * 6.4, X.227 7.3, X.228 7.6).
 */
#include <stdarg.h>

#include "osi/acse.h"
#include "osi/association_internal.h"

#define ABORT_WAIT 1000 /* ms */

/* association_withdraw - take back what is not complete, and end a TSDU of
 * which some is under way */
int
association_withdraw(struct association *a)
{
	struct association_internal *in = a->internal;

	/* Octets that are held belong to a piece that is not complete, and go
	 * with it. */
	in->net.output.end -= in->net.held;
	in->net.held = 0;
	if (!in->sent.begun)
		return 0;
	in->sent.begun = false;
	/* An empty last DT ends a TSDU of which some was sent, or the abort
	 * would be taken for its continuation. */
	return buffer_append(&in->net.output, ASSOCIATION_EMPTY_DT,
	    sizeof(ASSOCIATION_EMPTY_DT) - 1);
}

/*
 * put_ppdu - write an ARU or ARP, for the layer that gives up
 *
 * Put together in scratch 1 and the TSDU buffer in turns; what arrived there
 * is not looked at any more.
 */
static int
put_ppdu(struct association *a, enum association_layer layer,
    enum association_abort_reason reason, struct slice *ppdu)
{
	struct association_internal *in = a->internal;
	struct buffer *outer = &in->received.tsdu, *inner = &in->scratch[1];
	struct presentation_abort abort = {
	    .kind = PRESENTATION_ARP, .reason = 0, .event = -1};
	struct rtse_apdu rtab = {
	    .kind = RTSE_RTAB, .abort_reason = (int)reason};
	struct acse_apdu abrt = {
	    .kind = ACSE_ABRT, .abort_source = ACSE_ABORT_PROVIDER};
	struct slice user = {NULL, 0};
	int error = 0;

	buffer_reset(inner);
	buffer_reset(outer);
	/* Presentation aborts by a PPDU of its own; above it the abort is data
	 * for its peer. */
	if (layer != ASSOCIATION_LAYER_PRESENTATION) {
		abort.kind = PRESENTATION_ARU;
		abort.context[0].id = in->agreed.acse_id;
		abort.context[1].id = in->agreed.rtse_id;
		abort.contexts = 2;
		if (layer != ASSOCIATION_LAYER_ACSE) {
			error = rtse_encode(&rtab, outer);
			abrt.abort_source = ACSE_ABORT_USER;
			abrt.indirect = in->agreed.rtse_id;
			abrt.value = buffer_slice(outer);
		}
		if (error < 0 || (error = acse_encode(&abrt, inner)) < 0)
			return error;
		buffer_reset(outer);
		user = buffer_slice(inner);
	}
	error =
	    presentation_encode_abort(&abort, in->agreed.acse_id, user, outer);
	*ppdu = buffer_slice(outer);
	return error;
}

/* put_error - write an ER */
static int
put_error(struct association *a)
{
	struct association_internal *in = a->internal;
	struct cotp_tpdu er = {
	    .code = COTP_ER, .dst_ref = in->agreed.remote_ref};

	return association_put_tpdu(a, &er);
}

/* put_abort - write an AB */
static int
put_abort(struct association *a, enum association_layer layer,
    enum association_abort_reason reason)
{
	struct association_internal *in = a->internal;
	struct session_pdu ab = {.kind = SESSION_ABORT,
	    .has = SESSION_HAS_TRANSPORT,
	    .transport = SESSION_RELEASE_TRANSPORT};
	int error;

	if (layer == ASSOCIATION_LAYER_SESSION) {
		ab.transport |= SESSION_PROTOCOL_ERROR;
		return association_put_pdu(a, &ab);
	}
	ab.transport |= SESSION_USER_ABORT;
	/* Without an ACSE context the peer has no place for a reason above
	 * session. */
	if (in->agreed.acse_id != 0 || association_is_x410(a)) {
		error = association_is_x410(a)
		    ? association_x410_abort(a, reason, &ab.user_data)
		    : put_ppdu(a, layer, reason, &ab.user_data);
		if (error < 0)
			return error;
		/* Version 1 has room for 9 octets only: too few for it. */
		if (in->agreed.version == SESSION_VERSION_2 ||
		    ab.user_data.len <= 9)
			ab.has |= SESSION_HAS_USER_DATA;
	}
	return association_put_pdu(a, &ab);
}

/* say_abort - write the abort of a layer if the network takes it; a failure
 * there changes nothing */
static void
say_abort(struct association *a, enum association_layer layer,
    enum association_abort_reason reason)
{
	struct association_internal *in = a->internal;
	/* Writing may fail and note another reason; the first one is what
	 * happened. */
	struct association_failure failure = a->failure;

	/* Before the CC there is no connection to abort, and after the end of
	 * the stream nobody to tell. */
	if (!in->agreed.connected || in->net.eof || association_withdraw(a) < 0)
		return;
	if ((layer == ASSOCIATION_LAYER_TRANSPORT
		    ? put_error(a)
		    : put_abort(a, layer, reason)) == 0)
		(void)!association_write(a);
	a->failure = failure;
}

/* association_violation - abort because the peer broke the protocol */
int
association_violation(
    struct association *a, enum association_layer layer, const char *fmt, ...)
{
	va_list args;

	if (a->phase == ASSOCIATION_OVER)
		return ERR_PROTOCOL;
	va_start(args, fmt);
	association_note_ending(a,
	    ASSOCIATION_ENDING(ERR_PROTOCOL, ASSOCIATION_ABORTED_BY_US, layer,
		ASSOCIATION_ABORT_PROTOCOL),
	    fmt, args);
	va_end(args);
	say_abort(a, layer, ASSOCIATION_ABORT_PROTOCOL);
	return ERR_PROTOCOL;
}

/* association_abort_with - abort for a reason; returns code */
int
association_abort_with(struct association *a, int code,
    enum association_layer layer, enum association_abort_reason reason,
    const char *fmt, ...)
{
	va_list args;

	if (a->phase == ASSOCIATION_OVER)
		return code;
	va_start(args, fmt);
	association_note_ending(a,
	    ASSOCIATION_ENDING(
		code, ASSOCIATION_ABORTED_BY_US, layer, (int)reason),
	    fmt, args);
	va_end(args);
	say_abort(a, ASSOCIATION_LAYER_RTSE, reason);
	return code;
}

/* association_decode_failed - abort because of octets that a layer could not
 * read */
int
association_decode_failed(
    struct association *a, enum association_layer layer, int error)
{
	if (error == ERR_NOMEM)
		return association_failed(a, error);
	return association_violation(a, layer, "%s: %s",
	    association_layer_name(layer), diag_text(&a->internal->diag));
}

/* association_unexpected - abort because of a PDU that has no place in this
 * state */
int
association_unexpected(
    struct association *a, const struct association_item *item)
{
	return association_violation(a, ASSOCIATION_LAYER_SESSION,
	    "session: unexpected %s, the association is %s",
	    item->kind == ITEM_DATA ? "DT" : session_name(item->pdu.kind),
	    association_phase_name(a->phase));
}

/* association_failed - end the association by an error of ours, or of
 * waiting */
int
association_failed(struct association *a, int error)
{
	struct association_internal *in = a->internal;

	/* A cancelled wait is the caller's business: the association goes
	 * on. */
	if (a->phase == ASSOCIATION_OVER || error == ERR_CANCELLED)
		return error;
	if (error == ERR_TIMEOUT) {
		association_over(a,
		    ASSOCIATION_ENDING(
			error, ASSOCIATION_TIMED_OUT, in->awaited.layer, -1),
		    "%s: timed out waiting for %s",
		    association_layer_name(in->awaited.layer),
		    in->awaited.what);
		say_abort(a, ASSOCIATION_LAYER_RTSE, ASSOCIATION_ABORT_LOCAL);
		return error;
	}
	return association_abort_with(a, error, ASSOCIATION_LAYER_RTSE,
	    ASSOCIATION_ABORT_LOCAL, "local: %s", error_strerror(error));
}

/* association_abort - abort at any time, with a reason if it can still be
 * sent */
void
association_abort(struct association *a, enum association_abort_reason reason)
{
	if (a->internal == NULL || a->phase == ASSOCIATION_OVER)
		return;
	association_abort_with(a, ERR_CANCELLED, ASSOCIATION_LAYER_RTSE, reason,
	    "reliable transfer: aborted by us: %s",
	    rtse_abort_name((int)reason));
	/* The peer closes when it has read the abort; closing first could
	 * destroy it on its way. */
	if (a->internal->agreed.connected)
		association_drain(a, clock_after(ABORT_WAIT));
}

/* association_disconnected - end the association by a DR or ER that came */
int
association_disconnected(struct association *a, const struct cotp_tpdu *tpdu)
{
	char text[COTP_TEXT];

	if (tpdu->code == COTP_ER)
		return association_over(a,
		    ASSOCIATION_ENDING(ERR_CLOSED, ASSOCIATION_ABORTED_BY_PEER,
			ASSOCIATION_LAYER_TRANSPORT, tpdu->reason),
		    "transport: the peer rejected a TPDU, cause %u",
		    tpdu->reason);
	return association_over(a,
	    ASSOCIATION_ENDING(ERR_CLOSED, ASSOCIATION_LOST,
		ASSOCIATION_LAYER_TRANSPORT, tpdu->reason),
	    "transport: the peer disconnected: %s",
	    cotp_disconnect_text(tpdu, text));
}

/* association_put_disconnect - write a DR; a failure there changes nothing */
void
association_put_disconnect(struct association *a, uint8_t reason)
{
	struct association_internal *in = a->internal;
	struct cotp_tpdu dr = {.code = COTP_DR,
	    .dst_ref = in->agreed.remote_ref,
	    .src_ref = in->agreed.local_ref,
	    .reason = reason};

	(void)!association_put_tpdu(a, &dr);
}

/* provider_abort - end by an AB of the session entity, or without data */
static int
provider_abort(struct association *a, const struct session_pdu *pdu)
{
	const char *why = "no reason given";

	/* The AB of a session entity has flags in place of a reason. */
	if (pdu->transport & SESSION_PROTOCOL_ERROR)
		why = "session protocol error";
	else if (pdu->transport & SESSION_IMPLEMENTATION)
		why = "restriction of its implementation";
	else if (pdu->transport & SESSION_USER_ABORT)
		why = "by its user, who gives no reason";
	return association_over(a,
	    ASSOCIATION_ENDING(ERR_CLOSED, ASSOCIATION_ABORTED_BY_PEER,
		ASSOCIATION_LAYER_SESSION, pdu->transport),
	    "session: aborted by the peer: %s", why);
}

/* rtse_abort - end by an RTAB */
static int
rtse_abort(struct association *a, const struct rtse_apdu *rtab)
{
	/* Told only for a transfer of ours: the message has arrived, though its
	 * confirmation was lost. */
	if (a->internal->sender.state != SENDER_IDLE &&
	    rtab->abort_reason == ASSOCIATION_ABORT_TRANSFER_COMPLETED)
		a->transfer_completed = true;
	return association_over(a,
	    ASSOCIATION_ENDING(ERR_CLOSED, ASSOCIATION_ABORTED_BY_PEER,
		ASSOCIATION_LAYER_RTSE, rtab->abort_reason),
	    "reliable transfer: aborted by the peer: %s",
	    rtse_abort_name(rtab->abort_reason));
}

/* user_abort - end by an ABRT, with an RTAB or without */
static int
user_abort(struct association *a, struct slice user_data)
{
	struct association_internal *in = a->internal;
	struct acse_apdu abrt;
	struct rtse_apdu rtab;
	struct slice value;

	if (user_data.len == 0 ||
	    presentation_find(
		user_data, in->agreed.acse_id, &value, &in->diag) <= 0 ||
	    acse_decode(value, in->agreed.rtse_id, &abrt, &in->diag) < 0 ||
	    abrt.kind != ACSE_ABRT)
		return association_over(a,
		    ASSOCIATION_ENDING(ERR_CLOSED, ASSOCIATION_ABORTED_BY_PEER,
			ASSOCIATION_LAYER_PRESENTATION, -1),
		    "presentation: aborted by the peer, without a reason");
	if (abrt.value.len == 0 ||
	    rtse_decode(abrt.value, &in->arena, &rtab, &in->diag) < 0 ||
	    rtab.kind != RTSE_RTAB)
		return association_over(a,
		    ASSOCIATION_ENDING(ERR_CLOSED, ASSOCIATION_ABORTED_BY_PEER,
			ASSOCIATION_LAYER_ACSE, (int)abrt.abort_source),
		    "association: aborted by the peer's %s",
		    abrt.abort_source == ACSE_ABORT_USER ? "user"
							 : "ACSE entity");
	return rtse_abort(a, &rtab);
}

/*
 * association_aborted - end by an AB, for the reason of the highest layer that
 * gives one.  ERR_CLOSED
 *
 * What of it cannot be read is passed over: an answer to an abort there is
 * none, but to disconnect.
 */
int
association_aborted(struct association *a, const struct session_pdu *pdu)
{
	struct association_internal *in = a->internal;
	struct presentation_abort abort;
	struct rtse_apdu rtab;

	arena_reset(&in->arena);
	if (!(pdu->has & SESSION_HAS_USER_DATA) || pdu->user_data.len == 0 ||
	    presentation_decode_abort(pdu->user_data, &abort, &in->diag) < 0)
		return provider_abort(a, pdu);
	if (abort.kind == PRESENTATION_ARP)
		return association_over(a,
		    ASSOCIATION_ENDING(ERR_CLOSED, ASSOCIATION_ABORTED_BY_PEER,
			ASSOCIATION_LAYER_PRESENTATION, abort.reason),
		    "presentation: aborted by the peer: %s",
		    presentation_abort_name(abort.reason));
	if (abort.kind == PRESENTATION_ABORT_X410)
		return rtse_decode_fields(abort.x410, RTSE_RTAB, &in->arena,
			   &rtab, &in->diag) == 0
		    ? rtse_abort(a, &rtab)
		    : provider_abort(a, pdu);
	return user_abort(a, abort.user_data);
}
