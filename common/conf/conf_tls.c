/* SPDX-License-Identifier: ISC */
/*
 * conf_tls.c - the files of TLS that a configuration names
 */
#include "conf/conf_tls.h"

#include "conf/conf_secret.h"
#include "tls/tls_certificate.h"
#include "tls/tls_context.h"

/* A section, whose files are loaded. */
struct loading {
	struct conf *conf;
	unsigned line;
	struct diag *diag;
};

/* refuse - note what is wrong with the file of a setting */
static int
refuse(const struct loading *l, const char *setting, const struct diag *why)
{
	return diag_set(l->diag, why->code, "%s:%u: %s: %s", l->conf->file,
	    l->line, setting, diag_text(why));
}

/* load_file - read a file, if one is named */
static int
load_file(const struct loading *l, const char *setting,
    enum conf_privacy privacy, struct conf_pem *pem)
{
	struct diag why = {0};

	if (pem->path[0] == '\0' ||
	    conf_secret_load(
		pem->path, privacy, &l->conf->arena, &pem->octets, &why) == 0)
		return 0;
	return refuse(l, setting, &why);
}

/* load_pair - read a certificate and its key, and check that they fit */
static int
load_pair(
    const struct loading *l, struct conf_pem *certificate, struct conf_pem *key)
{
	struct tls_certificate_facts facts;
	struct diag why = {0};
	int r = load_file(l, "tls-certificate-file", CONF_PUBLIC, certificate);

	if (r == 0)
		r = load_file(l, "tls-key-file", CONF_PRIVATE, key);
	if (r < 0 || certificate->path[0] == '\0')
		return r;
	r = tls_certificate_check(
	    certificate->octets, key->octets, &facts, &why);
	if (r < 0)
		return refuse(l, "tls-certificate-file", &why);
	certificate->expires = facts.expires;
	return 0;
}

/* load_authorities - read authorities and revocation lists */
static int
load_authorities(const struct loading *l, struct conf_mta *mta)
{
	struct tls_revocations_facts facts;
	struct diag why = {0};
	int r = load_file(l, "tls-ca-file", CONF_PUBLIC, &mta->tls_authorities);

	if (r == 0 && mta->tls_authorities.octets.len > 0 &&
	    tls_authorities_check(mta->tls_authorities.octets, &why) < 0)
		return refuse(l, "tls-ca-file", &why);
	if (r == 0)
		r = load_file(
		    l, "tls-crl-file", CONF_PUBLIC, &mta->tls_revocations);
	if (r < 0 || mta->tls_revocations.octets.len == 0)
		return r;
	r = tls_revocations_check(mta->tls_revocations.octets, &facts, &why);
	if (r < 0)
		return refuse(l, "tls-crl-file", &why);
	mta->tls_revocations.issued = facts.issued;
	mta->tls_revocations.expires = facts.expires;
	return 0;
}

/* try_material - check that a worker can begin with what it will be given:
 * OpenSSL refuses keys that are too weak, and a worker that cannot begin takes
 * no call on any port */
static int
try_material(
    const struct loading *l, const char *setting, struct tls_material material)
{
	struct tls_context *context;
	struct diag why = {0};

	if (tls_context_new(TLS_CALLED, &material, &context, &why) < 0)
		return refuse(l, setting, &why);
	tls_context_free(context);
	return 0;
}

/* load_link - read the files of a link, and check them with those of the mta
 * section */
static int
load_link(struct loading *l, struct conf_link *link)
{
	int r;

	l->line = link->line;
	r = load_pair(l, &link->tls_certificate, &link->tls_key);
	if (r < 0 || link->tls_certificate.octets.len == 0)
		return r;
	return try_material(
	    l, "tls-certificate-file", conf_tls_material(l->conf, link));
}

/* conf_tls_load - read and check the files */
int
conf_tls_load(struct conf *conf, struct diag *diag)
{
	struct loading l = {.conf = conf, .line = conf->mta.line, .diag = diag};
	int r = load_pair(&l, &conf->mta.tls_certificate, &conf->mta.tls_key);

	if (r == 0)
		r = load_authorities(&l, &conf->mta);
	if (r == 0 && conf->mta.tls_certificate.octets.len > 0)
		r = try_material(
		    &l, "tls-certificate-file", conf_tls_material(conf, NULL));
	for (size_t i = 0; r == 0 && i < conf->link_count; i++)
		r = load_link(&l, &conf->links[i]);
	return r;
}

/* conf_tls_listens - tell whether peers may call with TLS */
bool
conf_tls_listens(const struct conf *conf)
{
	return conf->mta.listen_tls.count > 0 ||
	    conf->mta.listen_proxy_tls.count > 0;
}

/* conf_tls_material - return what a worker of a link needs */
struct tls_material
conf_tls_material(const struct conf *conf, const struct conf_link *link)
{
	const struct conf_pem *certificate = &conf->mta.tls_certificate;
	const struct conf_pem *key = &conf->mta.tls_key;

	if (link != NULL && link->tls_certificate.octets.len > 0) {
		certificate = &link->tls_certificate;
		key = &link->tls_key;
	}
	return (struct tls_material){.minimum = conf->mta.tls_minimum,
	    .certificate = certificate->octets,
	    .key = key->octets,
	    .authorities = conf->mta.tls_authorities.octets,
	    .revocations = conf->mta.tls_revocations.octets};
}
