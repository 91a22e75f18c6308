/* SPDX-License-Identifier: ISC */
/*
 * routes.h - routing updates of peers of this suite, and to them
 *
 * Two of the connectors have such a peer.  Each tells at which cost it reaches
 * what either of them serves, so that mail for the one goes by the other and
 * back; nobody else is told anything.
 */
#ifndef FOURPOST_TESTS_SIM_ROUTES_H
#define FOURPOST_TESTS_SIM_ROUTES_H

#include "tests/sim/fake.h"

/* routes_known - tell whether the peer of a link is of this suite */
bool routes_known(unsigned link);

/* routes_perhaps - have a peer tell its routes, sometimes; only on an
 * association that is open */
void routes_perhaps(struct fake *fake, unsigned link);

/* routes_take - have a peer take an update, and say so; knows: its side said
 * that it takes updates */
void routes_take(struct fake *fake, unsigned link, bool knows,
    const struct ipc_routes *routes);

#endif
