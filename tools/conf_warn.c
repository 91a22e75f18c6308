/* SPDX-License-Identifier: ISC */
/*
 * conf_warn.c - what in a configuration that is right cannot work, or is surely
 * not meant
 */
#include "tools/conf_warn.h"

#include <sys/socket.h>

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/map.h"
#include "mhs/or_address.h"
#include "mixer/address_map.h"
#include "postgresql/postgresql_url.h"
#include "tools/conf_useless.h"

#define TEXT_MAX 512
/* Links are compared with each other only where they are not too many. */
#define COMPARED_MAX 1000

/* warn_at - give a warning about a line */
void
warn_at(struct warning *w, unsigned line, const char *fmt, ...)
{
	char text[TEXT_MAX];
	unsigned file_line = line;
	const char *file = conf_where(w->conf, line, &file_line);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	w->fn(w->context, file, file_line, text);
	w->count++;
}

/* warn_user - warn of a user that there is not */
static void
warn_user(struct warning *w, const char *setting, const char *name)
{
	/* A user who is not root runs everything as himself. */
	if (geteuid() == 0 && getpwnam(name) == NULL)
		warn_at(w, w->conf->mta.line, "%s: there is no user %s",
		    setting, name);
}

/* resolve - look a name or an address up; NULL: it was found, else why not */
static const char *
resolve(const char *host, int flags, struct addrinfo **found)
{
	const struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM, .ai_flags = flags};
	int error = getaddrinfo(host, NULL, &hints, found);

	return error == 0 ? NULL : gai_strerror(error);
}

/* warn_listen - warn of addresses that this machine does not have */
static void
warn_listen(
    struct warning *w, const char *setting, const struct conf_endpoints *listen)
{
	for (size_t i = 0; i < listen->count; i++) {
		const char *host = listen->items[i].host;
		struct addrinfo *found = NULL;
		int fd;

		/* A host that is no address was refused before. */
		if (resolve(host, AI_NUMERICHOST | AI_PASSIVE, &found) != NULL)
			continue;
		/* Without a port the system takes any that is free. */
		fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd >= 0 &&
		    bind(fd, found->ai_addr, found->ai_addrlen) < 0 &&
		    errno == EADDRNOTAVAIL)
			warn_at(w, w->conf->mta.line,
			    "%s: this machine does not have the address %s",
			    setting, host);
		if (fd >= 0)
			(void)close(fd);
		freeaddrinfo(found);
	}
}

/* warn_names - warn of hosts of a link that cannot be resolved */
static void
warn_names(struct warning *w, const struct conf_link *link)
{
	for (size_t i = 0; i < link->address.count; i++) {
		const char *host = link->address.items[i].host;
		struct addrinfo *found = NULL;
		const char *reason = resolve(host, 0, &found);

		if (reason != NULL)
			warn_at(w, link->line, "link \"%s\": address: %s: %s",
			    link->name, host, reason);
		else
			freeaddrinfo(found);
	}
}

/* warn_routing - warn of a link to which nothing, or our own mail is routed */
static void
warn_routing(struct warning *w, const struct conf_link *link)
{
	const struct or_address *own = w->conf->mta.domain.address;

	/* Links that learn need no address space, and those that never call may
	 * be kept for later. */
	if (link->address_space.count == 0 && link->learn.count == 0 &&
	    link->schedule.kind != CONF_SCHEDULE_NEVER)
		warn_at(w, link->line,
		    "link \"%s\": address-space: there is none: nothing is "
		    "routed to it",
		    link->name);
	for (size_t i = 0; i < link->address_space.count; i++) {
		const struct conf_address *space =
		    &link->address_space.items[i];

		if (or_address_compare(space->address, own) == 0)
			warn_at(w, link->line,
			    "link \"%s\": address-space: %s is our own domain",
			    link->name, space->text);
	}
}

/* warn_updates - warn of a peer that knows us by another name than the one that
 * our routing updates bear: it drops them */
static void
warn_updates(struct warning *w, const struct conf_link *link)
{
	if (link->peer == CONF_PEER_FOURPOST && link->local_name[0] != '\0' &&
	    strcmp(link->local_name, w->conf->mta.name) != 0)
		warn_at(w, link->line,
		    "link \"%s\": local-name: routing updates bear the name of "
		    "the mta section, and the peer drops them",
		    link->name);
}

/* same_selectors - tell whether callers of two links cannot be told apart */
static bool
same_selectors(const struct conf_link *a, const struct conf_link *b)
{
	return slice_equal(a->local_tsel, b->local_tsel) &&
	    slice_equal(a->local_ssel, b->local_ssel) &&
	    slice_equal(a->local_psel, b->local_psel);
}

/* warn_pair - warn of two links that are one, or share their load */
static void
warn_pair(
    struct warning *w, const struct conf_link *a, const struct conf_link *b)
{
	/* Callers are told apart by their name and by the selectors that they
	 * call. */
	if (strcmp(a->remote_mta, b->remote_mta) == 0 && same_selectors(a, b))
		warn_at(w, b->line,
		    "link \"%s\": remote-mta: that of link \"%s\", and the "
		    "same selectors: a caller cannot be told apart",
		    b->name, a->name);
	if (a->cost != b->cost || a->address_space.count == 0 ||
	    b->address_space.count == 0)
		return;
	if (or_address_compare(a->address_space.items[0].address,
		b->address_space.items[0].address) == 0)
		warn_at(w, b->line,
		    "link \"%s\": address-space: %s has link \"%s\" too, at "
		    "the same cost: they take turns",
		    b->name, b->address_space.items[0].text, a->name);
}

/* warn_links - warn of what is to be seen of links */
static void
warn_links(struct warning *w)
{
	const struct conf *conf = w->conf;

	for (size_t i = 0; i < conf->link_count; i++) {
		warn_names(w, &conf->links[i]);
		warn_routing(w, &conf->links[i]);
		warn_updates(w, &conf->links[i]);
		/* Bounded: with thousands of links every pair would take
		 * minutes. */
		for (size_t j = 0; j < i && i < COMPARED_MAX; j++)
			warn_pair(w, &conf->links[j], &conf->links[i]);
	}
}

/* A map whose errors are warnings. */
struct warned_map {
	struct warning *warning;
	const struct conf_msmail *msmail;
};

/* on_map_error - warn of an error of a map, where it is */
static void
on_map_error(void *context, unsigned line, const char *text)
{
	const struct warned_map *map = context;
	struct warning *w = map->warning;

	if (line == 0) {
		warn_at(w, map->msmail->line, "msmail \"%s\": directory: %s",
		    map->msmail->name, text);
		return;
	}
	w->fn(w->context, map->msmail->directory, line, text);
	w->count++;
}

/* warn_msmail - warn of what is to be seen of a postoffice */
static void
warn_msmail(struct warning *w, const struct conf_msmail *msmail)
{
	if (access(msmail->postoffice, F_OK) != 0)
		warn_at(w, msmail->line, "msmail \"%s\": postoffice: %s: %s",
		    msmail->name, msmail->postoffice, strerror(errno));
	if (msmail->directory[0] != '\0')
		(void)map_check(msmail->directory, on_map_error,
		    &(struct warned_map){w, msmail});
}

/* warn_console - warn of what the console lacks to be of use */
static void
warn_console(struct warning *w)
{
	const struct conf *conf = w->conf;

	warn_user(w, "console-user", conf->mta.console_user);
	warn_listen(w, "console: listen", &conf->console.listen);
	/* A user who is not root runs everything as himself. */
	if (geteuid() == 0 && conf->mta.viewer_group.name[0] == '\0')
		warn_at(w, conf->console.line,
		    "console: it needs viewer-group, by which it may look");
}

/* warn_application - warn of what is to be seen of an application */
static void
warn_application(struct warning *w, const struct conf_application *application)
{
	if (*application->path != '\0' && access(application->path, F_OK) != 0)
		warn_at(w, application->line,
		    "application \"%s\": path: %s: %s", application->name,
		    application->path, strerror(errno));
}

/* is_source - tell whether messages come by a name of relay-from */
static bool
is_source(const struct conf *conf, const char *name)
{
	static const char application[] = "application/", msmail[] = "msmail/";

	if (strncmp(name, application, strlen(application)) == 0)
		return conf_application_find(
			   conf, name + strlen(application)) != NULL;
	if (strncmp(name, msmail, strlen(msmail)) == 0)
		return conf_msmail_find(conf, name + strlen(msmail)) != NULL;
	return strcmp(name, "*") == 0 || conf_link_find(conf, name) != NULL;
}

/* warn_relay_from - warn of a relay for all, and of names that nobody has */
static void
warn_relay_from(struct warning *w, const struct conf_mixer *mixer)
{
	for (size_t i = 0; i < mixer->relay_from.count; i++) {
		const char *name = mixer->relay_from.items[i];

		if (strcmp(name, "*") == 0)
			warn_at(w, mixer->line,
			    "mixer \"%s\": relay-from: whoever sends to us "
			    "reaches any address of the Internet",
			    mixer->name);
		else if (!is_source(w->conf, name))
			warn_at(w, mixer->line,
			    "mixer \"%s\": relay-from: there is no %s",
			    mixer->name, name);
	}
}

/* is_here - tell whether a host is this machine, so that no network is in
 * between */
static bool
is_here(const char *host)
{
	return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 ||
	    strcmp(host, "localhost") == 0;
}

/* warn_tracking_database - warn of a server that whoever is between can play */
static void
warn_tracking_database(struct warning *w)
{
	const char *text = w->conf->mta.tracking_database;
	struct postgresql_url url;

	/* A value that cannot be parsed was refused before. */
	if (*text == '\0' ||
	    postgresql_url_parse(slice_of_string(text), &url, NULL) != 0 ||
	    strncmp(url.mode, "verify-", 7) == 0)
		return;
	for (size_t i = 0; i < url.host_count; i++)
		if (!is_here(url.hosts[i].name))
			warn_at(w, w->conf->mta.line,
			    "tracking-database: %s is not known by a "
			    "certificate: say sslmode=verify-full and "
			    "sslrootcert=FILE",
			    url.hosts[i].name);
}

/* warn_relay - warn of mail that goes over a network in the clear */
static void
warn_relay(struct warning *w, const struct conf_mixer *mixer)
{
	for (size_t i = 0; i < mixer->relay.count; i++) {
		const char *host = mixer->relay.items[i].host;

		if (mixer->tls == SMTP_TLS_NONE && !is_here(host))
			warn_at(w, mixer->line,
			    "mixer \"%s\": tls: mail goes to %s in the clear",
			    mixer->name, host);
	}
}

/* warn_mixer - warn of a map that cannot be read, and of what it is not for */
static void
warn_mixer(struct warning *w, const struct conf_mixer *mixer)
{
	struct address_map map;
	struct diag diag = {0};

	warn_listen(w, "mixer: listen-lmtp", &mixer->listen_lmtp);
	warn_relay_from(w, mixer);
	warn_relay(w, mixer);
	if (address_map_read(&map, mixer, &diag) != 0)
		warn_at(w, mixer->line, "mixer \"%s\": %s", mixer->name,
		    diag_text(&diag));
	else
		address_map_fini(&map);
}

/* conf_warn - give all warnings of a configuration to fn */
size_t
conf_warn(const struct conf *conf, conf_warn_fn *fn, void *context)
{
	struct warning w = {.conf = conf, .fn = fn, .context = context};

	/* Names that nobody answers for would take a minute each. */
	(void)setenv("RES_OPTIONS", "timeout:2 attempts:1", 0);
	warn_user(&w, "user", conf->mta.user);
	warn_user(&w, "network-user", conf->mta.network_user);
	if (geteuid() == 0 && conf->mta.postoffice_group[0] != '\0' &&
	    getgrnam(conf->mta.postoffice_group) == NULL)
		warn_at(&w, conf->mta.line,
		    "postoffice-group: there is no group %s",
		    conf->mta.postoffice_group);
	warn_listen(&w, "listen", &conf->mta.listen);
	warn_listen(&w, "listen-tls", &conf->mta.listen_tls);
	warn_listen(&w, "listen-proxy", &conf->mta.listen_proxy);
	warn_listen(&w, "listen-proxy-tls", &conf->mta.listen_proxy_tls);
	if (conf->console.line != 0)
		warn_console(&w);
	warn_tracking_database(&w);
	warn_links(&w);
	if (conf->mta.alarm_command[0] != '\0' &&
	    access(conf->mta.alarm_command, X_OK) != 0)
		warn_at(&w, conf->mta.line, "alarm-command: %s: %s",
		    conf->mta.alarm_command, strerror(errno));
	warn_useless(&w);
	for (size_t i = 0; i < conf->msmail_count; i++)
		warn_msmail(&w, &conf->msmails[i]);
	for (size_t i = 0; i < conf->application_count; i++)
		warn_application(&w, &conf->applications[i]);
	for (size_t i = 0; i < conf->mixer_count; i++)
		warn_mixer(&w, &conf->mixers[i]);
	return w.count;
}
