/* SPDX-License-Identifier: ISC */
/*
 * routes.c - routing updates of peers of this suite, and to them
 */
#include "tests/sim/routes.h"

#include "base/buffer.h"
#include "mhs/route_update.h"
#include "tests/sim/links.h"
#include "tests/sim/side.h"

#define RARELY 30 /* once in so many times that nothing is under way */

/* routes_known - tell whether the peer of a link is of this suite */
bool
routes_known(unsigned link)
{
	return link < CONNECTORS && links_detour(link, link == 2 ? 3 : 2);
}

/* routes_perhaps - have a peer tell its routes, sometimes */
void
routes_perhaps(struct fake *fake, unsigned link)
{
	static uint64_t sequence;
	struct route_told told[2] = {{.hops = 1}, {.hops = 1}};
	struct route_update update = {
	    .boot = 1, .routes = told, .count = chance_number(3)};
	struct ipc_record record = {.type = IPC_ROUTES};
	struct buffer octets;

	if (!routes_known(link) || !chance_one_in(RARELY))
		return;
	update.mta = slice_of_string(links[link].mta);
	update.sequence = ++sequence;
	for (unsigned i = 0; i < 2; i++) {
		told[i].space = slice_of_string(links[2 + i].address);
		told[i].path[0] = update.mta;
		told[i].cost = (uint32_t)chance_number(30);
		told[i].lifetime = chance_between(1000, 100000);
		told[i].down = chance_one_in(4);
	}
	buffer_init(&octets, ROUTE_UPDATE_MAX);
	if (route_update_encode(&update, &octets) < 0)
		sim_fail("an update cannot be encoded");
	record.routes.update = buffer_slice(&octets);
	fake_send(fake, &record);
	buffer_fini(&octets);
}

/* routes_take - have a peer take an update, and say so */
void
routes_take(struct fake *fake, unsigned link, bool knows,
    const struct ipc_routes *routes)
{
	const struct ipc_record taken = {.type = IPC_ROUTES};
	struct route_update update;
	struct diag diag = {0};
	struct arena arena;

	if (!knows || !routes_known(link))
		sim_fail("link %s is told routes", links[link].name);
	arena_init(&arena, 1 << 20);
	if (route_update_decode(routes->update, &arena, &update, &diag) < 0)
		sim_fail("an update that is sent: %s", diag_text(&diag));
	trace_note("routes", link, update.count);
	arena_fini(&arena);
	fake_send(fake, &taken);
}
