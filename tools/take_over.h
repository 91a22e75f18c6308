/* SPDX-License-Identifier: ISC */
/*
 * take_over.h - take over the queue of another host
 */
#ifndef FOURPOST_TOOLS_TAKE_OVER_H
#define FOURPOST_TOOLS_TAKE_OVER_H

#include "base/error.h"

/*
 * take_over - make the queue in the state directory this host's, with the suite
 * stopped
 *
 * ERR_NOTFOUND: there is none, so that its volume may not be mounted.  An error
 * without a diag has been said on standard error.
 */
int take_over(const char *state_directory, struct diag *diag) WARN_UNUSED;

/* take_over_explain - say on standard error whose the queue is, if that is why
 * the suite did not start */
void take_over_explain(const char *state_directory);

#endif
