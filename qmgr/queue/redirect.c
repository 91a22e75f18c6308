/* SPDX-License-Identifier: ISC */
/*
 * redirect.c - who gets a message in the place of its recipient
 */
#include "base/clock.h"
#include "mhs/dl_history.h"
#include "qmgr/queue/names.h"
#include "qmgr/queue/redirect.h"

/* Redirections of one recipient here; X.411 has 512 in all. */
#define REDIRECT_STEPS 10

/* refuse - say why a recipient cannot be served */
static int
refuse(struct redirect *redirect, enum cause cause)
{
	redirect->cause = cause;
	return REDIRECT_REFUSED;
}

/* replace - put somebody else in the place of a recipient; REDIRECT_REFUSED:
 * the message was for that one before */
static int
replace(struct qmgr *qmgr, struct redirect *redirect,
    const struct or_name *other, enum redirection_reason reason)
{
	struct p1_recipient *recipient = redirect->recipient;
	struct or_name before = recipient->name;
	int rc;

	/* Compared to the present name as well as to the history: the history
	 * only holds those before it. */
	if (or_address_compare(&other->address, &before.address) == 0)
		return refuse(redirect, CAUSE_REDIRECTION_LOOP);
	rc = redirection_has(
	    &recipient->extensions, &qmgr->arena, &other->address);
	if (rc < 0)
		return rc;
	if (rc > 0)
		return refuse(redirect, CAUSE_REDIRECTION_LOOP);
	rc = redirection_append(&recipient->extensions, &qmgr->arena, &before,
	    clock_wall() / 1000, reason);
	/* X.411 bounds the history at 512; so many redirections are a circle in
	 * all but name. */
	if (rc == ERR_LIMIT)
		return refuse(redirect, CAUSE_REDIRECTION_LOOP);
	if (rc < 0)
		return rc;
	recipient->name = *other;
	return REDIRECT_DONE;
}

/* is_prohibited - tell whether the originator prohibits that recipients have
 * the message passed on */
static bool
is_prohibited(const struct p1_envelope *envelope)
{
	return extension_number_is(&envelope->extensions,
	    EXTENSION_RECIPIENT_REASSIGNMENT_PROHIBITED, 1);
}

/* redirect_assigned - replace a recipient as the recipient has it */
int
redirect_assigned(struct qmgr *qmgr, struct redirect *redirect)
{
	int result = REDIRECT_NOT, rc;

	for (unsigned steps = 0;; steps++) {
		const struct name_entry *entry =
		    names_find(qmgr->names, &redirect->recipient->name.address);
		struct or_name other = {.directory_name = {.len = 0}};

		/* Redirected at least once if result says so; the caller marks
		 * the trace. */
		if (entry == NULL || entry->to == NULL)
			return result;
		/* Asked only if there is somebody to redirect to: the
		 * prohibition alone is no reason to refuse. */
		if (is_prohibited(redirect->envelope))
			return refuse(redirect, CAUSE_REASSIGNMENT_PROHIBITED);
		if (steps == REDIRECT_STEPS)
			return refuse(redirect, CAUSE_REDIRECTION_LOOP);
		other.address = *entry->to;
		rc = replace(qmgr, redirect, &other, REDIRECTION_BY_RECIPIENT);
		if (rc != REDIRECT_DONE)
			return rc;
		result = REDIRECT_DONE;
	}
}

/* requested - read the alternate that the originator names; ERR_VALUE: none
 * that can be read */
static int
requested(struct qmgr *qmgr, const struct p1_recipient *recipient,
    struct or_name *other)
{
	const struct extension *extension =
	    extension_find(&recipient->extensions,
		EXTENSION_ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT);
	struct ber_reader reader;
	struct ber_element el;
	int rc;

	if (extension == NULL)
		return ERR_VALUE;
	ber_reader_init(&reader, extension->value, NULL);
	if (ber_next(&reader, &el) <= 0)
		return ERR_VALUE;
	rc = or_name_decode(
	    &reader, &el, "alternate recipient", &qmgr->arena, other);
	if (rc != 0)
		return rc == ERR_NOMEM ? rc : ERR_VALUE;
	/* A directory name alone, without an address, cannot be routed. */
	return other->address.encoded.len > 0 ? 0 : ERR_VALUE;
}

/* assigned_by_domain - find the alternate of our domain for an address in it,
 * or NULL */
static const struct or_address *
assigned_by_domain(const struct qmgr *qmgr, const struct redirect *redirect)
{
	const struct conf_mta *mta = &qmgr->conf->mta;

	/* The domain's alternate is for those who allow it: a private message
	 * must not land with a postmaster unasked. */
	if ((redirect->envelope->indicators & P1_ALTERNATE_RECIPIENT_ALLOWED) ==
		0 ||
	    or_address_matches(
		mta->domain.address, &redirect->recipient->name.address) < 0)
		return NULL;
	return mta->alternate_recipient.address;
}

/* redirect_has_alternate - tell whether an alternate is named */
bool
redirect_has_alternate(const struct qmgr *qmgr, const struct redirect *redirect)
{
	return extension_find(&redirect->recipient->extensions,
		   EXTENSION_ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT) !=
	    NULL ||
	    assigned_by_domain(qmgr, redirect) != NULL;
}

/* redirect_alternate - replace a recipient that cannot be had */
int
redirect_alternate(struct qmgr *qmgr, struct redirect *redirect)
{
	struct or_name other = {.directory_name = {.len = 0}};
	const struct or_address *assigned;
	int rc = requested(qmgr, redirect->recipient, &other);

	if (rc == ERR_NOMEM)
		return rc;
	/* The originator's alternate first, since it was named for this very
	 * message. */
	if (rc == 0) {
		rc = replace(qmgr, redirect, &other, REDIRECTION_BY_ORIGINATOR);
		if (rc != REDIRECT_REFUSED)
			return rc;
	}
	assigned = assigned_by_domain(qmgr, redirect);
	if (assigned == NULL)
		return REDIRECT_NOT;
	other = (struct or_name){.address = *assigned};
	rc = replace(qmgr, redirect, &other, REDIRECTION_BY_DOMAIN);
	/* The domain's alternate had the message already; the recipient's own
	 * verdict tells more than a loop. */
	return rc == REDIRECT_REFUSED ? REDIRECT_NOT : rc;
}
