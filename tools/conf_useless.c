/* SPDX-License-Identifier: ISC */
/*
 * conf_useless.c - settings that do nothing, because of others
 *
 * Warnings and not errors, because earlier releases took such a configuration;
 * x4conf check --strict refuses it.  Only what the file itself says is looked
 * at: a default does no harm.
 */
#include "tools/conf_useless.h"

#include "conf/conf_setting.h"
#include "conf/conf_tls.h"

/* A setting of a link, when it does nothing, and why. */
struct useless {
	const char *setting;
	bool (*applies)(const struct conf_link *link);
	const char *reason;
};

/* never_calls - tell whether we do not call the peer */
static bool
never_calls(const struct conf_link *link)
{
	return link->schedule.kind == CONF_SCHEDULE_NEVER ||
	    link->schedule.kind == CONF_SCHEDULE_REMOTE_INITIATED;
}

/* has_no_checkpoints - tell whether transfers have no checkpoints */
static bool
has_no_checkpoints(const struct conf_link *link)
{
	return link->checkpoint_size == 0;
}

/* has_one_association - tell whether there is never a further association */
static bool
has_one_association(const struct conf_link *link)
{
	return link->associations == 1;
}

/* is_of_1984 - tell whether the protocol has no extensions */
static bool
is_of_1984(const struct conf_link *link)
{
	return link->mode == CONF_MODE_1984;
}

/* has_no_tls - tell whether associations need not be within TLS */
static bool
has_no_tls(const struct conf_link *link)
{
	return link->tls != CONF_TLS_REQUIRE;
}

/* never_calls_in_tls - tell whether a certificate for calling is of no use */
static bool
never_calls_in_tls(const struct conf_link *link)
{
	return has_no_tls(link) || never_calls(link);
}

#define NO_CALLS "the schedule says that we never call"
#define NO_TLS	 "tls is not \"require\""

static const struct useless of_links[] = {
    {"open-interval", never_calls, NO_CALLS},
    {"open-retries", never_calls, NO_CALLS},
    {"threshold", never_calls, NO_CALLS},
    {"threshold", has_one_association, "associations is 1"},
    {"window-size", has_no_checkpoints, "checkpoint-size is 0"},
    {"extension-tagging", is_of_1984, "mode 1984 has no extensions"},
    {"tls-name", has_no_tls, NO_TLS},
    {"tls-pin", has_no_tls, NO_TLS},
    {"tls-certificate-file", never_calls_in_tls,
	"we never call within TLS on this link"},
};

/* warn_link - warn of settings of a link that do nothing */
static void
warn_link(struct warning *w, const struct conf_link *link)
{
	for (size_t i = 0; i < sizeof(of_links) / sizeof(of_links[0]); i++) {
		const struct useless *useless = &of_links[i];
		const struct conf_setting *setting =
		    conf_setting_find(CONF_LINK, useless->setting);

		if (conf_setting_given(CONF_LINK, setting, link) &&
		    useless->applies(link))
			warn_at(w, link->line,
			    "link \"%s\": %s: does nothing: %s", link->name,
			    useless->setting, useless->reason);
	}
}

/* warn_mixer - warn of settings of a gateway that do nothing */
static void
warn_mixer(struct warning *w, const struct conf_mixer *mixer)
{
	static const char *const names[] = {"tls-name", "tls-pin"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (mixer->tls != SMTP_TLS_REQUIRE &&
		    conf_setting_given(CONF_MIXER,
			conf_setting_find(CONF_MIXER, names[i]), mixer))
			warn_at(w, mixer->line,
			    "mixer \"%s\": %s: does nothing: " NO_TLS,
			    mixer->name, names[i]);
}

/* warn_of_mta - warn of a setting of the mta section that does nothing */
static void
warn_of_mta(struct warning *w, const char *name, const char *reason)
{
	const struct conf_setting *setting = conf_setting_find(CONF_MTA, name);

	if (conf_setting_given(CONF_MTA, setting, &w->conf->mta))
		warn_at(
		    w, w->conf->mta.line, "%s: does nothing: %s", name, reason);
}

/* has_alarm - tell whether there can be an alarm */
static bool
has_alarm(const struct conf *conf)
{
	bool has = conf->mta.alarm_length > 0 || conf->mta.alarm_age > 0;

	for (size_t i = 0; i < conf->link_count; i++)
		has |= conf->links[i].alarm_length > 0 ||
		    conf->links[i].alarm_age > 0;
	for (size_t i = 0; i < conf->msmail_count; i++)
		has |= conf->msmails[i].alarm_length > 0 ||
		    conf->msmails[i].alarm_age > 0;
	return has;
}

/* warn_useless - warn of settings that the file has and that do nothing */
void
warn_useless(struct warning *w)
{
	const struct conf *conf = w->conf;
	bool tells = false, tls = conf_tls_listens(conf);

	for (size_t i = 0; i < conf->link_count; i++) {
		const struct conf_link *link = &conf->links[i];

		warn_link(w, link);
		tells |= link->peer == CONF_PEER_FOURPOST;
		tls |= !has_no_tls(link);
	}
	for (size_t i = 0; i < conf->mixer_count; i++) {
		warn_mixer(w, &conf->mixers[i]);
		tls |= conf->mixers[i].tls != SMTP_TLS_NONE;
	}
	if (!tells)
		warn_of_mta(
		    w, "route-refresh", "no link has peer = \"fourpost\"");
	if (!tls) {
		const char *reason =
		    "nobody listens within TLS, and no link requires it, nor "
		    "has a mixer it";

		warn_of_mta(w, "tls-certificate-file", reason);
		warn_of_mta(w, "tls-ca-file", reason);
	}
	if (conf->mta.listen_proxy.count == 0 &&
	    conf->mta.listen_proxy_tls.count == 0)
		warn_of_mta(w, "proxy-from",
		    "no listen-proxy and no listen-proxy-tls is set");
	if (!has_alarm(conf))
		warn_of_mta(
		    w, "alarm-command", "no alarm-length or alarm-age is set");
	if (conf->msmail_count == 0 && conf->application_count == 0)
		warn_of_mta(w, "postoffice-group", "there is no postoffice");
}
