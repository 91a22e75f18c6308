/* SPDX-License-Identifier: ISC */
/*
 * caller.c - who a peer that calls is
 */
#include "qmgr/links/link.h"
#include "qmgr/receiving/caller.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"
#include "conf/conf_call.h"
#include "conf/conf_network.h"
#include "mhs/bind.h"
#include "qmgr/engine/client.h"
#include "qmgr/receiving/callers.h"
#include "qmgr/receiving/guard.h"

#define ADDRESS_MAX 96 /* of the text of a peer's address */

/* caller_password_is - compare a password, in time that tells nothing of it */
bool
caller_password_is(struct slice given, struct slice expected)
{
	/* The comparison is the one of the bind, in constant time. */
	struct mta_bind bind = {.credentials = BIND_SIMPLE, .password = given};

	return mta_bind_password_is(&bind, expected);
}

/* caller_wrong_mode - say that a peer calls in a mode that is not its link's */
const char *
caller_wrong_mode(enum association_mode mode)
{
	switch (mode) {
	case ASSOCIATION_NORMAL:
		return "it calls in mode 1988-normal, and that is not the "
		       "link's";
	case ASSOCIATION_X410:
		return "it calls in mode 1988-x410, and that is not the "
		       "link's";
	case ASSOCIATION_1984:
		return "it calls in mode 1984, and that is not the link's";
	}
	return "it calls in another mode than the link's";
}

/* The result of comparing the selectors that a peer called with a link's. */
struct selectors_match {
	unsigned set; /* by the link: none of them is another's */
	const char *wrong;
};

/* match_selectors - hold what a peer called against what a link sets for us */
static struct selectors_match
match_selectors(
    const struct conf_link *link, const struct ipc_bind_check *check)
{
	const struct {
		struct slice ours, called;
		const char *wrong;
	} layers[] = {
	    {link->local_tsel, check->called_tsel,
		"the transport selector that it calls is not local-tsel"},
	    {link->local_ssel, check->called_ssel,
		"the session selector that it calls is not local-ssel"},
	    {link->local_psel, check->called_psel,
		"the presentation selector that it calls is not local-psel"},
	};
	struct selectors_match match = {.set = 0};

	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
		/* A selector that the link does not set may be anything. */
		if (layers[i].ours.len == 0)
			continue;
		match.set++;
		if (match.wrong == NULL &&
		    !slice_equal(layers[i].ours, layers[i].called))
			match.wrong = layers[i].wrong;
	}
	return match;
}

/* caller_wrong_selector - find which of the selectors that it called is not the
 * one that a link sets, or NULL */
const char *
caller_wrong_selector(
    const struct conf_link *link, const struct ipc_bind_check *check)
{
	return match_selectors(link, check).wrong;
}

/* why_not_so - find what a peer that is known does not do as its link says, or
 * NULL */
static const char *
why_not_so(const struct link *link, const struct ipc_bind_check *check)
{
	if (check->mode != conf_call_mode(link->x400))
		return caller_wrong_mode(check->mode);
	return caller_wrong_selector(link->x400, check);
}

/* known_as - tell whether a link is that of the peer that binds so, whatever
 * it called */
static bool
known_as(const struct link *link, const struct ipc_bind_check *check,
    const char *host)
{
	return link->x400 != NULL &&
	    slice_equal_string(check->name, link->x400->remote_mta) &&
	    caller_password_is(check->password, link->x400->remote_password) &&
	    conf_network_match(&link->x400->remote_addresses, host);
}

/* caller_find - find the link of a peer that binds so from there, or NULL */
struct link *
caller_find(
    struct qmgr *qmgr, const struct ipc_bind_check *check, const char *host)
{
	struct link *found = NULL;
	unsigned most = 0;

	if (!check->authenticated)
		return NULL;
	/* Of several links that are of this name the one goes first whose
	 * selectors say most of what was called. */
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		struct selectors_match match;

		if (!known_as(link, check, host))
			continue;
		match = match_selectors(link->x400, check);
		/* More selectors that match make a better match: two links of
		 * one name are told apart by them. */
		if (why_not_so(link, check) != NULL ||
		    (found != NULL && match.set <= most))
			continue;
		found = link;
		most = match.set;
	}
	return found;
}

/* caller_host - take port and brackets off an address */
void
caller_host(struct slice address, char host[CALLER_HOST_MAX])
{
	char text[ADDRESS_MAX], *begin = text, *end;

	/* Escaped before it is looked at, since the worker's text comes from
	 * the network. */
	escape_text(text, sizeof(text), address);
	if (*begin == '[' && (end = strchr(begin, ']')) != NULL)
		begin++;
	else
		end = strrchr(begin, ':');
	if (end != NULL)
		*end = '\0';
	(void)strlcpy(host, begin, CALLER_HOST_MAX);
}

/* caller_inside - tell whether a host is in the remote-addresses of a link */
bool
caller_inside(const struct link *link, const char *host)
{
	return link->x400 != NULL && link->x400->remote_addresses.count > 0 &&
	    conf_network_match(&link->x400->remote_addresses, host);
}

/* caller_why_unknown - find which of name, password, address and selectors is
 * wrong */
const char *
caller_why_unknown(
    struct qmgr *qmgr, const struct ipc_bind_check *check, const char *host)
{
	const char *const unknown = "no link has this remote-mta";
	const char *why = unknown;

	/* A refused peer is not told which part was wrong: the text is for our
	 * log. */
	if (!check->authenticated)
		return "it does not say who it is";
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		if (link->x400 == NULL ||
		    !slice_equal_string(check->name, link->x400->remote_mta))
			continue;
		/* Name and password are right, so the rest may be named. */
		if (known_as(link, check, host))
			return why_not_so(link, check);
		if (conf_network_match(&link->x400->remote_addresses, host))
			why = "its password is not remote-password";
		else if (why == unknown)
			why = "it calls from outside of remote-addresses";
	}
	return why;
}

/* caller_cause - find for what a failure to bind is counted */
uint32_t
caller_cause(
    struct qmgr *qmgr, const struct ipc_bind_check *check, const char *host)
{
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		/* A peer of that link, calling from its own address, must not
		 * be slowed by strangers behind the same one. */
		if (caller_inside(link, host) &&
		    slice_equal_string(check->name, link->x400->remote_mta))
			return link->number;
	return GUARD_BIND;
}

/* caller_claimed - find the link that a peer which is refused names, calling
 * from where it may, or NULL */
struct link *
caller_claimed(
    struct qmgr *qmgr, const struct ipc_bind_check *check, const char *host)
{
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		if (link->x400 != NULL &&
		    slice_equal_string(check->name, link->x400->remote_mta) &&
		    conf_network_match(&link->x400->remote_addresses, host))
			return link;
	return NULL;
}

/* event_of - find the event of a refusal */
static enum event_name
event_of(const struct ipc_bind_check *check, int bind_error)
{
	if (check->recover)
		return EVENT_RECOVERY_REFUSED;
	return bind_error == BIND_ERROR_AUTHENTICATION
	    ? EVENT_UNKNOWN_MTA
	    : EVENT_ASSOCIATION_REJECTED;
}

/* log_refusal - log why a peer was refused */
static void
log_refusal(
    const struct ipc_bind_check *check, int bind_error, const char *reason)
{
	LOG_EVENT(event_of(check, bind_error), LOG_SLICE("name", check->name),
	    LOG_SLICE("address", check->address), LOG_STRING("reason", reason));
}

/* answer_no - refuse a bind; the reason is for our log, never for the peer */
static void
answer_no(struct client *client, struct link *link, int bind_error,
    const char *reason)
{
	struct ipc_record record = {.type = IPC_BIND_ANSWER};

	/* Our own call that its answer spoils is none of the peer's. */
	if (link != NULL && client->role == IPC_ROLE_X400IN)
		link->counters.rejected++;
	/* The place it took while it was judged is free again. */
	callers_leave(client);
	record.bind_answer.bind_error = bind_error;
	record.bind_answer.reason = slice_of_string(reason);
	client_send(client, &record);
}

/* caller_refuse - say no to a peer, and to the log */
void
caller_refuse(struct client *client, struct link *link,
    const struct ipc_bind_check *check, int bind_error, const char *reason)
{
	log_refusal(check, bind_error, reason);
	answer_no(client, link, bind_error, reason);
}

/* caller_unproved - say no to a peer that its certificate does not prove */
void
caller_unproved(struct client *client, struct link *link,
    const struct ipc_bind_check *check, const char *reason)
{
	LOG_EVENT(EVENT_TLS_UNPROVED, LOG_STRING("link", link->name),
	    LOG_SLICE("address", check->address), LOG_STRING("reason", reason));
	answer_no(client, link, BIND_ERROR_AUTHENTICATION, reason);
}

/* caller_full - say no to one whose peer has as many as it may */
void
caller_full(
    struct client *client, struct link *link, const char *host, const char *why)
{
	LOG_EVENT(EVENT_ASSOCIATION_LIMIT, LOG_STRING("link", link->name),
	    LOG_STRING(
		"mta", link->x400 == NULL ? NULL : link->x400->remote_mta),
	    LOG_STRING("address", host), LOG_STRING("reason", why),
	    LOG_INT("associations", link->callers));
	answer_no(client, link, BIND_ERROR_BUSY, why);
}

/* caller_slowed - say no to one that has failed too often */
void
caller_slowed(
    struct client *client, struct link *link, const char *host, int bind_error)
{
	LOG_EVENT(EVENT_ADDRESS_SLOWED, LOG_STRING("address", host));
	answer_no(client, link, bind_error, "it failed too often");
}
