/* SPDX-License-Identifier: ISC */
/*
 * conf_call.c - how the MTA of a link is called; see conf_call.h
 */
#include "conf/conf_call.h"

#include "mhs/bind.h"
#include "mhs/mts.h"

/* conf_call_tcp_timeout - return how long one address may take to answer */
uint64_t
conf_call_tcp_timeout(const struct conf_link *link)
{
	/* Several addresses share the time that opening may take. */
	return link->open_timeout < CONF_CALL_TCP_TIMEOUT
	    ? link->open_timeout
	    : CONF_CALL_TCP_TIMEOUT;
}

/* conf_call_mode - return the mode of a link, as an association has it */
enum association_mode
conf_call_mode(const struct conf_link *link)
{
	switch (link->mode) {
	case CONF_MODE_1988_NORMAL:
		return ASSOCIATION_NORMAL;
	case CONF_MODE_1988_X410:
		return ASSOCIATION_X410;
	case CONF_MODE_1984:
		return ASSOCIATION_1984;
	}
	return ASSOCIATION_NORMAL;
}

/* conf_call_password_form - choose the string type of a password */
enum bind_password_form
conf_call_password_form(enum association_mode mode)
{
	return mode == ASSOCIATION_1984 ? BIND_IA5_STRING : BIND_OCTET_STRING;
}

/* conf_call_parameters - fill in what is proposed to the peer */
struct association_parameters
conf_call_parameters(const struct conf *conf, const struct conf_link *link)
{
	struct association_parameters p = {
	    .mode = conf_call_mode(link),
	    .dialogue = link->dialogue == CONF_DIALOGUE_TWO_WAY_ALTERNATE
		? ASSOCIATION_TWO_WAY
		: ASSOCIATION_MONOLOGUE,
	    .turn = ASSOCIATION_INITIATOR,
	    .calling_tsel = link->local_tsel,
	    .called_tsel = link->tsel,
	    .calling_ssel = link->local_ssel,
	    .called_ssel = link->ssel,
	    .calling_psel = link->local_psel,
	    .called_psel = link->psel,
	    .checkpoint_size = (unsigned)(link->checkpoint_size / 1024),
	    .window = link->window_size < ASSOCIATION_WINDOW_MAX
		? link->window_size
		: ASSOCIATION_WINDOW_MAX,
	    .application_context = mts_application_context,
	    .rtse_syntax = mts_rtse_syntax,
	    .transfer_syntax = mts_transfer_syntax,
	    .open_timeout = (uint32_t)link->open_timeout,
	    .disconnect_timeout = link->disconnect_timeout < UINT32_MAX
		? (uint32_t)link->disconnect_timeout
		: UINT32_MAX,
	    .transfer_timeout = CONF_CALL_STALL_TIMEOUT,
	};

	/* Other peers would have to refuse a context that they do not know. */
	if (link->peer == CONF_PEER_FOURPOST)
		p.further_syntax = mts_routing_syntax;
	/* References are new for each call: the peer knows its transfers by
	 * them. */
	session_references_make(
	    &p.references, slice_of_string(conf_local_name(conf, link)));
	return p;
}

/* conf_call_bind - append the MTABindArgument */
int
conf_call_bind(
    const struct conf *conf, const struct conf_link *link, struct buffer *out)
{
	const struct mta_bind bind = {
	    .credentials = BIND_SIMPLE,
	    .name = slice_of_string(conf_local_name(conf, link)),
	    .password = conf_local_password(conf, link),
	    .form = conf_call_password_form(conf_call_mode(link)),
	};

	return mta_bind_encode(&bind, BIND_BARE, out);
}
