/* SPDX-License-Identifier: ISC */
/*
 * status.h - what is wrong, and how the suite is: `x4ctl status`
 *
 * Problems come first, the heaviest at the top, each with since when and the
 * command that helps.  They are master's and qmgr's own (master/problems.h,
 * qmgr/problems.h); that qmgr does not answer is one more.
 */
#ifndef FOURPOST_TOOLS_STATUS_H
#define FOURPOST_TOOLS_STATUS_H

#include "tools/client.h"

enum status_extent {
	STATUS_LINKS,	/* JSON: workers too */
	STATUS_WORKERS, /* workers alone, behind the problems */
};

/* status_show - show it: EXIT_STATUS_DONE, or EXIT_STATUS_PROBLEMS if there are
 * any; ends the tool if master cannot be asked */
enum exit_status status_show(const struct options *options,
    const struct conf *conf, enum status_extent extent);

#endif
