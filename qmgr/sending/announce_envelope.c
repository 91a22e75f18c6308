/* SPDX-License-Identifier: ISC */
/*
 * announce_envelope.c - the envelope by which a routing update goes out
 */
#include "qmgr/sending/announce_envelope.h"

#include "base/clock.h"
#include "mhs/mts.h"
#include "mhs/p1.h"
#include "qmgr/queue/stamp.h"

#define ENVELOPE_MAX 4096

/* name_of - make the O/R name of an MTA of this suite: its name in our domain,
 * which nobody delivers to */
static int
name_of(struct qmgr *qmgr, const char *mta, struct or_name *name)
{
	const struct or_address *domain = qmgr->conf->mta.domain.address;
	int rc;

	*name = (struct or_name){.directory_name = {0}};
	/* Country to private domain are ours, since both ends lie in the same
	 * domain; the MTA name alone tells them apart. */
	for (int i = OR_COUNTRY; i <= OR_PRMD; i++) {
		name->address.attribute[i] = domain->attribute[i];
		name->address.forms[i] = domain->forms[i];
	}
	rc = or_address_set(&name->address, OR_COMMON_NAME, mta, &qmgr->arena);
	return rc < 0 ? rc
		      : or_address_seal(&name->address, &qmgr->arena, NULL);
}

/* announce_envelope - make the envelope for the peer of a link */
int
announce_envelope(
    struct qmgr *qmgr, const struct link *link, struct slice *envelope)
{
	const char *mta = qmgr->conf->mta.name;
	struct p1_recipient recipient = {.number = 1,
	    .indicators = P1_RESPONSIBILITY,
	    .explicit_conversion = -1};
	struct p1_envelope e;
	struct buffer out;
	int rc;

	p1_init(&e, MTS_MESSAGE);
	e.content_type = (struct p1_content_type){
	    .built_in = P1_CONTENT_OID, .oid = mts_routing_syntax};
	e.recipients = &recipient;
	e.recipient_count = 1;
	/* The recipient is addressed by the name that remote-mta gives to the
	 * peer, which is the name it announces itself by. */
	if ((rc = name_of(qmgr, mta, &e.originator)) < 0 ||
	    (rc = name_of(qmgr, link->x400->remote_mta, &recipient.name)) < 0 ||
	    (rc = stamp_identifier(qmgr, &qmgr->arena, &e.identifier)) < 0 ||
	    (rc = p1_stamp(&e, &qmgr->arena, &qmgr->domain,
		 slice_of_string(mta), clock_wall() / 1000, TRACE_RELAYED)) < 0)
		return rc;
	/* A fixed bound: only names from the configuration enter, so a longer
	 * result is a fault of ours. */
	buffer_init(&out, ENVELOPE_MAX);
	rc = p1_encode(&e, EXTENSION_IMPLICIT, &out);
	if (rc == 0)
		rc = arena_slice(&qmgr->arena, buffer_slice(&out), envelope);
	buffer_fini(&out);
	return rc;
}
