/* SPDX-License-Identifier: ISC */
/*
 * conf_check.c - check what must hold between settings
 */
#include "conf/conf_check.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf/conf_endpoint.h"
#include "conf/conf_lmtp.h"
#include "conf/conf_pair.h"
#include "conf/conf_tracking.h"
#include "mhs/or_address.h"

/* conf_check_name - check the name of a link or a postoffice */
int
conf_check_name(const char *name, struct diag *diag)
{
	size_t len = strlen(name);

	if (len == 0 || len > CONF_NAME_MAX ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != len) {
		return diag_set(diag, ERR_VALUE,
		    "a name has 1 to %d of a-z, 0-9 and -", CONF_NAME_MAX);
	}
	return 0;
}

/* The checks of a section. */
struct checking {
	const char *kind;
	const char *name; /* "": a section without */
	unsigned line;
	struct conf_report *report;
};

/* refuse - report what is wrong with a section, at its first line */
static int
refuse(
    const struct checking *c, int code, const char *setting, const char *reason)
{
	bool named = c->name[0] != '\0';

	return conf_report(c->report, code, c->line, "%s%s%s%s: %s: %s",
	    c->kind, named ? " \"" : "", c->name, named ? "\"" : "", setting,
	    reason);
}

/* check_needed - check that every required setting was given */
static int
check_needed(
    const struct checking *c, enum conf_section section, const void *values)
{
	const struct conf_settings *settings = conf_settings(section);
	int r = 0;

	for (size_t i = 0; r == 0 && i < settings->count; i++) {
		const struct conf_setting *s = &settings->items[i];

		if (s->need == CONF_REQUIRED &&
		    !conf_setting_given(section, s, values))
			r = refuse(c, ERR_VALUE, s->name, "missing");
	}
	return r;
}

/* check_mode - check what the modes of 1984 need, and have not */
static int
check_mode(const struct checking *c, const struct conf_link *link)
{
	/* Presentation selectors and normal mode came together in 1988. */
	if (link->mode == CONF_MODE_1988_NORMAL)
		return 0;
	if (link->psel.len > 0 || link->local_psel.len > 0)
		return refuse(c, ERR_VALUE, "psel",
		    "only mode 1988-normal has presentation selectors");
	if (link->remote_domain.address == NULL)
		return refuse(c, ERR_VALUE, "remote-domain",
		    "missing, and modes 1988-x410 and 1984 need it");
	return 0;
}

/* check_pair - check that a certificate has a key, and a key a certificate */
static int
check_pair(const struct checking *c, const struct conf_pem *certificate,
    const struct conf_pem *key)
{
	if ((certificate->path[0] == '\0') == (key->path[0] == '\0'))
		return 0;
	return key->path[0] == '\0'
	    ? refuse(c, ERR_VALUE, "tls-key-file",
		  "missing, and there is a tls-certificate-file")
	    : refuse(c, ERR_VALUE, "tls-certificate-file",
		  "missing, and there is a tls-key-file");
}

/* is_either - tell whether a host and port stand in a list */
static bool
is_either(
    const struct conf_endpoints *list, const struct conf_endpoint *endpoint)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].port == endpoint->port &&
		    strcmp(list->items[i].host, endpoint->host) == 0)
			return true;
	return false;
}

/* check_apart - check that no address and port stands in two settings: nobody
 * could tell what is spoken there */
static int
check_apart(const struct checking *c, const struct conf_mta *mta)
{
	static const char *const names[] = {
	    "listen", "listen-tls", "listen-proxy", "listen-proxy-tls"};
	static const char *const why[] = {
	    "an address and port that listen has too",
	    "an address and port that listen-tls has too",
	    "an address and port that listen-proxy has too"};
	const struct conf_endpoints *lists[] = {&mta->listen, &mta->listen_tls,
	    &mta->listen_proxy, &mta->listen_proxy_tls};

	for (size_t one = 1; one < 4; one++)
		for (size_t i = 0; i < lists[one]->count; i++)
			for (size_t other = 0; other < one; other++)
				if (is_either(
					lists[other], &lists[one]->items[i]))
					return refuse(c, ERR_VALUE, names[one],
					    why[other]);
	return 0;
}

/* check_listen - check what the addresses on which peers call need */
static int
check_listen(const struct checking *c, const struct conf_mta *mta)
{
	bool keyless = mta->tls_certificate.path[0] == '\0';

	/* Without a certificate TLS has nothing to offer a caller. */
	if (mta->listen_tls.count > 0 && keyless)
		return refuse(c, ERR_VALUE, "listen-tls",
		    "needs tls-certificate-file and tls-key-file");
	if (mta->listen_proxy_tls.count > 0 && keyless)
		return refuse(c, ERR_VALUE, "listen-proxy-tls",
		    "needs tls-certificate-file and tls-key-file");
	/* Everybody could say to be anybody. */
	if (mta->listen_proxy.count + mta->listen_proxy_tls.count > 0 &&
	    mta->proxy_from.count == 0)
		return refuse(c, ERR_VALUE, "proxy-from",
		    "missing: who may say on listen-proxy who calls");
	return check_apart(c, mta);
}

/* check_tracking - check the URL of the database that gets tracking */
static int
check_tracking(const struct checking *c, const struct conf_mta *mta)
{
	char password[POSTGRESQL_PASSWORD_MAX];
	struct postgresql_url url;
	struct diag diag = {0};
	int r = conf_tracking_url(mta, &url, &diag);

	if (r == 0 && url.host_count > 0 && mta->tracking_days == 0)
		r = diag_set(&diag, ERR_VALUE,
		    "nothing is kept that could be written there: "
		    "tracking-days is 0");
	if (r == 0 && url.host_count > 0)
		r = conf_tracking_password(&url, password, &diag);
	explicit_bzero(password, sizeof(password));
	return r == 0 ? 0 : refuse(c, r, "tracking-database", diag_text(&diag));
}

/* check_mta - check that the settings of this MTA go together */
static int
check_mta(const struct checking *c, const struct conf_mta *mta)
{
	int r = check_needed(c, CONF_MTA, mta);

	if (r == 0)
		r = check_pair(c, &mta->tls_certificate, &mta->tls_key);
	/* Without a certificate TLS has nothing to offer a caller. */
	if (r == 0)
		r = check_listen(c, mta);
	if (r == 0 && mta->tls_revocations.path[0] != '\0' &&
	    mta->tls_authorities.path[0] == '\0')
		r = refuse(c, ERR_VALUE, "tls-crl-file", "needs tls-ca-file");
	if (r == 0)
		r = check_tracking(c, mta);
	return r;
}

/* check_link_tls - check what TLS needs of a link */
static int
check_link_tls(const struct checking *c, const struct conf_link *link)
{
	int r = check_pair(c, &link->tls_certificate, &link->tls_key);

	/* Encryption without knowing the peer would protect from nobody who can
	 * answer in its place. */
	if (r == 0 && link->tls == CONF_TLS_REQUIRE &&
	    link->tls_name[0] == '\0' && link->tls_pins.count == 0)
		r = refuse(
		    c, ERR_VALUE, "tls", "require needs tls-name or tls-pin");
	return r;
}

/* check_link - check that the settings of a link go together */
static int
check_link(const struct checking *c, const struct conf_link *link)
{
	bool calls = link->schedule.kind == CONF_SCHEDULE_ALWAYS ||
	    link->schedule.kind == CONF_SCHEDULE_TIMES;
	int r = check_needed(c, CONF_LINK, link);

	if (r == 0 && calls && link->address.count == 0)
		r = refuse(c, ERR_VALUE, "address",
		    "missing, and the schedule says that we call");
	/* As in Exchange: the side that is never called must get the turn, or
	 * it could not send at all. */
	if (r == 0 && link->schedule.kind == CONF_SCHEDULE_REMOTE_INITIATED &&
	    link->dialogue != CONF_DIALOGUE_TWO_WAY_ALTERNATE)
		r = refuse(c, ERR_VALUE, "schedule",
		    "remote-initiated needs dialogue = \"two-way-alternate\"");
	if (r == 0 && link->learn.count > 0 &&
	    (link->peer != CONF_PEER_FOURPOST ||
		link->mode != CONF_MODE_1988_NORMAL))
		r = refuse(c, ERR_VALUE, "learn",
		    "needs peer = \"fourpost\" and mode = \"1988-normal\"");
	if (r == 0)
		r = check_mode(c, link);
	return r < 0 ? r : check_link_tls(c, link);
}

/* addresses_text - count the octets of some addresses, as they are handed
 * over */
static size_t
addresses_text(const struct conf_addresses *addresses)
{
	size_t octets = 0;

	for (size_t i = 0; i < addresses->count; i++)
		octets += strlen(addresses->items[i].text) + 4;
	return octets;
}

/* check_msmail - check the settings of a postoffice; its directory may be away
 * for a while (a mount), its map may not */
static int
check_msmail(const struct checking *c, const struct conf_msmail *msmail)
{
	int r = check_needed(c, CONF_MSMAIL, msmail);
	char reason[512];
	struct stat st;

	if (r == 0 && addresses_text(&msmail->address_space) > CONF_SPACES_MAX)
		r = refuse(c, ERR_LIMIT, "address-space",
		    "more than 32 KB of text in all");
	/* A postoffice may be away when the configuration is read; its map must
	 * be there. */
	if (r < 0 || msmail->directory[0] == '\0')
		return r;
	if (stat(msmail->directory, &st) < 0)
		(void)snprintf(reason, sizeof(reason), "%s: %s",
		    msmail->directory, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		(void)snprintf(reason, sizeof(reason), "%s: not a file",
		    msmail->directory);
	else
		return 0;
	return refuse(c, ERR_IO, "directory", reason);
}

/* check_list - check the settings of a distribution list */
static int
check_list(const struct checking *c, const struct conf_list *list)
{
	int r = check_needed(c, CONF_LIST, list);

	if (r == 0 && list->members.count == 0)
		r = refuse(c, ERR_VALUE, "members", "there are none");
	if (r == 0 && list->reports == CONF_REPORTS_OWNER &&
	    list->owner.address == NULL)
		r = refuse(c, ERR_VALUE, "owner", "missing, and gets reports");
	return r;
}

/* check_submit - check the settings of who may submit */
static int
check_submit(const struct checking *c, const struct conf_submit *submit)
{
	int r = check_needed(c, CONF_SUBMIT, submit);

	if (r == 0 && submit->group.name[0] == '\0')
		r = refuse(c, ERR_VALUE, "group", "must not be empty");
	if (r == 0 && submit->originators.count == 0)
		r = refuse(c, ERR_VALUE, "originators", "there are none");
	return r;
}

/* check_application_socket - check the name of an application's socket, which
 * must not be one of a process of ours: those of workers have a dot */
static int
check_application_socket(const struct checking *c, const char *socket)
{
	static const char *const ours[] = {
	    "qmgr", "control", "tracker", "master", "slots"};
	struct diag diag = {0};

	if (*socket == '\0')
		return 0;
	if (conf_check_name(socket, &diag) < 0)
		return refuse(c, ERR_VALUE, "socket", diag_text(&diag));
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(socket, ours[i]) == 0)
			return refuse(
			    c, ERR_VALUE, "socket", "a process of ours has it");
	return strncmp(socket, "console", 7) == 0
	    ? refuse(c, ERR_VALUE, "socket", "that is for the console")
	    : 0;
}

/* check_application_forms - check by what a program is reached */
static int
check_application_forms(
    const struct checking *c, const struct conf_application *application)
{
	if (*application->path == '\0' && *application->socket == '\0')
		return refuse(
		    c, ERR_VALUE, "path", "missing, and there is no socket");
	/* Nobody could tell what was only given to a connection that ended. */
	if (*application->socket != '\0' &&
	    application->delivered_when == CONF_DELIVERED_WRITTEN)
		return refuse(c, ERR_VALUE, "delivered-when",
		    "written is for a directory alone, and there is a socket");
	return check_application_socket(c, application->socket);
}

/* check_application - check the settings of an application; its directory may
 * be away for a while */
static int
check_application(
    const struct checking *c, const struct conf_application *application)
{
	int r = check_needed(c, CONF_APPLICATION, application);

	if (r == 0)
		r = check_application_forms(c, application);
	if (r == 0 && application->address_space.count == 0 &&
	    application->originators.count == 0)
		r = refuse(c, ERR_VALUE, "address-space",
		    "missing, and there are no originators: nothing could be "
		    "taken or submitted");
	return r;
}

/* check_token - check that a token cannot be guessed, and goes into a header */
static int
check_token(const struct checking *c, const char *name, struct slice token)
{
	if (token.len > 0 && token.len < CONF_TOKEN_MIN)
		return refuse(c, ERR_VALUE, name, "shorter than 16 octets");
	for (size_t i = 0; i < token.len; i++)
		if (token.data[i] <= ' ' || token.data[i] > '~')
			return refuse(c, ERR_VALUE, name,
			    "holds more than printable ASCII without blanks");
	return 0;
}

/* is_address - tell whether a host is numeric, so that no certificate is for
 * it */
static bool
is_address(const char *host)
{
	return strchr(host, ':') != NULL ||
	    strspn(host, "0123456789.") == strlen(host);
}

/* check_relay - check what TLS needs of a gateway */
static int
check_relay(const struct checking *c, const struct conf_mixer *mixer)
{
	if (mixer->tls != SMTP_TLS_REQUIRE || mixer->tls_name[0] != '\0' ||
	    mixer->tls_pins.count > 0)
		return 0;
	for (size_t i = 0; i < mixer->relay.count; i++)
		if (is_address(mixer->relay.items[i].host))
			return refuse(c, ERR_VALUE, "tls",
			    "require needs tls-name or tls-pin where relay is "
			    "an address");
	return 0;
}

/* check_mixer - check how a gateway maps addresses */
static int
check_mixer(const struct checking *c, const struct conf_mixer *mixer)
{
	int r = check_needed(c, CONF_MIXER, mixer);
	struct diag diag = {0};
	const char *why, *setting;

	if (r == 0 && conf_pair_check_domain(mixer->mail_domain, &diag) < 0)
		r = refuse(c, ERR_VALUE, "mail-domain", diag_text(&diag));
	if (r == 0 && mixer->gateway_address.address == NULL)
		r = refuse(c, ERR_VALUE, "gateway-address", "missing");
	/* Addresses of the Internet are put there as DDAs, up to four. */
	else if (r == 0 && mixer->gateway_address.address->dda_count > 0)
		r = refuse(c, ERR_VALUE, "gateway-address",
		    "has domain defined attributes");
	if (r == 0)
		r = check_relay(c, mixer);
	why = r < 0 ? NULL : conf_lmtp_check(mixer, &setting);
	return why == NULL ? r : refuse(c, ERR_VALUE, setting, why);
}

/* check_console_socket - check the name of the console's socket, which must not
 * be one of another process */
static int
check_console_socket(const struct checking *c, const char *socket)
{
	struct diag diag = {0};

	if (*socket == '\0')
		return 0;
	if (strncmp(socket, "console", 7) != 0 ||
	    conf_check_name(socket, &diag) < 0)
		return refuse(c, ERR_VALUE, "socket",
		    "begins with \"console\", and has a-z, 0-9 and - alone");
	return 0;
}

/* check_console - check the settings of the console */
static int
check_console(const struct checking *c, const struct conf_console *console)
{
	int r = check_console_socket(c, console->socket);

	if (r == 0 && *console->socket == '\0' && console->listen.count == 0)
		r = refuse(
		    c, ERR_VALUE, "socket", "is empty, and so is listen");
	if (r == 0 && console->listen.count > CONF_CONSOLE_LISTEN_MAX)
		r = refuse(c, ERR_VALUE, "listen", "more than 4");
	/* Every local user, and every page in a browser, reaches a port. */
	if (r == 0 && console->listen.count > 0 && console->token.len == 0)
		r = refuse(
		    c, ERR_VALUE, "token-file", "missing, and there is listen");
	if (r == 0)
		r = check_token(c, "token", console->token);
	if (r == 0)
		r = check_token(c, "metrics-token", console->metrics_token);
	for (size_t i = 0; r == 0 && i < console->listen.count; i++)
		if (console->listen.items[i].port == CONF_ENDPOINT_PORT)
			r = refuse(c, ERR_VALUE, "listen",
			    "a port is needed, and 102 is that of X.400");
	return r;
}

/* conf_check_section - check that the settings of a section go together */
int
conf_check_section(enum conf_section kind, const void *values,
    const struct conf_source_section *from, struct conf_report *report)
{
	const struct checking c = {.kind = conf_settings(kind)->name,
	    .name = from->title,
	    .line = from->line,
	    .report = report};

	switch (kind) {
	case CONF_MTA:
		return check_mta(&c, values);
	case CONF_LINK:
		return check_link(&c, values);
	case CONF_MSMAIL:
		return check_msmail(&c, values);
	case CONF_LIST:
		return check_list(&c, values);
	case CONF_SUBMIT:
		return check_submit(&c, values);
	case CONF_APPLICATION:
		return check_application(&c, values);
	case CONF_MIXER:
		return check_mixer(&c, values);
	case CONF_CONSOLE:
		return check_console(&c, values);
	}
	return 0;
}

/* check_links - check what links need of the mta section */
static int
check_links(const struct conf *conf, struct conf_report *report)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < conf->link_count; i++) {
		const struct conf_link *link = &conf->links[i];
		const struct checking c = {.kind = "link",
		    .name = link->name,
		    .line = link->line,
		    .report = report};

		/* Only who requires TLS needs the means for it. */
		if (link->tls != CONF_TLS_REQUIRE)
			continue;
		if (link->tls_certificate.path[0] == '\0' &&
		    conf->mta.tls_certificate.path[0] == '\0')
			r = refuse(&c, ERR_VALUE, "tls",
			    "require needs a tls-certificate-file");
		else if (link->tls_pins.count == 0 &&
		    conf->mta.tls_authorities.path[0] == '\0')
			r = refuse(&c, ERR_VALUE, "tls-name",
			    "needs the tls-ca-file of the mta section");
	}
	return r;
}

/* check_mixers - check what gateways need of the mta section */
static int
check_mixers(const struct conf *conf, struct conf_report *report)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < conf->mixer_count; i++) {
		const struct conf_mixer *mixer = &conf->mixers[i];
		const struct checking c = {.kind = "mixer",
		    .name = mixer->name,
		    .line = mixer->line,
		    .report = report};

		if (mixer->tls == SMTP_TLS_REQUIRE &&
		    mixer->tls_pins.count == 0 &&
		    conf->mta.tls_authorities.path[0] == '\0')
			r = refuse(&c, ERR_VALUE, "tls",
			    "require needs the tls-ca-file of the mta "
			    "section, or tls-pin");
	}
	return r;
}

/* text_of - count the octets of all members, redirections and address spaces */
static size_t
text_of(const struct conf *conf)
{
	size_t octets = 0;

	for (size_t i = 0; i < conf->link_count; i++)
		octets += addresses_text(&conf->links[i].address_space);

	for (size_t i = 0; i < conf->list_count; i++)
		octets += addresses_text(&conf->lists[i].members);
	for (size_t i = 0; i < conf->application_count; i++)
		octets += addresses_text(&conf->applications[i].address_space) +
		    addresses_text(&conf->applications[i].originators);
	for (size_t i = 0; i < conf->msmail_count; i++) {
		octets += addresses_text(&conf->msmails[i].address_space);
		for (size_t j = 0; j < conf->msmails[i].redirect.count; j++)
			octets +=
			    strlen(conf->msmails[i].redirect.items[j].text) + 4;
	}
	return octets;
}

/* check_lists - check that each list has an address of its own, and that all
 * that qmgr is handed is within bounds */
static int
check_lists(const struct conf *conf, struct conf_report *report)
{
	for (size_t i = 1; i < conf->list_count; i++)
		for (size_t j = 0; j < i; j++) {
			const struct conf_list *a = &conf->lists[i];
			const struct conf_list *b = &conf->lists[j];

			if (a->address.address != NULL &&
			    b->address.address != NULL &&
			    or_address_compare(
				a->address.address, b->address.address) == 0)
				return conf_report(report, ERR_VALUE, a->line,
				    "list \"%s\": address: that of list "
				    "\"%s\"",
				    a->name, b->name);
		}
	if (text_of(conf) <= CONF_NAMES_MAX)
		return 0;
	return conf_report(report, ERR_LIMIT, conf->mta.line,
	    "members, redirections and address spaces: more than %u octets in "
	    "all",
	    CONF_NAMES_MAX);
}

/* check_lmtp - check that no two gateways have a socket together */
static int
check_lmtp(const struct conf *conf, struct conf_report *report)
{
	for (size_t i = 1; i < conf->mixer_count; i++)
		for (size_t j = 0; j < i; j++)
			if (conf_lmtp_shared(
				&conf->mixers[i], &conf->mixers[j]) != NULL)
				return conf_report(report, ERR_VALUE,
				    conf->mixers[i].line,
				    "mixer \"%s\": listen-lmtp: that of mixer "
				    "\"%s\"",
				    conf->mixers[i].name, conf->mixers[j].name);
	return 0;
}

/* check_sockets - check that each application has a socket of its own */
static int
check_sockets(const struct conf *conf, struct conf_report *report)
{
	for (size_t i = 1; i < conf->application_count; i++)
		for (size_t j = 0; j < i; j++) {
			const struct conf_application *a =
			    &conf->applications[i];
			const struct conf_application *b =
			    &conf->applications[j];

			if (*a->socket != '\0' &&
			    strcmp(a->socket, b->socket) == 0)
				return conf_report(report, ERR_VALUE, a->line,
				    "application \"%s\": socket: that of "
				    "application \"%s\"",
				    a->name, b->name);
		}
	return 0;
}

/* count_processes - count those that may be needed: each way one for each link
 * and max-associations, 64 for callers that are not known, three for a
 * postoffice or the directory of an application, and its connections */
static size_t
count_processes(const struct conf *conf)
{
	size_t needed =
	    2 * ((size_t)conf->mta.max_associations + conf->link_count) +
	    3 * (conf->msmail_count + conf->application_count) + 64;

	for (size_t i = 0; i < conf->application_count; i++)
		if (*conf->applications[i].socket != '\0')
			needed += CONF_CONNECTIONS_MAX;
	for (size_t i = 0; i < conf->mixer_count; i++)
		needed += (size_t)conf->mixers[i].connections +
		    conf->mixers[i].lmtp_connections + 4;
	return needed;
}

/* conf_check_whole - check that there is an mta section, and that there may be
 * as many processes as are needed */
int
conf_check_whole(const struct conf *conf, struct conf_report *report)
{
	size_t needed = count_processes(conf);

	if (conf->mta.line == 0)
		return conf_report(
		    report, ERR_VALUE, 1, "mta: the section is missing");
	/* Every worker has a place in memory that is shared with master, and
	 * their number is fixed at its start. */
	if (needed <= CONF_WORKERS_MAX) {
		int r = check_links(conf, report);

		if (r == 0)
			r = check_mixers(conf, report);
		if (r == 0)
			r = check_sockets(conf, report);
		if (r == 0)
			r = check_lmtp(conf, report);
		return r < 0 ? r : check_lists(conf, report);
	}
	return conf_report(report, ERR_LIMIT, conf->mta.line,
	    "mta: max-associations: with %zu links, %zu postoffices and %zu "
	    "applications that needs %zu processes, more than %u",
	    conf->link_count, conf->msmail_count, conf->application_count,
	    needed, (unsigned)CONF_WORKERS_MAX);
}
