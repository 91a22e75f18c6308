/* SPDX-License-Identifier: ISC */
/*
 * certificate_fuzz.c - fuzz certificates (DER): what a peer's certificate is
 * told of it is bounded and printable, and a name that it does not have never
 * proves it
 *
 * OpenSSL decodes; what we take out of its result is looked at.
 */
#include <ctype.h>
#include <stdlib.h>

#include "tls/tls_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* check_names - check that names are plain, and each proves its own alone */
static void
check_names(const struct tls_identity *identity)
{
	struct tls_expectation nobody = {.name = "nobody.invalid"};
	bool any = false;

	if (identity->name_count > TLS_NAMES_MAX)
		abort();
	for (size_t i = 0; i < identity->name_count; i++) {
		const char *name = identity->names[i];
		struct tls_expectation own = {.name = name};

		if (strlen(name) == 0 || strlen(name) > TLS_NAME_MAX)
			abort();
		for (const char *c = name; *c != '\0'; c++)
			if (!isgraph((unsigned char)*c))
				abort();
		if (identity->known &&
		    tls_identity_prove(identity, &own, NULL) != 0)
			abort();
		any = any || tls_name_matches(name, nobody.name);
	}
	if (!any && tls_identity_prove(identity, &nobody, NULL) == 0)
		abort();
}

/* LLVMFuzzerTestOneInput - take a certificate apart as that of a peer */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tls_identity identity = {.known = false};
	X509 *x509 = d2i_X509(NULL, &data, (long)size);

	ERR_clear_error();
	if (x509 == NULL)
		return 0;
	tls_certificate_identify(x509, &identity);
	ERR_clear_error();
	if (!identity.known)
		abort();
	if (strlen(identity.subject) >= sizeof(identity.subject))
		abort();
	for (const char *c = identity.subject; *c != '\0'; c++)
		if (iscntrl((unsigned char)*c))
			abort();
	check_names(&identity);
	X509_free(x509);
	return 0;
}
