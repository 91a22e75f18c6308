/* SPDX-License-Identifier: ISC */
/*
 * certificates.c - say in time that a certificate of ours expires, or a
 * revocation list
 *
 * What the certificates say was read with the configuration: nothing is parsed
 * here.
 */
#include "master/certificates.h"

#include "base/clock.h"
#include "base/log.h"

#define HOUR   3600  /* s */
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

/*
 * look_at_revocations - say that a revocation list expires, if that is soon
 *
 * Soon is a quarter of the time for which it holds, a week at most: some are
 * issued every day.  The same is said again once a day.
 */
static void
look_at_revocations(struct master *master)
{
	const struct conf_pem *lists = &master->conf->mta.tls_revocations;
	int64_t left = lists->expires - clock_wall() / 1000;
	int64_t soon = (lists->expires - lists->issued) / 4;
	bool expired = left < 0;

	if (clock_monotonic() < master->revocations_next)
		return;
	/* The time of the next look is set before anything is said: a file that
	 * cannot be judged must not be looked at every tick. */
	master->revocations_next = clock_after(HOUR * (uint64_t)1000);
	/* The same is said again within the day only if it became worse: a
	 * list that has expired now is news, a list that goes on expiring is
	 * none. */
	if (lists->octets.len == 0 || lists->expires == INT64_MAX ||
	    left >= (soon < URGENT * DAY ? soon : URGENT * DAY) ||
	    (expired == master->revocations_expired &&
		clock_monotonic() < master->revocations_again))
		return;
	LOG_EVENT(
	    expired ? EVENT_REVOCATIONS_EXPIRED : EVENT_REVOCATIONS_EXPIRE,
	    LOG_STRING("file", lists->path),
	    LOG_INT("hours_left", expired ? -1 : left / HOUR));
	master->revocations_expired = expired;
	master->revocations_again = clock_after(DAY * (uint64_t)1000);
}

/* certificates_look - look at the certificates, once a day, and at the
 * revocation lists, once an hour */
void
certificates_look(struct master *master)
{
	const struct conf *conf = master->conf;

	if (master->phase >= MASTER_STOPPING_WORKERS)
		return;
	look_at_revocations(master);
	if (clock_monotonic() < master->certificates_next)
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
	master->revocations_next = master->revocations_again = 0;
}
