/* SPDX-License-Identifier: ISC */
/*
 * conf_route.c - x4conf route: which links an address may take, and why
 */
#include "tools/conf_route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_address.h"
#include "mhs/or_address.h"
#include "tools/client.h"
#include "tools/mapped.h"

#define LINK_NAME_MAX (CONF_NAME_MAX + 16) /* "application/" and the name */
#define ARENA_MAX     65536

static const struct output_column columns[] = {
    {"rank", "RANK", OUTPUT_PLAIN},
    {"link", "LINK", OUTPUT_PLAIN},
    {"source", "SOURCE", OUTPUT_PLAIN},
    {"space", "ADDRESS SPACE", OUTPUT_PLAIN},
    {"cost", "COST", OUTPUT_PLAIN},
    {"state", "STATE", OUTPUT_STATE},
    {"path", "PATH", OUTPUT_PLAIN},
    {"why", "WHY", OUTPUT_PLAIN},
};

/* A link that is configured for an address. */
struct way {
	char link[LINK_NAME_MAX];
	const char *space;
	int closeness;
	uint32_t cost;
	bool barred; /* the originator is */
};

struct ways {
	struct way *items; /* owned */
	size_t count;
	const struct or_address *originator; /* or NULL */
};

/* print_row - print one row of the table */
static int
print_row(void *arg, const struct ipc_row *row)
{
	output_row(arg, row);
	return 0;
}

/* no_memory - end the tool for want of memory */
static _Noreturn void
no_memory(const struct options *options)
{
	options_fail(options, EXIT_STATUS_REFUSED, "out of memory");
}

/* is_barred - tell whether the originator may not send by a link */
static bool
is_barred(const struct ways *ways, const struct conf_addresses *refuse,
    const struct conf_addresses *accept)
{
	return ways->originator != NULL &&
	    (conf_addresses_cover(refuse, ways->originator) ||
		(accept->count > 0 &&
		    !conf_addresses_cover(accept, ways->originator)));
}

/* add_way - add a way for each address space that covers an address */
static void
add_ways(const struct options *options, struct ways *ways,
    const struct or_address *address, const char *prefix, const char *name,
    const struct conf_addresses *spaces, uint32_t cost, bool barred)
{
	for (size_t i = 0; i < spaces->count; i++) {
		int closeness =
		    or_address_matches(spaces->items[i].address, address);
		struct way *items;

		if (closeness < 0)
			continue;
		items =
		    reallocarray(ways->items, ways->count + 1, sizeof(*items));
		if (items == NULL)
			no_memory(options);
		ways->items = items;
		items[ways->count] =
		    (struct way){.space = spaces->items[i].text,
			.closeness = closeness,
			.cost = cost,
			.barred = barred};
		(void)snprintf(items[ways->count++].link, LINK_NAME_MAX, "%s%s",
		    prefix, name);
	}
}

/* by_rank - order ways: closest, cheapest, by name */
static int
by_rank(const void *a, const void *b)
{
	/* As route.c orders them, but for what only the running suite knows. */
	const struct way *x = a, *y = b;

	if (x->closeness != y->closeness)
		return x->closeness > y->closeness ? -1 : 1;
	if (x->cost != y->cost)
		return x->cost < y->cost ? -1 : 1;
	return strcmp(x->link, y->link);
}

/* why - say why a way is where it is */
static const char *
why(const struct way *way, const struct way *first)
{
	if (way->barred)
		return "it refuses this originator: the message would come "
		       "back";
	if (way->closeness != first->closeness)
		return "another address space matches longer";
	if (way->cost != first->cost)
		return "it costs more";
	return way == first ? "the longest match, and the cheapest"
			    : "as good as the first: they take turns";
}

/* print_ways - print ways that are in order */
static void
print_ways(struct output *output, const struct ways *ways)
{
	for (size_t i = 0; i < ways->count; i++) {
		const struct way *way = &ways->items[i];
		struct ipc_field fields[] = {
		    OUTPUT_FIELD_TEXT("kind", "way"),
		    OUTPUT_FIELD_NUMBER("rank", i + 1),
		    OUTPUT_FIELD_TEXT("link", way->link),
		    OUTPUT_FIELD_TEXT("source", "configured"),
		    OUTPUT_FIELD_TEXT("space", way->space),
		    OUTPUT_FIELD_NUMBER("cost", way->cost),
		    OUTPUT_FIELD_TEXT("state", "not running"),
		    OUTPUT_FIELD_TEXT("from", ""),
		    OUTPUT_FIELD_TEXT("path", ""),
		    OUTPUT_FIELD_TEXT("why", why(way, ways->items)),
		};
		struct ipc_row row = {
		    fields, sizeof(fields) / sizeof(fields[0])};

		output_row(output, &row);
	}
}

/* route_offline - print what the configuration alone says; whether there is a
 * way */
static bool
route_offline(const struct options *options, struct output *output,
    const struct conf *conf, const char *text, const char *from)
{
	struct or_address address, originator;
	struct ways ways = {0};
	struct diag diag = {0};
	struct arena arena;

	arena_init(&arena, ARENA_MAX);
	if (or_address_parse(slice_of_string(text), &arena, &address, &diag) <
		0 ||
	    (from != NULL &&
		or_address_parse(
		    slice_of_string(from), &arena, &originator, &diag) < 0))
		options_fail(
		    options, EXIT_STATUS_USAGE, "%s", diag_text(&diag));
	ways.originator = from != NULL ? &originator : NULL;
	for (size_t i = 0; i < conf->link_count; i++)
		add_ways(options, &ways, &address, "", conf->links[i].name,
		    &conf->links[i].address_space, conf->links[i].cost,
		    is_barred(&ways, &conf->links[i].refuse_from,
			&conf->links[i].accept_from));
	for (size_t i = 0; i < conf->msmail_count; i++)
		add_ways(options, &ways, &address, "msmail/",
		    conf->msmails[i].name, &conf->msmails[i].address_space, 0,
		    is_barred(&ways, &conf->msmails[i].refuse_from,
			&conf->msmails[i].accept_from));
	for (size_t i = 0; i < conf->application_count; i++)
		add_ways(options, &ways, &address, "application/",
		    conf->applications[i].name,
		    &conf->applications[i].address_space,
		    conf->applications[i].cost, false);
	for (size_t i = 0; i < conf->mixer_count; i++)
		add_ways(options, &ways, &address, "mixer/",
		    conf->mixers[i].name, &conf->mixers[i].address_space,
		    conf->mixers[i].cost, false);
	if (ways.count > 1)
		qsort(ways.items, ways.count, sizeof(*ways.items), by_rank);
	print_ways(output, &ways);
	free(ways.items);
	arena_fini(&arena);
	return ways.count > 0;
}

/* route_online - print what qmgr says; whether it runs */
static bool
route_online(const struct options *options, struct output *output,
    const struct conf *conf, const char *address, const char *originator,
    struct client_done *done)
{
	const char *arguments[2] = {address};
	struct client client;
	char *from = NULL;
	struct diag diag = {0};
	int error =
	    client_open(&client, conf, CLIENT_QMGR, options->tool->name, &diag);

	/* Without the suite the configuration alone answers. */
	if (error == ERR_CLOSED)
		return false;
	if (originator != NULL &&
	    asprintf(&from, "originator=%s", originator) == -1)
		no_memory(options);
	arguments[1] = from;
	if (error == 0) {
		error = client_request(&client,
		    &(struct client_request){.command = "route",
			.arguments = arguments,
			.argument_count = from != NULL ? 2 : 1,
			.on_row = print_row,
			.arg = output},
		    done, &diag);
		client_close(&client);
	}
	free(from);
	if (error != 0)
		options_fail(
		    options, client_exit_status(error), "%s", diag_text(&diag));
	return true;
}

/* route_address - print the ways of an O/R address */
static struct client_done
route_address(const struct options *options, struct output *output,
    const struct conf *conf, const char *address, const char *originator)
{
	struct client_done done = {0};

	if (route_online(options, output, conf, address, originator, &done))
		return done;
	/* Told apart from the answer, which programs read. */
	if (options->format == OUTPUT_TEXT)
		(void)fprintf(stderr,
		    "%s: the suite does not run: this is what the "
		    "configuration says\n",
		    options->tool->name);
	if (!route_offline(options, output, conf, address, originator))
		done = (struct client_done){.status = EXIT_STATUS_REFUSED,
		    .text = "nobody serves this address"};
	return done;
}

/* print_mapping - print what a gateway makes of an address of the Internet */
static void
print_mapping(struct output *output, const struct conf_mixer *mixer,
    const struct mapped *mapped, const char *how)
{
	char link[LINK_NAME_MAX];
	int len = snprintf(link, sizeof(link), "mixer/%s", mixer->name);
	struct ipc_field fields[] = {
	    OUTPUT_FIELD_TEXT("kind", "mapping"),
	    OUTPUT_FIELD_SLICE("link", slice_of(link, (size_t)len)),
	    OUTPUT_FIELD_TEXT("source", "mapped"),
	    OUTPUT_FIELD_SLICE("space", mapped->text),
	    OUTPUT_FIELD_TEXT("why", how),
	};
	struct ipc_row row = {fields, sizeof(fields) / sizeof(fields[0])};

	output_row(output, &row);
}

/* route_through - print how a gateway takes an address of the Internet, and the
 * ways of the O/R address that it is */
static struct client_done
route_through(const struct options *options, struct output *output,
    const struct conf *conf, const struct conf_mixer *mixer,
    const char *address, const char *originator)
{
	struct client_done done = {.status = EXIT_STATUS_REFUSED,
	    .text = "no gateway takes this address"};
	struct mapped mapped = {.text = slice_of_string("")};
	struct address_map map;
	struct diag diag = {0};
	struct arena arena;
	const char *text;
	int error = address_map_read(&map, mixer, &diag);
	bool read = error == 0;

	arena_init(&arena, ARENA_MAX);
	if (read)
		error = mapped_read(&map, address, &arena, &mapped, &diag);
	print_mapping(
	    output, mixer, &mapped, error != 0 ? diag_text(&diag) : mapped.how);
	text = error != 0 || mapped.source_route
	    ? NULL
	    : arena_string(&arena, mapped.text);
	if (text != NULL)
		done = route_address(options, output, conf, text, originator);
	arena_fini(&arena);
	if (read)
		address_map_fini(&map);
	return done;
}

/* is_internet - tell whether an address is one of the Internet: in an O/R
 * address there is a "=" behind each "@" */
static bool
is_internet(const char *address)
{
	const char *at = strrchr(address, '@');

	return at != NULL && strchr(at, '=') == NULL;
}

/* route_any - print the ways of either kind of address */
static struct client_done
route_any(const struct options *options, struct output *output,
    const struct conf *conf, const char *address, const char *originator)
{
	struct client_done done = {.status = EXIT_STATUS_REFUSED,
	    .text = "there is no gateway to Internet mail"};

	if (!is_internet(address))
		return route_address(
		    options, output, conf, address, originator);
	for (size_t i = 0; i < conf->mixer_count; i++) {
		struct client_done one = route_through(options, output, conf,
		    &conf->mixers[i], address, originator);

		/* A single route that takes it is enough. */
		if (i == 0 || one.status == EXIT_STATUS_DONE)
			done = one;
	}
	return done;
}

/* conf_route - print the links that may take an address, the best first */
void
conf_route(const struct options *options, struct output *output,
    const char *address, const char *originator)
{
	struct conf *conf = options_conf(options);
	struct client_done done;
	int error;

	output_table(output, columns, sizeof(columns) / sizeof(columns[0]));
	done = route_any(options, output, conf, address, originator);
	conf_free(conf);
	if (done.status == EXIT_STATUS_DONE)
		return;
	error = output_finish(output);
	options_fail(options,
	    error < 0 ? EXIT_STATUS_REFUSED : (enum exit_status)done.status,
	    "%s", done.text);
}
