/* SPDX-License-Identifier: ISC */
/*
 * main.c - run a worker of an application, fourpost-app(8)
 *
 * master starts it as app -n app-in/NAME, app -n app-out/NAME and, for a
 * connection to the socket, app -n app/NAME#k.
 */
#include <string.h>

#include "app/app.h"

int
main(int argc, char **argv)
{
	static struct worker worker;

	worker_start(&worker, argc, argv);
	if (strncmp(worker.name, "app-out/", 8) == 0)
		app_out(&worker);
	if (strncmp(worker.name, "app/", 4) == 0)
		app_socket(&worker);
	app_in(&worker);
}
