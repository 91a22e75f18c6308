/* SPDX-License-Identifier: ISC */
/*
 * page.c - the page, its style and its script, as they stand in the files
 *
 * The assembler reads the files, from the top of the tree: what is served is
 * what is in the tree, octet for octet, and needs no file at run time.
 */
#include "console/page.h"

#define EMBED(name, file)                                \
	__asm__(".pushsection .rodata\n"                 \
		"page_" #name ": .incbin \"" file "\"\n" \
		"page_" #name "_end: .byte 0\n"          \
		".popsection\n");                        \
	extern const uint8_t page_##name[], page_##name##_end[]

EMBED(page, "console/page.html");
EMBED(style, "console/page.css");
EMBED(script, "console/page.js");
EMBED(login, "console/login.html");

static const struct {
	const uint8_t *start, *end;
	const char *type;
} parts[] = {
    [PAGE_PAGE] = {page_page, page_page_end, "text/html; charset=utf-8"},
    [PAGE_STYLE] = {page_style, page_style_end, "text/css; charset=utf-8"},
    [PAGE_SCRIPT] = {page_script, page_script_end,
	"text/javascript; charset=utf-8"},
    [PAGE_LOGIN] = {page_login, page_login_end, "text/html; charset=utf-8"},
};

/* page_get - get a part of the page */
struct slice
page_get(enum page_part part)
{
	return slice_of(
	    parts[part].start, (size_t)(parts[part].end - parts[part].start));
}

/* page_type - get its media type */
const char *
page_type(enum page_part part)
{
	return parts[part].type;
}
