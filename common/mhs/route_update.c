/* SPDX-License-Identifier: ISC */
/*
 * route_update.c - a routing update, as octets and as a struct
 */
#include "mhs/route_update.h"

#include "ber/list.h"
#include "ber/reader.h"
#include "ber/writer.h"

#define VERSION 1

/* Octets of the elements of a route but its texts, and of a name but its
 * text. */
#define ROUTE_OVERHEAD 40
#define NAME_OVERHEAD  2

/* get_name - read the name of an MTA */
static int
get_name(const struct ber_reader *in, const struct ber_element *el,
    struct arena *arena, struct slice *name)
{
	struct slice text;
	int error =
	    ber_get_octets(in, el, "mta name", ROUTE_NAME_MAX, arena, &text);

	if (error < 0)
		return error;
	if (text.len == 0)
		return ber_error(in, el, ERR_VALUE, "mta name", "empty");
	/* The name is logged and shown; nothing but printable ASCII may be in
	 * it. */
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < 0x20 || text.data[i] > 0x7e)
			return ber_error(in, el, ERR_VALUE, "mta name",
			    "octet %02x", text.data[i]);
	*name = text;
	return 0;
}

/* get_path - read the MTAs on the way */
static int
get_path(const struct ber_reader *in, const struct ber_element *el,
    struct arena *arena, struct route_told *route)
{
	struct ber_reader names;
	struct ber_element name;
	int error = ber_enter(in, el, &names);

	while (error == 0 && (error = ber_next(&names, &name)) > 0) {
		if (route->hops == ROUTE_HOPS_MAX)
			return ber_error(in, el, ERR_LIMIT, "path",
			    "more than %d MTAs", ROUTE_HOPS_MAX);
		error =
		    get_name(&names, &name, arena, &route->path[route->hops]);
		route->hops++;
	}
	/* A path begins with whoever tells the route. */
	if (error == 0 && route->hops == 0)
		return ber_error(in, el, ERR_VALUE, "path", "empty");
	return error;
}

/* get_route - read one route */
static int
get_route(const struct ber_reader *reader, const struct ber_element *item,
    const char *name, struct arena *arena, void *to)
{
	struct route_told *route = to;
	struct ber_reader in;
	struct ber_element el;
	int64_t cost = 0, lifetime = 0;
	int error;

	(void)name;
	if ((error = ber_enter(reader, item, &in)) < 0 ||
	    (error = ber_expect(&in, BER_CTX(0), "space", &el)) < 0 ||
	    (error = ber_get_octets(&in, &el, "space", ROUTE_SPACE_MAX, arena,
		 &route->space)) < 0 ||
	    (error = ber_expect(&in, BER_CTX(1), "cost", &el)) < 0 ||
	    (error = ber_get_integer(
		 &in, &el, "cost", 0, ROUTE_COST_MAX, &cost)) < 0 ||
	    (error = ber_expect(&in, BER_CTX(2), "lifetime", &el)) < 0 ||
	    (error = ber_get_integer(
		 &in, &el, "lifetime", 0, ROUTE_LIFETIME_MAX, &lifetime)) < 0 ||
	    (error = ber_expect(&in, BER_CTX(3), "path", &el)) < 0 ||
	    (error = get_path(&in, &el, arena, route)) < 0)
		return error;
	/* The space becomes a string. */
	if (route->space.len == 0 ||
	    memchr(route->space.data, '\0', route->space.len) != NULL)
		return ber_error(
		    &in, item, ERR_VALUE, "space", "empty, or with a NUL");
	route->cost = (uint32_t)cost;
	route->lifetime = (uint64_t)lifetime;
	error = ber_optional(&in, BER_CTX(4), &el);
	return error > 0 ? ber_get_boolean(&in, &el, "down", &route->down)
			 : error;
}

static const struct ber_list_kind routes_kind = {.member = "route",
    .size = sizeof(struct route_told),
    .most = ROUTE_ROUTES_MAX,
    .get = get_route};

/* get_number - read the next element as a number */
static int
get_number(struct ber_reader *in, uint32_t tag, const char *name, int64_t *to)
{
	struct ber_element el;
	int error = ber_expect(in, tag, name, &el);

	return error < 0 ? error
			 : ber_get_integer(in, &el, name, 0, INT64_MAX, to);
}

/* get_update - read the elements of an update */
static int
get_update(
    struct ber_reader *in, struct arena *arena, struct route_update *update)
{
	struct ber_element el;
	int64_t version = 0, boot = 0, sequence = 0;
	void *routes = NULL;
	int error;

	if ((error = get_number(in, BER_CTX(0), "version", &version)) < 0)
		return error;
	/* Another version may mean other things by the same elements. */
	if (version != VERSION)
		return diag_set(in->diag, ERR_UNSUPPORTED, "version %lld",
		    (long long)version);
	if ((error = ber_expect(in, BER_CTX(1), "mta", &el)) < 0 ||
	    (error = get_name(in, &el, arena, &update->mta)) < 0 ||
	    (error = get_number(in, BER_CTX(2), "boot", &boot)) < 0 ||
	    (error = get_number(in, BER_CTX(3), "sequence", &sequence)) < 0 ||
	    (error = ber_expect(in, BER_CTX(4), "routes", &el)) < 0 ||
	    (error = ber_get_list(in, &el, "routes", &routes_kind, arena,
		 &routes, &update->count)) < 0)
		return error;
	update->routes = routes;
	update->boot = (uint64_t)boot;
	update->sequence = (uint64_t)sequence;
	return 0;
}

/* route_update_decode - read an update */
int
route_update_decode(struct slice octets, struct arena *arena,
    struct route_update *update, struct diag *diag)
{
	struct route_update read = {.count = 0};
	struct ber_reader outer, in;
	struct ber_element el;
	int error;

	ber_reader_init(&outer, octets, diag);
	if ((error = ber_expect(&outer, BER_UNI(BER_SEQUENCE), "update", &el)) <
		0 ||
	    (error = ber_enter(&outer, &el, &in)) < 0 ||
	    (error = get_update(&in, arena, &read)) < 0 ||
	    (error = ber_end(&outer, "update")) < 0)
		return error;
	*update = read;
	return 0;
}

/* put_route - write one route */
static void
put_route(struct ber_writer *writer, const struct route_told *route)
{
	ber_begin(writer, BER_UNI(BER_SEQUENCE));
	ber_put(writer, BER_CTX(0), route->space);
	ber_put_integer(writer, BER_CTX(1), route->cost);
	ber_put_integer(writer, BER_CTX(2), (int64_t)route->lifetime);
	ber_begin(writer, BER_CTX(3));
	for (size_t i = 0; i < route->hops; i++)
		ber_put(writer, BER_UNI(BER_IA5_STRING), route->path[i]);
	ber_end_element(writer);
	if (route->down)
		ber_put_boolean(writer, BER_CTX(4), true);
	ber_end_element(writer);
}

/* route_update_encode - append an update */
int
route_update_encode(const struct route_update *update, struct buffer *out)
{
	struct ber_writer writer;

	ber_writer_init(&writer, out);
	ber_begin(&writer, BER_UNI(BER_SEQUENCE));
	ber_put_integer(&writer, BER_CTX(0), VERSION);
	ber_put(&writer, BER_CTX(1), update->mta);
	ber_put_integer(&writer, BER_CTX(2), (int64_t)update->boot);
	ber_put_integer(&writer, BER_CTX(3), (int64_t)update->sequence);
	ber_begin(&writer, BER_CTX(4));
	for (size_t i = 0; i < update->count; i++)
		put_route(&writer, &update->routes[i]);
	ber_end_element(&writer);
	ber_end_element(&writer);
	return ber_finish(&writer);
}

/* route_told_length - bound the octets that a route takes in an update */
size_t
route_told_length(const struct route_told *route)
{
	size_t length = ROUTE_OVERHEAD + route->space.len;

	for (size_t i = 0; i < route->hops; i++)
		length += NAME_OVERHEAD + route->path[i].len;
	return length;
}
