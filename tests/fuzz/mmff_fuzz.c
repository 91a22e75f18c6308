/* SPDX-License-Identifier: ISC */
/*
 * mmff_fuzz.c - message files of a postoffice, and its map
 *
 * A file that is read must lie within its size, and what we write of it must
 * be read again.
 */
#include <stdlib.h>

#include "msmi/assembly.h"
#include "msmi/code_page.h"
#include "conf/map.h"
#include "msmi/mmff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* check_within - check that nothing reaches beyond the end of the file */
static void
check_within(const struct mmff *m, size_t size)
{
	uint64_t left;

	if (m->contents > size)
		abort();
	left = size - m->contents;
	if (m->text_size > left)
		abort();
	left -= m->text_size;
	for (size_t i = 0; i < m->attachment_count; i++) {
		if (m->attachments[i].size > left)
			abort();
		left -= m->attachments[i].size;
	}
}

/* write_again - write what was read, and check that it is read as the same */
static void
write_again(const struct mmff *m, struct arena *arena)
{
	static const char *const to[] = {"A/B/C"};
	struct mmff_out out = {.to = to,
	    .to_count = 1,
	    .from = "A/B/D",
	    .subject = m->subject,
	    .priority = '3',
	    .attachments = m->attachments,
	    .attachment_count = m->attachment_count};
	struct mmff again;
	struct mmff_diag diag;
	struct buffer file;
	uint64_t size;

	buffer_init(&file, MMFF_HEADER_MAX);
	if (mmff_write(&out, CONF_CODE_PAGE_UTF8, &file) == 0) {
		size = buffer_length(&file);
		for (size_t i = 0; i < m->attachment_count; i++)
			size += m->attachments[i].size;
		/* only the header is there: the rest is taken on trust */
		if (size == buffer_length(&file) &&
		    (mmff_read(CONF_CODE_PAGE_UTF8, buffer_slice(&file), size,
			 arena, &again, &diag) != 0 ||
			again.attachment_count != m->attachment_count))
			abort();
	}
	buffer_fini(&file);
}

/* LLVMFuzzerTestOneInput - read one input as a file, as a map, as a name */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool loaded;
	char safe[ASSEMBLY_NAME_MAX + 1];
	struct mmff_diag diag;
	struct arena arena;
	struct mmff m;
	struct map map;

	/* Once a process: iconv is slower than what is tried here. */
	if (!loaded && code_page_load(NULL) < 0)
		abort();
	loaded = true;
	arena_init(&arena, 64 << 20);
	if (mmff_read(CONF_CODE_PAGE_UTF8, slice_of(data, size), size, &arena,
		&m, &diag) == 0) {
		check_within(&m, size);
		write_again(&m, &arena);
	} else if (diag.code == MMFF_NONE || diag.text[0] == '\0') {
		abort();
	}
	arena_reset(&arena);
	/* a code page makes no error of what is none, and none less */
	if (mmff_read(CONF_CODE_PAGE_850, slice_of(data, size), size, &arena,
		&m, &diag) == 0)
		check_within(&m, size);
	arena_fini(&arena);
	map_init(&map);
	(void)!map_parse(&map, slice_of(data, size), "map", NULL);
	map_fini(&map);
	if (assembly_safe_name(slice_of(data, size), safe) &&
	    (safe[0] == '\0' || safe[0] == '.' ||
		strpbrk(safe, "/\\:") != NULL))
		abort();
	return 0;
}
