/* SPDX-License-Identifier: ISC */
/*
 * code_page.h - the character sets of message files, to and from UTF-8
 *
 * Code pages 437 and 850 of DOS and 1252 of Windows, where an octet is a
 * character; and UTF-8, where text that is none is taken to be ISO 8859-1 by
 * those who read whole text, and otherwise left as it is.  Octets below 80
 * are ASCII in all of them.
 *
 * Out, a character that the page does not have becomes CODE_PAGE_MARK.  In,
 * an octet that is no character (five of 1252) becomes U+FFFD.
 */
#ifndef FOURPOST_MSMI_CODE_PAGE_H
#define FOURPOST_MSMI_CODE_PAGE_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "conf/conf.h"

#define CODE_PAGE_MARK	 '?'
#define CODE_PAGE_GROWTH 3 /* octets of UTF-8 that one octet may become */

/* A character that is not whole yet, between two pieces of UTF-8. */
struct code_page_rest {
	uint8_t octets[4];
	size_t len;
};

/*
 * code_page_load - load the tables of all pages; once, before anything else
 *
 * From the system's iconv, which opens files and maps shared objects: before
 * the process is confined.  ERR_UNSUPPORTED: the system lacks a page.
 */
int code_page_load(struct diag *diag) WARN_UNUSED;

/* code_page_to_utf8 - append octets of a page as UTF-8; of UTF-8, as they are.
 * ERR_LIMIT, ERR_NOMEM of the buffer */
int code_page_to_utf8(enum conf_code_page page, struct slice octets,
    struct buffer *out) WARN_UNUSED;

/* code_page_from_utf8 - append a piece of UTF-8 as octets of a page; rest
 * begins as zeros.  ERR_LIMIT, ERR_NOMEM */
int code_page_from_utf8(enum conf_code_page page, struct code_page_rest *rest,
    struct slice utf8, struct buffer *out) WARN_UNUSED;

/* code_page_finish - end the text: the rest of a character becomes a mark */
int
code_page_finish(struct code_page_rest *rest, struct buffer *out) WARN_UNUSED;

/* code_page_has - tell whether a page has this character */
bool code_page_has(enum conf_code_page page, uint32_t character);

#endif
