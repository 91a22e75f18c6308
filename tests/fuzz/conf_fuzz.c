/* SPDX-License-Identifier: ISC */
/*
 * conf_fuzz.c - configuration texts: no crash, no leak, and what is accepted
 * is written back as a text that means the same
 */
#include <stdlib.h>

#include "conf/conf_compare.h"
#include "conf/conf_dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* LLVMFuzzerTestOneInput - as handed text, so that no file is looked at */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf *conf, *again;
	struct diag diag = {0};
	struct buffer out;

	if (conf_parse_text(
		slice_of(data, size), "fuzz", CONF_HANDED, &conf, &diag) < 0) {
		/* a reason is always given, and names the text */
		if (diag.code == 0 || strncmp(diag.text, "fuzz:", 5) != 0)
			abort();
		return 0;
	}
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
