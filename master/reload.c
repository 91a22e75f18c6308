/* SPDX-License-Identifier: ISC */
/*
 * reload.c - go from one configuration to another, restarting what changed
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf_compare.h"
#include "conf/conf_tls.h"
#include "master/applications.h"
#include "master/binding.h"
#include "master/certificates.h"
#include "master/console.h"
#include "master/gateways.h"
#include "master/listening.h"
#include "master/notify.h"
#include "master/on_disk.h"
#include "master/reload.h"
#include "master/supervise.h"
#include "master/tracking.h"

#define PATIENCE_MS 10000 /* for a port that a leftover still holds */
/* Not bound yet, and on their way out. */
#define X400IN_EXTRA  (SERVICE_UNBOUND_MAX + 14)
#define X400OUT_EXTRA 4 /* old workers that are still leaving */
#define LOCAL_OUT_MAX 4

/* The concerns of the mta settings that changed. */
struct change {
	struct master *master;
	const struct conf *conf; /* the new one */
	bool fixed;		 /* what cannot change while we run */
	bool identity; /* what every worker towards the outside says */
	bool listen;
	bool tls; /* what every TLS connection begins with */
	bool postmaster;
	bool tracking; /* what tracking-database must know */
	bool console;  /* what it says, or as whom */
	bool log;      /* what is logged */
	const char *fixed_section;
	char fixed_name[64];
};

/* add_qmgr - add qmgr with its two sockets: workers', and people's */
static int
add_qmgr(struct master *master, struct diag *diag)
{
	const struct place *place = &master->place;
	bool root = place->user_id != (uid_t)-1;
	struct service *service;
	int error;

	error = binding_service(master, SERVICE_QMGR, "", 1, &service, diag);
	if (error == 0)
		/* The group lets workers of the network connect where root
		 * started us; without root all run as one user. */
		error = binding_local(service, "qmgr", root ? 0660 : 0600,
		    place->network_group_id, diag);
	if (error == 0)
		/* Everybody may connect to "control": qmgr asks the kernel who
		 * the caller is and what it may do. */
		error = binding_local(
		    service, "control", 0666, place->group_id, diag);
	return error;
}

/* x400in_max - tell how many may run: qmgr lets each peer have one, and all
 * together max-associations more */
static unsigned
x400in_max(const struct conf *conf)
{
	return conf->mta.max_associations + (unsigned)conf->link_count +
	    X400IN_EXTRA;
}

/* add_x400in - add the service of the TCP sockets */
static int
add_x400in(struct master *master, const struct conf *conf, struct diag *diag)
{
	struct service *service;
	int error;

	error = binding_service(
	    master, SERVICE_X400IN, "", x400in_max(conf), &service, diag);
	if (error != 0)
		return error;
	error = listening_bind(service, service, conf, PATIENCE_MS, diag);
	listening_mark(service, conf);
	return error;
}

/* add_services - add all services that are not there yet */
static int
add_services(struct master *master, const struct conf *conf, struct diag *diag)
{
	size_t i;
	int error = 0;

	if (service_find(master, "qmgr") == NULL)
		error = add_qmgr(master, diag);
	if (error == 0 && service_find(master, "x400in") == NULL)
		error = add_x400in(master, conf, diag);
	if (error == 0)
		error = tracking_add(master, conf, diag);
	if (error == 0)
		error = console_add(master, conf, diag);
	for (i = 0; error == 0 && i < conf->link_count; i++)
		error = binding_missing(master, SERVICE_X400OUT, "x400out",
		    conf->links[i].name,
		    conf->links[i].associations + X400OUT_EXTRA, diag);
	for (i = 0; error == 0 && i < conf->msmail_count; i++) {
		error = binding_missing(master, SERVICE_MSMI_IN, "msmi-in",
		    conf->msmails[i].name, 1, diag);
		if (error == 0)
			error = binding_missing(master, SERVICE_MSMI_OUT,
			    "msmi-out", conf->msmails[i].name, LOCAL_OUT_MAX,
			    diag);
	}
	if (error == 0)
		error = applications_add(master, conf, diag);
	return error != 0 ? error : gateways_add(master, conf, diag);
}

/* drop_fresh - free the services that were made for nothing */
static void
drop_fresh(struct master *master)
{
	struct service *service, *next;

	for (service = TAILQ_FIRST(&master->services); service != NULL;
	     service = next) {
		next = TAILQ_NEXT(service, link);
		if (service->fresh)
			service_free(service);
	}
	gateways_drop_fresh(master);
}

/* reload_services - make the services that are not there yet */
int
reload_services(
    struct master *master, const struct conf *conf, struct diag *diag)
{
	struct service *service;
	int error;

	error = add_services(master, conf, diag);
	if (error != 0) {
		drop_fresh(master);
		return error;
	}
	if (conf == master->conf)
		/* Only services of a configuration in force are there for good;
		 * at a reload they stay fresh until take_over(), so that a
		 * failure can remove them. */
		TAILQ_FOREACH(service, &master->services, link) {
			service->fresh = false;
			for (unsigned i = 0; i < service->listener_count; i++)
				service->listeners[i].fresh = false;
		}
	return 0;
}

/* note_fixed - note a setting that cannot change while the suite runs */
static void
note_fixed(struct change *change, const char *section, const char *setting)
{
	change->fixed = true;
	change->fixed_section = section;
	(void)strlcpy(change->fixed_name, setting, sizeof(change->fixed_name));
}

/* note_change - note what a changed setting of the mta section concerns */
static void
note_change(struct change *change, const char *setting)
{
	static const char *const fixed[] = {"run-directory", "state-directory",
	    "user", "network-user", "postoffice-group"};
	size_t i;

	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		if (strcmp(setting, fixed[i]) != 0)
			continue;
		note_fixed(change, "mta", setting);
	}
	if (strcmp(setting, "name") == 0 || strcmp(setting, "domain") == 0 ||
	    strncmp(setting, "password", 8) == 0)
		change->identity = true;
	if (listening_is(setting))
		change->listen = true;
	if (strncmp(setting, "tls-", 4) == 0)
		change->tls = true;
	if (strncmp(setting, "log-level-", 10) == 0)
		change->log = true;
	if (strcmp(setting, "postmaster") == 0)
		change->postmaster = true;
	if (strncmp(setting, "tracking-", 9) == 0 ||
	    strcmp(setting, "viewer-group") == 0 ||
	    strcmp(setting, "operator-group") == 0)
		change->tracking = true;
	if (strcmp(setting, "viewer-group") == 0 ||
	    strcmp(setting, "console-user") == 0)
		change->console = true;
}

/* note_console - note what a changed setting of the console concerns */
static void
note_console(struct change *change, const char *setting)
{
	/* Its sockets are made with it. */
	if (strcmp(setting, "listen") == 0 || strcmp(setting, "socket") == 0)
		note_fixed(change, "console", setting);
	change->console = true;
}

/* note_socket - note that the socket of an application is another: a name that
 * was there before, and is still, cannot change */
static void
note_socket(struct change *change, const char *name)
{
	const struct conf_application *before =
	    conf_application_find(change->master->conf, name);
	const struct conf_application *after =
	    conf_application_find(change->conf, name);

	if (before != NULL && after != NULL && *before->socket != '\0' &&
	    *after->socket != '\0')
		note_fixed(change, "application", "socket");
}

/* note_difference - note, in a first pass, what concerns all services */
static void
note_difference(void *context, enum conf_section section, const char *name,
    enum conf_change what, const struct conf_setting *setting)
{
	(void)what;
	if (section == CONF_MTA && setting != NULL)
		note_change(context, setting->name);
	if (section == CONF_CONSOLE && setting != NULL)
		note_console(context, setting->name);
	if (section == CONF_APPLICATION && setting != NULL &&
	    strcmp(setting->name, "socket") == 0)
		note_socket(context, name);
}

/* retire_named - retire the workers of a service that changed, or remove it */
static void
retire_named(struct master *master, const char *prefix, const char *key,
    enum conf_change what)
{
	char name[SERVICE_NAME_MAX];
	struct service *service;

	(void)snprintf(name, sizeof(name), "%s/%s", prefix, key);
	service = service_find(master, name);
	if (service == NULL)
		return;
	if (what == CONF_REMOVED)
		supervise_remove(service);
	else if (what == CONF_CHANGED)
		supervise_retire(service);
}

/* apply_difference - retire, in a second pass, what links and postoffices had
 * that went or changed */
static void
apply_difference(void *context, enum conf_section section, const char *name,
    enum conf_change what, const struct conf_setting *setting)
{
	const struct change *change = context;

	(void)setting;
	if (section == CONF_LINK)
		/* Both passes are needed, since a setting of the mta section
		 * may concern a service that has not changed itself. */
		retire_named(change->master, "x400out", name, what);
	if (section == CONF_MSMAIL) {
		retire_named(change->master, "msmi-in", name, what);
		retire_named(change->master, "msmi-out", name, what);
	}
	if (section == CONF_APPLICATION)
		applications_apply(change->master, name, what);
	if (section == CONF_MIXER)
		gateways_apply(change->master, name, what);
	if (section == CONF_CONSOLE && what == CONF_REMOVED)
		console_remove(change->master);
}

/* is_concerned - tell whether a change of the mta section concerns a service */
static bool
is_concerned(const struct service *service, const struct change *change)
{
	switch (service->kind) {
	case SERVICE_QMGR:
	case SERVICE_TRACKER:
	case SERVICE_MIXER_MEMORY:
		return false; /* it is given the new configuration */
	case SERVICE_X400IN:
		return change->identity || change->listen;
	case SERVICE_X400OUT:
		return change->identity;
	case SERVICE_MSMI_IN:
	case SERVICE_MSMI_OUT:
	case SERVICE_APP_IN:
	case SERVICE_APP_OUT:
	case SERVICE_APP:
	case SERVICE_MIXER_IN:
	case SERVICE_MIXER_OUT:
		return change->identity || change->postmaster || change->log;
	case SERVICE_CONSOLE:
		return change->identity || change->console || change->log;
	case SERVICE_TRACKING_DATABASE:
	case SERVICE_SEARCH:
		return change->identity || change->tracking || change->log;
	}
	return false;
}

/* set_limits - set how many workers each service may have now */
static void
set_limits(struct master *master, const struct conf *conf)
{
	const struct conf_link *link;
	struct service *service;

	TAILQ_FOREACH(service, &master->services, link) {
		if (service->kind == SERVICE_X400IN)
			service->workers_max = x400in_max(conf);
		if (service->kind != SERVICE_X400OUT)
			continue;
		link = conf_link_find(conf, service->key);
		if (link != NULL)
			service->workers_max =
			    link->associations + X400OUT_EXTRA;
	}
	gateways_renew(master, conf);
	tracking_renew(master, conf);
}

/* restart_qmgr - replace a qmgr that could not be told: the next one starts
 * with the new configuration */
static void
restart_qmgr(struct master *master)
{
	struct service *service = service_find(master, "qmgr");

	if (service != NULL)
		supervise_retire(service);
}

/* take_over - put the new configuration into force, which cannot fail */
static int
take_over(struct master *master, struct conf *conf, struct service *spare,
    struct change *change)
{
	struct service *service, *next;
	struct conf *before = master->conf;
	int changes;

	master->conf = conf;
	category_levels(conf->mta.log_levels);
	certificates_changed(master);
	/* qmgr comes first, for workers that start now ask it for their
	 * settings. */
	if (qmgr_channel_reload(master, conf) != 0)
		restart_qmgr(master);
	changes = conf_compare(before, conf, apply_difference, change);
	/* A comparison that had no memory leaves open what changed: the restart
	 * of workers that need none costs a call each. */
	if (changes < 0) { /* incomplete: take everything as changed */
		change->identity = true;
		changes = 0;
	}
	if (change->console)
		console_give(master, conf);
	if (change->listen)
		listening_swap(service_find(master, "x400in"), spare, conf);
	for (service = TAILQ_FIRST(&master->services); service != NULL;
	     service = next) {
		next = TAILQ_NEXT(service, link);
		if (service == spare)
			continue;
		if (!service->fresh && is_concerned(service, change))
			supervise_retire(service);
		/* A new key concerns only those who have not shaken hands:
		 * bound workers end by themselves, and their peers are not
		 * disturbed. */
		else if (change->tls && service->kind == SERVICE_X400IN)
			supervise_renew(service);
		/* Sessions of SMTP are short: no peer has to be spared. */
		else if (change->tls && service->kind == SERVICE_MIXER_OUT)
			supervise_retire(service);
		service->fresh = false;
		for (unsigned i = 0; i < service->listener_count; i++)
			service->listeners[i].fresh = false;
	}
	service_free(spare);
	set_limits(master, conf);
	/* The look at all services is last, when limits and sockets are those
	 * of the new configuration. */
	TAILQ_FOREACH(service, &master->services, link) {
		supervise(service);
	}
	/* The old configuration is freed only when nothing points into it: the
	 * comparison above read both. */
	conf_free(before);
	return changes;
}

/* change_to - check that a change is possible, then make it */
static int
change_to(struct master *master, struct conf *conf, struct diag *diag)
{
	struct change change = {.master = master, .conf = conf};
	struct service *spare = NULL;
	int error;

	error = conf_compare(master->conf, conf, note_difference, &change);
	if (error < 0)
		return diag_set(diag, error, "comparison failed");
	if (change.fixed)
		return diag_set(diag, ERR_DENIED,
		    "%s: %s: %s cannot change while the suite runs: "
		    "stop and start it",
		    master->conf_path, change.fixed_section, change.fixed_name);
	error = listening_check(master, conf, diag);
	if (error != 0)
		return error;
	error = reload_services(master, conf, diag);
	if (error != 0)
		return error;
	error =
	    binding_service(master, SERVICE_X400IN, "spare", 0, &spare, diag);
	if (error == 0 && change.listen)
		error = listening_bind(
		    service_find(master, "x400in"), spare, conf, 0, diag);
	if (error != 0) {
		drop_fresh(master);
		return error;
	}
	return take_over(master, conf, spare, &change);
}

/* reload - read the file again, and apply it */
int
reload(struct master *master, struct diag *diag)
{
	int64_t started = clock_wall();
	struct conf *conf;
	int result;

	if (master->phase >= MASTER_STOPPING_WORKERS)
		return diag_set(diag, ERR_STATE, "the suite is stopping");
	notify_state(NOTIFY_RELOADING);
	result = conf_parse_file(master->conf_path, &conf, diag);
	if (result == 0) {
		result = conf_tls_load(conf, diag);
		if (result == 0)
			result = change_to(master, conf, diag);
		if (result < 0)
			conf_free(conf);
	}
	if (result < 0)
		LOG_EVENT(
		    EVENT_BAD_CONFIG, LOG_STRING("reason", diag_text(diag)));
	else {
		on_disk_read(master, started);
		LOG_EVENT(EVENT_CONFIG_RELOADED, LOG_INT("changes", result));
	}
	if (master->phase == MASTER_RUNNING)
		notify_state(NOTIFY_READY);
	return result < 0 ? result : 0;
}
