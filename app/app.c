/* SPDX-License-Identifier: ISC */
/*
 * app.c - from the start of a worker of an application to its work
 */
#include "app/app.h"

#include <jansson.h>

#include "base/category.h"
#include "worker/settings.h"

/* app_settings - wait for qmgr's settings and read them */
int
app_settings(struct app *app, struct diag *diag)
{
	int error =
	    worker_settings(&app->worker, &app->qmgr, &app->conf, NULL, diag);

	if (error < 0)
		return error;
	category_levels(app->conf->mta.log_levels);
	app->application =
	    conf_application_find(app->conf, app->worker.service);
	return app->application != NULL
	    ? 0
	    : diag_set(diag, ERR_NOTFOUND, "no application %s in the settings",
		  app->worker.service);
}

/* app_enter - confine the worker to the directory for good, and open it */
int
app_enter(struct app *app, struct diag *diag)
{
	const char *path = app->application->path;
	int error = directory_check(path, &app->application->group, diag);

	if (error < 0)
		return error;
	/* The seed of its hash tables is read from a device that the new root
	 * does not have. */
	json_object_seed(0);
	worker_confine_to_group(&app->worker, path, SANDBOX_FILES);
	return directory_open(&app->directory, app->worker.rooted ? "" : path,
	    app->application->group.name[0] != '\0', diag);
}
