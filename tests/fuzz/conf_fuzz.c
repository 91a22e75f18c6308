/* SPDX-License-Identifier: ISC */
/*
 * conf_fuzz.c - fuzz configuration texts: no crash, no leak, what is accepted
 * is written back as a text that means the same, and the search for all errors
 * of a text ends, and finds one where the text was refused
 */
#include <stdlib.h>

#include "conf/conf_build.h"
#include "conf/conf_compare.h"
#include "conf/conf_dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* find_all - find all errors of a text: tell how many */
static size_t
find_all(struct slice text)
{
	static struct conf_errors errors;
	struct conf_report report = {.file = "fuzz", .errors = &errors};
	struct conf_source source;
	struct conf conf = {0};
	struct arena scratch;

	errors.count = 0;
	arena_init(&scratch, 64 << 20);
	arena_init(&conf.arena, 64 << 20);
	if (conf_source_read(text, &scratch, &source, &report) == 0)
		(void)!conf_build(&conf, &source, CONF_HANDED, &report);
	for (size_t i = 1; i < errors.count; i++)
		if (errors.items[i].line < errors.items[i - 1].line)
			abort();
	arena_fini(&conf.arena);
	arena_fini(&scratch);
	return errors.count;
}

/* LLVMFuzzerTestOneInput - parse one input as handed text, so that no file
 * is looked at */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf *conf, *again;
	struct diag diag = {0};
	struct buffer out;
	size_t errors = find_all(slice_of(data, size));

	if (conf_parse_text(
		slice_of(data, size), "fuzz", CONF_HANDED, &conf, &diag) < 0) {
		/* a reason is always given, and names the text */
		if (diag.code == 0 || strncmp(diag.text, "fuzz:", 5) != 0 ||
		    errors == 0)
			abort();
		return 0;
	}
	if (errors != 0)
		abort();
	buffer_init(&out, 64 << 20);
	if (conf_dump(conf, CONF_SECRETS_INLINE, CONF_EXTENT_ALL, &out) < 0)
		abort();
	diag_clear(&diag);
	if (conf_parse_text(
		buffer_slice(&out), "dump", CONF_HANDED, &again, &diag) < 0)
		abort();
	if (conf_compare(conf, again, NULL, NULL) != 0)
		abort();
	conf_free(again);
	buffer_fini(&out);
	conf_free(conf);
	return 0;
}
