/* SPDX-License-Identifier: ISC */
/*
 * tracking.c - the services of tracking
 */
#include "master/tracking.h"

#include "master/binding.h"
#include "master/supervise.h"

#define DATABASE   "tracking-database"
#define SEARCH	   "search"
#define SEARCH_MAX 8 /* tools that search at a time; further ones wait */

/* is_wanted - tell whether a database of many machines is configured */
static bool
is_wanted(const struct conf *conf)
{
	return *conf->mta.tracking_database != '\0';
}

/* add_tracker - add the tracker with its socket, which is open to all: it asks
 * the kernel who they are, as qmgr does */
static int
add_tracker(struct master *master, struct diag *diag)
{
	struct service *service;
	int error;

	error = binding_service(master, SERVICE_TRACKER, "", 1, &service, diag);
	if (error == 0)
		error = binding_local(
		    service, "tracker", 0666, master->place.group_id, diag);
	return error;
}

/* add_search - add the search of the database with its socket, which is open to
 * all likewise */
static int
add_search(struct master *master, struct diag *diag)
{
	struct service *service;
	int error;

	error = binding_service(
	    master, SERVICE_SEARCH, "", SEARCH_MAX, &service, diag);
	return error == 0
	    ? binding_local(service, SEARCH, 0666, master->place.group_id, diag)
	    : error;
}

/* tracking_add - add the services that are not there yet */
int
tracking_add(struct master *master, const struct conf *conf, struct diag *diag)
{
	struct service *service;
	int error = 0;

	if (service_find(master, "tracker") == NULL)
		error = add_tracker(master, diag);
	if (error == 0 && is_wanted(conf) &&
	    service_find(master, DATABASE) == NULL)
		error = binding_service(
		    master, SERVICE_TRACKING_DATABASE, "", 1, &service, diag);
	if (error == 0 && is_wanted(conf) &&
	    service_find(master, SEARCH) == NULL)
		error = add_search(master, diag);
	return error;
}

/* tracking_renew - end what a new configuration has not */
void
tracking_renew(struct master *master, const struct conf *conf)
{
	static const char *const names[] = {DATABASE, SEARCH};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct service *service = service_find(master, names[i]);

		if (service != NULL && !is_wanted(conf))
			supervise_remove(service);
	}
}
