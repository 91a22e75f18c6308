/* SPDX-License-Identifier: ISC */
/*
 * main.c - run tracking-database, fourpost-tracking-database(8)
 *
 * master starts it as fourpost-tracking-database -n tracking-database; the
 * descriptor behind the listening sockets, of which there is none, is its
 * configuration.
 */
#include <sys/resource.h>

#include "base/log.h"
#include "base/version.h"
#include "tracker/copier/copier.h"
#include "worker/handed.h"

#define NICE 19 /* mail comes first */

int
main(int argc, char **argv)
{
	static struct worker worker;
	static struct copier copier = {.worker = &worker};

	worker_start(&worker, argc, argv);
	copier.conf = handed_conf(&worker);
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	tracking_source_prepare(&copier.source, &worker, copier.conf);
	worker_confine(&worker, NULL, SANDBOX_CONNECT);
	tracking_source_confined(&copier.source, &worker);
	LOG_EVENT(EVENT_STARTED, LOG_STRING("name", worker.name),
	    LOG_STRING("version", version_text()));
	copier_run(&copier);
	worker_exit(&worker, 0);
}
