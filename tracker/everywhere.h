/* SPDX-License-Identifier: ISC */
/*
 * everywhere.h - the process that answers a tool out of the database of all
 * machines
 *
 * master starts one for each tool that connects to "search", as it starts the
 * workers of a link: a question for which the database needs long keeps nobody
 * waiting but the tool that asks.  The requests are
 *
 *	find	as in answer.h; an item is what one machine knows of a message,
 *		and its row names the machine.  others= leaves out the items of
 *		that one
 *	machine	a row with the name of this machine
 *
 * A tool asks the tracker for what this machine knows, and here for the others.
 * A database that is away is told with status 69: the tracker is all then.
 */
#ifndef FOURPOST_TRACKER_EVERYWHERE_H
#define FOURPOST_TRACKER_EVERYWHERE_H

#include "conf/conf.h"
#include "worker/tracking_source.h"

/* everywhere_run - answer one tool after another, until none has come for a
 * while or the worker is told to stop */
void everywhere_run(struct worker *worker, const struct conf *conf,
    const struct tracking_source *source);

#endif
