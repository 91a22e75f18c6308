/* SPDX-License-Identifier: ISC */
/*
 * decode_mixer.c - x4decode --mixer: an address as the other side has it
 */
#include "tools/decode_mixer.h"

#include <stdio.h>

#include "tools/mapped.h"

#define ARENA_MAX ((size_t)16 * 1024 * 1024)
#define NAME_MAX_ (CONF_NAME_MAX + sizeof("mixer/"))

static const struct output_column columns[] = {
    {"mixer", "MIXER", OUTPUT_PLAIN},
    {"address", "ADDRESS", OUTPUT_PLAIN},
    {"how", "HOW", OUTPUT_PLAIN},
};

/* show_section - show what one section makes of a text */
static int
show_section(
    struct output *out, const struct conf_mixer *mixer, const char *text)
{
	struct address_map map;
	struct arena arena;
	struct diag diag = {0};
	struct mapped mapped = {.text = slice_of_string("")};
	char name[NAME_MAX_];
	int error = address_map_read(&map, mixer, &diag);
	bool read = error == 0;

	arena_init(&arena, ARENA_MAX);
	if (read)
		error = mapped_read(&map, text, &arena, &mapped, &diag);
	if (error != 0)
		mapped.text = slice_of_string("");
	(void)snprintf(name, sizeof(name), "mixer/%s", mixer->name);
	output_row(out,
	    &(struct ipc_row){
		(const struct ipc_field[]){OUTPUT_FIELD_TEXT("mixer", name),
		    OUTPUT_FIELD_SLICE("address", mapped.text),
		    OUTPUT_FIELD_TEXT(
			"how", error == 0 ? mapped.how : diag_text(&diag))},
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
