/* SPDX-License-Identifier: ISC */
/*
 * tls_identity.c - whether a peer's certificate proves who it is
 */
#include "tls/tls_identity.h"

#include <strings.h>

/* tls_name_matches - tell whether a certificate's name stands for this one */
bool
tls_name_matches(const char *certified, const char *name)
{
	const char *rest;

	if (strcasecmp(certified, name) == 0)
		return true;
	if (strncmp(certified, "*.", 2) != 0)
		return false;
	rest = strchr(name, '.');
	/* "*.net" would stand for a whole top-level domain. */
	return rest != NULL && rest != name &&
	    strchr(certified + 2, '.') != NULL &&
	    strcasecmp(certified + 1, rest) == 0;
}

/* has_pin - tell whether the key of a peer is one of those expected */
static bool
has_pin(const struct tls_identity *identity,
    const struct tls_expectation *expectation)
{
	for (size_t i = 0; i < expectation->pin_count; i++)
		if (memcmp(identity->pin, expectation->pins[i], TLS_PIN_LEN) ==
		    0)
			return true;
	return false;
}

/* tls_identity_prove - judge whether a peer is who it should be */
int
tls_identity_prove(const struct tls_identity *identity,
    const struct tls_expectation *expectation, struct diag *diag)
{
	const char *name = expectation->name;

	if (!identity->known)
		return diag_set(diag, ERR_DENIED, "it gave no certificate");
	/* A pin is enough: who configured it has seen the key, and asks for no
	 * authority. */
	if (has_pin(identity, expectation))
		return 0;
	if (name[0] == '\0')
		return diag_set(diag, ERR_DENIED, "its key is none of tls-pin");
	if (identity->problem[0] != '\0')
		return diag_set(
		    diag, ERR_DENIED, "its certificate: %s", identity->problem);
	for (size_t i = 0; i < identity->name_count; i++)
		if (tls_name_matches(identity->names[i], name))
			return 0;
	return diag_set(diag, ERR_DENIED,
	    "its certificate is for %s, not for the tls-name %s",
	    identity->name_count > 0 ? identity->names[0] : "no name", name);
}
