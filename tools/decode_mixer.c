/* SPDX-License-Identifier: ISC */
/*
 * decode_mixer.c - x4decode --mixer: an address as the other side has it
 */
#include "tools/decode_mixer.h"

#include <stdio.h>

#include "mixer/address.h"

#define ARENA_MAX ((size_t)16 * 1024 * 1024)
#define NAME_MAX_ (CONF_NAME_MAX + sizeof("mixer/"))

static const struct output_column columns[] = {
    {"mixer", "MIXER", OUTPUT_PLAIN},
    {"address", "ADDRESS", OUTPUT_PLAIN},
    {"how", "HOW", OUTPUT_PLAIN},
};

static const char *const hows[] = {
    [ADDRESS_PAIRED] = "by map or users",
    [ADDRESS_SLASH] = "whole O/R address at mail-domain",
    [ADDRESS_INTERNET] = "of the Internet, beneath gateway-address",
    [ADDRESS_ELSEWHERE] = "of the Internet, but not beneath gateway-address",
};

/* Who sends to such an address has the gateway send to the Internet. */
static const char route[] = "a source route: it has a DDA of type RFC-822";

/* map_text - map a text either way; results are in the arena */
static int
map_text(const struct address_map *map, const char *text, struct arena *arena,
    struct slice *mapped, const char **how, struct diag *diag)
{
	struct or_address address;
	enum address_kind kind = ADDRESS_PAIRED;
	const char *formatted;
	int error;

	/* No address of the Internet is read as an O/R address: behind its "@"
	 * there is no "=". */
	if (or_address_parse(slice_of_string(text), arena, &address, NULL) ==
	    0) {
		error = address_to_internet(
		    map, &address, arena, mapped, &kind, diag);
		*how = hows[kind];
		return error;
	}
	error = address_from_internet(
	    map, slice_of_string(text), arena, &address, &kind, diag);
	if (error != 0)
		return error;
	*how = kind != ADDRESS_INTERNET && address_names_internet(&address)
	    ? route
	    : hows[kind];
	formatted = or_address_format(&address, OR_STYLE_F401, arena);
	if (formatted == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	*mapped = slice_of_string(formatted);
	return 0;
}

/* show_section - show what one section makes of a text */
static int
show_section(
    struct output *out, const struct conf_mixer *mixer, const char *text)
{
	struct address_map map;
	struct arena arena;
	struct diag diag = {0};
	const char *how = "";
	struct slice mapped;
	char name[NAME_MAX_];
	int error = address_map_read(&map, mixer, &diag);
	bool read = error == 0;

	arena_init(&arena, ARENA_MAX);
	if (read)
		error = map_text(&map, text, &arena, &mapped, &how, &diag);
	if (error != 0)
		mapped = slice_of_string("");
	(void)snprintf(name, sizeof(name), "mixer/%s", mixer->name);
	output_row(out,
	    &(struct ipc_row){
		(const struct ipc_field[]){OUTPUT_FIELD_TEXT("mixer", name),
		    OUTPUT_FIELD_SLICE("address", mapped),
		    OUTPUT_FIELD_TEXT(
			"how", error == 0 ? how : diag_text(&diag))},
		3});
	arena_fini(&arena);
	if (read)
		address_map_fini(&map);
	return error;
}

/* decode_mixer - show what every section mixer makes of an address */
enum exit_status
decode_mixer(const struct options *options, const char *text)
{
	struct conf *conf = options_conf(options);
	enum exit_status status = EXIT_STATUS_DONE;
	struct output out;

	if (conf->mixer_count == 0)
		options_fail(options, EXIT_STATUS_CONFIG,
		    "%s: there is no section mixer", options->config);
	output_init(&out, options->format, stdout);
	output_table(&out, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < conf->mixer_count; i++)
		if (show_section(&out, &conf->mixers[i], text) != 0)
			status = EXIT_STATUS_REFUSED;
	if (output_finish(&out) != 0)
		status = EXIT_STATUS_REFUSED;
	conf_free(conf);
	return status;
}
