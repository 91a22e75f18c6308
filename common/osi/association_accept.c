/* SPDX-License-Identifier: ISC */
/*
 * association_accept.c - the responder's answers: AC and all that is in it,
 * or RF
 *
 * X.225 7.1.3 and 7.2, X.226 6.2.5, X.227 7.1.4, X.228 7.1.
 */
#include "osi/acse.h"
#include "osi/association_internal.h"
#include "osi/association_recovery.h"

#define REFUSAL_WAIT 5000 /* ms, until the peer disconnects */

/* put_answer - write an AC or RF, with the elements that both have */
static int
put_answer(struct association *a, struct session_pdu *pdu)
{
	struct association_internal *in = a->internal;

	/* Our reference to it is the peer's own, under another name. */
	pdu->identifier = in->opening.cn.identifier;
	pdu->identifier.called = pdu->identifier.calling;
	pdu->identifier.calling = slice_of(NULL, 0);
	pdu->has |= SESSION_HAS_UNITS;
	pdu->units = SESSION_UNITS_RTSE;
	return association_put_pdu(a, pdu);
}

/*
 * association_put_refusal - write an RF, then wait for the peer to disconnect
 *
 * User data goes with SESSION_REFUSED_WITH_DATA.  What fails here changes
 * nothing.
 */
void
association_put_refusal(
    struct association *a, enum session_refusal reason, struct slice user)
{
	struct association_internal *in = a->internal;
	struct session_pdu rf = {.kind = SESSION_REFUSE,
	    .has = SESSION_HAS_TRANSPORT | SESSION_HAS_REASON |
		SESSION_HAS_USER_DATA,
	    .transport = SESSION_RELEASE_TRANSPORT,
	    .reason = (int)reason,
	    .user_data = user};
	uint32_t wait = in->parameters.disconnect_timeout;

	if (put_answer(a, &rf) == 0)
		association_drain(
		    a, clock_after(wait < REFUSAL_WAIT ? wait : REFUSAL_WAIT));
}

/* association_acse_refuse - refuse with an AARE; value is its user
 * information, or empty.  ERR_REFUSED */
int
association_acse_refuse(struct association *a, enum acse_result result,
    enum acse_source source, int diagnostic, struct slice value)
{
	struct association_internal *in = a->internal;
	struct acse_apdu aare = {.kind = ACSE_AARE,
	    .context_name = in->parameters.application_context,
	    .result = result,
	    .source = source,
	    .diagnostic = diagnostic,
	    .indirect = in->agreed.rtse_id,
	    .direct = true,
	    .value = value};
	struct presentation_connect cpr = in->opening.connect;
	struct buffer *one = &in->scratch[0], *two = &in->scratch[1];

	/* Encoded from what the peer proposed: an answer has a result for each
	 * of its contexts, in its order. */
	cpr.provider_reason = -1;
	cpr.responding_selector = slice_of(NULL, 0);
	buffer_reset(one);
	if (acse_encode(&aare, one) < 0)
		return ERR_REFUSED;
	buffer_reset(two);
	if (presentation_encode_refuse(
		&cpr, in->agreed.acse_id, buffer_slice(one), two) == 0)
		association_put_refusal(
		    a, SESSION_REFUSED_WITH_DATA, buffer_slice(two));
	return ERR_REFUSED;
}

/* x410_reason - choose the reason of an RTORJ in X.410 mode; result and
 * bind_error are those of normal mode, -1: a recovery */
static enum rtse_refusal
x410_reason(enum acse_result result, int bind_error)
{
	if (bind_error == ASSOCIATION_BIND_DIALOGUE)
		return RTSE_REFUSED_DIALOGUE;
	if (result == ACSE_REJECTED_TRANSIENT)
		return RTSE_REFUSED_BUSY;
	return bind_error < 0 ? RTSE_REFUSED_CANNOT_RECOVER
			      : RTSE_REFUSED_VALIDATION;
}

/* x410_refuse - refuse with an RTORJ of X.410 mode, in a CPR, in an RF.
 * ERR_REFUSED */
static int
x410_refuse(struct association *a, enum rtse_refusal reason)
{
	struct association_internal *in = a->internal;
	struct rtse_apdu rtorj = {
	    .kind = RTSE_RTORJ, .refuse_reason = (int)reason};
	struct buffer *fields = &in->scratch[0], *cpr = &in->scratch[1];

	buffer_reset(fields);
	buffer_reset(cpr);
	if (rtse_encode_fields(&rtorj, fields) == 0 &&
	    presentation_encode_x410_end(buffer_slice(fields), cpr) == 0)
		association_put_refusal(
		    a, SESSION_REFUSED_WITH_DATA, buffer_slice(cpr));
	return ERR_REFUSED;
}

/* association_reject - refuse with an RTORJ, in an AARE, in a CPR, in an RF */
int
association_reject(
    struct association *a, enum acse_result result, int bind_error)
{
	struct association_internal *in = a->internal;
	uint8_t integer[3] = {0x02, 0x01, (uint8_t)bind_error};
	struct rtse_apdu rtorj = {.kind = RTSE_RTORJ, .refuse_reason = -1};
	struct buffer *one = &in->scratch[0], *two = &in->scratch[1];

	if (association_is_x410(a))
		return x410_refuse(a, x410_reason(result, bind_error));
	buffer_reset(one);
	buffer_reset(two);
	/* A recovery is refused without a bind error, since there was no
	 * bind. */
	if (bind_error >= 0) {
		if (rtse_bind_encode(RTSE_BIND_ERROR,
			slice_of(integer, sizeof(integer)), one) < 0)
			return ERR_REFUSED;
		rtorj.user = buffer_slice(one);
	}
	if (rtse_encode(&rtorj, two) < 0)
		return ERR_REFUSED;
	return association_acse_refuse(
	    a, result, ACSE_SOURCE_USER, 0, buffer_slice(two));
}

/* put_accept - write an RTOAC with the bind's result, in an AARE, in a CPA */
static int
put_accept(struct association *a, struct slice bind_result, struct slice *ppdu)
{
	struct association_internal *in = a->internal;
	struct buffer *one = &in->scratch[0], *two = &in->scratch[1];
	struct rtse_apdu rtoac = {.kind = RTSE_RTOAC,
	    .checkpoint_size = a->checkpoint_size,
	    .window = a->window,
	    .application_protocol = -1};
	struct acse_apdu aare = {.kind = ACSE_AARE,
	    .context_name = in->parameters.application_context,
	    .result = ACSE_ACCEPTED,
	    .source = ACSE_SOURCE_USER,
	    .direct = true,
	    .indirect = in->agreed.rtse_id};
	int error = 0;

	rtoac.recover = in->opening.recovering;
	rtoac.references = in->opening.recover;
	if (association_is_x410(a))
		return association_x410_connect(a, &rtoac, bind_result, ppdu);
	buffer_reset(one);
	buffer_reset(two);
	/* An RTOAC that accepts a recovery carries no bind result (X.228). */
	if (!rtoac.recover) {
		error = rtse_bind_encode(RTSE_BIND_RESULT, bind_result, one);
		rtoac.user = buffer_slice(one);
	}
	if (error < 0 || (error = rtse_encode(&rtoac, two)) < 0)
		return error;
	buffer_reset(one);
	aare.value = buffer_slice(two);
	if ((error = acse_encode(&aare, one)) < 0)
		return error;
	buffer_reset(two);
	/* A responding selector is optional in a CPA, and says nothing that the
	 * peer does not know. */
	in->opening.connect.responding_selector = slice_of(NULL, 0);
	error = presentation_encode_accept(
	    &in->opening.connect, in->agreed.acse_id, buffer_slice(one), two);
	*ppdu = buffer_slice(two);
	return error;
}

/* association_deny_further - have a request accepted without further_syntax */
void
association_deny_further(struct association *a)
{
	struct presentation_connect *cp = &a->internal->opening.connect;

	for (size_t i = 0; i < cp->contexts && a->further; i++)
		if (cp->context[i].id == a->internal->agreed.further_id) {
			cp->context[i].result = PRESENTATION_PROVIDER_REJECTED;
			cp->context[i].reason = PRESENTATION_CONTEXT_ABSTRACT;
		}
	a->further = false;
}

/* negotiate - choose checkpoint size and window as X.228 allows */
static void
negotiate(struct association *a, unsigned checkpoint_size, unsigned window)
{
	struct association_internal *in = a->internal;

	/* A proposed size of 0 sets no bound. */
	if (in->opening.checkpoint != 0 &&
	    checkpoint_size > in->opening.checkpoint)
		checkpoint_size = in->opening.checkpoint;
	if (window > in->opening.window)
		window = in->opening.window;
	if (window > ASSOCIATION_WINDOW_MAX)
		window = ASSOCIATION_WINDOW_MAX;
	a->checkpoint_size = checkpoint_size;
	a->window = window < 1 ? 1 : window;
}

/* answer_request - accept either kind of request */
static int
answer_request(struct association *a, struct slice bind_result,
    unsigned checkpoint_size, unsigned window)
{
	struct association_internal *in = a->internal;
	struct session_pdu ac = {.kind = SESSION_ACCEPT,
	    .has = SESSION_HAS_OPTIONS | SESSION_HAS_VERSION |
		SESSION_HAS_TOKENS | SESSION_HAS_USER_DATA,
	    .tokens =
		a->turn ? SESSION_TOKENS_RESPONDER : SESSION_TOKENS_INITIATOR};
	size_t max;
	int error;

	if (bind_result.len > ASSOCIATION_BIND_MAX ||
	    checkpoint_size > RTSE_CHECKPOINT_MAX)
		return ERR_VALUE;
	max = in->parameters.tsdu_max;
	negotiate(a, checkpoint_size, window);
	if ((error = put_accept(a, bind_result, &ac.user_data)) < 0)
		return association_failed(a, error);
	ac.versions = in->agreed.version;
	/* The maximum is answered only if it was proposed: the peer would not
	 * know the parameter otherwise. */
	if (max != 0 && (in->opening.cn.has & SESSION_HAS_TSDU_MAX)) {
		ac.has |= SESSION_HAS_TSDU_MAX;
		ac.tsdu_max_out = in->opening.cn.tsdu_max_out;
		ac.tsdu_max_in = in->opening.cn.tsdu_max_in;
		if (ac.tsdu_max_out == 0 || ac.tsdu_max_out > max)
			ac.tsdu_max_out = (uint16_t)max;
		if (ac.tsdu_max_in == 0 || ac.tsdu_max_in > max)
			ac.tsdu_max_in = (uint16_t)max;
		/* A segment needs room beside its header; a peer that allows
		 * less gets no segments. */
		if (ac.tsdu_max_in > SESSION_DATA_HEADER)
			in->agreed.segment = ac.tsdu_max_in;
	}
	if ((error = put_answer(a, &ac)) < 0)
		return error;
	/* Open before the answer is written: from the peer's next octet on it
	 * may be in use. */
	a->phase = ASSOCIATION_OPEN;
	association_step(a, ASSOCIATION_LAYER_BIND);
	association_awaits(a, ASSOCIATION_LAYER_NETWORK, "room to write");
	return association_flush(a, clock_after(in->parameters.open_timeout));
}

/* association_accept - accept a request */
int
association_accept(struct association *a, struct slice bind_result,
    unsigned checkpoint_size, unsigned window)
{
	if (association_is(a, 1U << ASSOCIATION_INDICATED) < 0 ||
	    a->internal->opening.recovering)
		return ERR_STATE;
	return answer_request(a, bind_result, checkpoint_size, window);
}

/* association_accept_recovery - accept a recovery, with checkpoint size and
 * window */
int
association_accept_recovery(
    struct association *a, unsigned checkpoint_size, unsigned window)
{
	if (association_is(a, 1U << ASSOCIATION_INDICATED) < 0 ||
	    !a->internal->opening.recovering)
		return ERR_STATE;
	return answer_request(a, slice_of(NULL, 0), checkpoint_size, window);
}

/* refuse_recovery - refuse with an empty RTORJ; transient: not now */
static void
refuse_recovery(struct association *a, enum acse_result result)
{
	bool transient = result == ACSE_REJECTED_TRANSIENT;

	association_over(a,
	    ASSOCIATION_ENDING(
		0, ASSOCIATION_REFUSED_BY_US, ASSOCIATION_LAYER_RTSE, -1),
	    "reliable transfer: refused by us: %s",
	    transient ? "cannot recover now" : "cannot recover");
	a->failure.transient = transient;
	(void)association_reject(a, result, -1);
}

/* association_refuse - refuse a request; the association is over */
int
association_refuse(struct association *a, enum association_refusal refusal,
    enum association_bind_error bind_error)
{
	int error;

	if ((error = association_is(a, 1U << ASSOCIATION_INDICATED)) < 0)
		return error;
	if (refusal != ASSOCIATION_REFUSE_BIND) {
		refuse_recovery(a,
		    refusal == ASSOCIATION_REFUSE_RECOVER_LATER
			? ACSE_REJECTED_TRANSIENT
			: ACSE_REJECTED_PERMANENT);
		return 0;
	}
	/* Noted before it is written, so that the reason stands even if the
	 * peer is gone. */
	association_over(a,
	    ASSOCIATION_ENDING(0, ASSOCIATION_REFUSED_BY_US,
		ASSOCIATION_LAYER_BIND, (int)bind_error),
	    "bind: refused by us: %s",
	    association_bind_error_name((int)bind_error));
	a->failure.bind_error = (int)bind_error;
	a->failure.transient = bind_error == ASSOCIATION_BIND_BUSY;
	(void)association_reject(a,
	    a->failure.transient ? ACSE_REJECTED_TRANSIENT
				 : ACSE_REJECTED_PERMANENT,
	    (int)bind_error);
	return 0;
}
