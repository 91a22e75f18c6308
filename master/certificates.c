/* SPDX-License-Identifier: ISC */
/*
 * certificates.c - say in time that a certificate of ours expires
 *
 * What the certificates say was read with the configuration: nothing is parsed
 * here.
 */
#include "master/certificates.h"

#include "base/clock.h"
#include "base/log.h"

#define DAY    86400 /* s */
#define SOON   30    /* days */
#define URGENT 7

/* look_at - say that a certificate expires, if that is soon */
static void
look_at(const struct conf_pem *certificate, const char *link)
{
	int64_t left = certificate->expires - clock_wall() / 1000;

	if (certificate->octets.len == 0 || left >= SOON * (int64_t)DAY)
		return;
	LOG_EVENT(left < URGENT * (int64_t)DAY ? EVENT_TLS_EXPIRED
					       : EVENT_TLS_EXPIRES,
	    LOG_STRING("link", link), LOG_STRING("file", certificate->path),
	    LOG_INT("days_left", left < 0 ? -1 : left / DAY));
}

/* certificates_look - look at the certificates, once a day */
void
certificates_look(struct master *master)
{
	const struct conf *conf = master->conf;

	if (master->phase >= MASTER_STOPPING_WORKERS ||
	    clock_monotonic() < master->certificates_next)
		return;
	master->certificates_next = clock_after(DAY * (uint64_t)1000);
	look_at(&conf->mta.tls_certificate, NULL);
	for (size_t i = 0; i < conf->link_count; i++)
		look_at(&conf->links[i].tls_certificate, conf->links[i].name);
}

/* certificates_changed - look at the next tick */
void
certificates_changed(struct master *master)
{
	master->certificates_next = 0;
}
