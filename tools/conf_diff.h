/* SPDX-License-Identifier: ISC */
/*
 * conf_diff.h - show what a reload would change: `x4conf diff`
 */
#ifndef FOURPOST_TOOLS_CONF_DIFF_H
#define FOURPOST_TOOLS_CONF_DIFF_H

#include "tools/client.h"

/* conf_diff - show what the suite that runs has, and the file from which it was
 * started; true: they differ.  Ends the tool if it cannot be asked, or the file
 * is wrong */
bool conf_diff(const struct options *options, struct output *output);

#endif
