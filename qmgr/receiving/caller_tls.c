/* SPDX-License-Identifier: ISC */
/*
 * caller_tls.c - whether a peer that calls proves itself by TLS
 */
#include "qmgr/receiving/caller_tls.h"

#include "base/escape.h"

/* take_names - take the names of a certificate as the worker lists them */
static void
take_names(struct slice list, struct tls_identity *identity)
{
	/* Lengths come from the worker, so each is held against what is
	 * left. */
	while (list.len > 0 && list.data[0] < list.len &&
	    identity->name_count < TLS_NAMES_MAX) {
		struct slice name = slice_of(list.data + 1, list.data[0]);

		(void)escape_text(identity->names[identity->name_count++],
		    sizeof(identity->names[0]), name);
		list = slice_of(name.data + name.len, list.len - 1 - name.len);
	}
}

/* caller_tls_take - take what a worker says of a peer's certificate */
void
caller_tls_take(const struct ipc_bind_check *check, struct caller_tls *proof)
{
	struct tls_identity *identity = &proof->identity;

	*proof = (struct caller_tls){.spoken = check->tls};
	identity->known = check->tls_pin.len == TLS_PIN_LEN;
	if (identity->known)
		memcpy(identity->pin, check->tls_pin.data, TLS_PIN_LEN);
	(void)escape_text(
	    identity->problem, sizeof(identity->problem), check->tls_problem);
	take_names(check->tls_names, identity);
}

/* caller_tls_judge - judge a peer for a link */
int
caller_tls_judge(const struct conf_link *link, const struct caller_tls *proof,
    struct diag *diag)
{
	struct tls_expectation expectation = conf_tls_expectation(link);

	/* A link without TLS does not look at a certificate, even if one was
	 * shown. */
	if (link->tls != CONF_TLS_REQUIRE)
		return 0;
	/* Required means required on every port and in every recovery. */
	if (!proof->spoken)
		return diag_set(diag, ERR_DENIED,
		    "its link requires TLS, and it calls without");
	return tls_identity_prove(&proof->identity, &expectation, diag);
}
