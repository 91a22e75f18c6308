/* SPDX-License-Identifier: ISC */
/*
 * conf_route.h - x4conf route: which links an address may take, and why
 */
#ifndef FOURPOST_TOOLS_CONF_ROUTE_H
#define FOURPOST_TOOLS_CONF_ROUTE_H

#include "tools/options.h"

/*
 * conf_route - print the links that may take an address, the best first
 *
 * A qmgr that runs is asked, which knows the state of the links and the routes
 * that were learnt; if none does, the configuration alone says.  Ends the tool
 * if there is no way, or the address is none.  originator NULL: of whomever.
 */
void conf_route(const struct options *options, struct output *output,
    const char *address, const char *originator);

#endif
