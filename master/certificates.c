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

/* soon_of - compute how long before its end a file is told of, in s */
static int64_t
soon_of(const struct conf_pem *file, enum certificate_kind kind)
{
	int64_t quarter;

	if (kind == CERTIFICATE_OURS)
		return SOON * (int64_t)DAY;
	/* Some lists are issued every day: a quarter of the time for which it
	 * holds, a week at most. */
	quarter = (file->expires - file->issued) / 4;
	return quarter < URGENT * DAY ? quarter : URGENT * (int64_t)DAY;
}

/* certificates_state - tell whether the end of a file's validity is near or
 * past */
bool
certificates_state(const struct conf_pem *file, enum certificate_kind kind,
    struct certificate_state *state)
{
	int64_t left = file->expires - clock_wall() / 1000;
	int64_t soon = soon_of(file, kind);

	if (file->octets.len == 0 || file->expires == INT64_MAX || left >= soon)
		return false;
	*state = (struct certificate_state){.what = kind == CERTIFICATE_OURS
		? "certificate"
		: "revocation list",
	    .path = file->path,
	    .expires = file->expires * 1000,
	    .since = (left < 0 ? file->expires : file->expires - soon) * 1000,
	    .urgent = left < 0 ||
		(kind == CERTIFICATE_OURS && left < URGENT * (int64_t)DAY),
	    .expired = left < 0};
	return true;
}

/* look_at - say that a certificate expires, if that is soon */
static void
look_at(const struct conf_pem *certificate, const char *link)
{
	struct certificate_state state;
	int64_t left = certificate->expires - clock_wall() / 1000;

	if (!certificates_state(certificate, CERTIFICATE_OURS, &state))
		return;
	LOG_EVENT(state.urgent ? EVENT_TLS_EXPIRED : EVENT_TLS_EXPIRES,
	    LOG_STRING("link", link), LOG_STRING("file", certificate->path),
	    LOG_INT("days_left", state.expired ? -1 : left / DAY));
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
	struct certificate_state state;
	bool expired = left < 0;

	if (clock_monotonic() < master->revocations_next)
		return;
	/* The time of the next look is set before anything is said: a file that
	 * cannot be judged must not be looked at every tick. */
	master->revocations_next = clock_after(HOUR * (uint64_t)1000);
	/* The same is said again within the day only if it became worse: a
	 * list that has expired now is news, a list that goes on expiring is
	 * none. */
	if (!certificates_state(lists, CERTIFICATE_REVOCATIONS, &state) ||
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
