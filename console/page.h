/* SPDX-License-Identifier: ISC */
/*
 * page.h - the page, its style and its script, as they stand in the files
 */
#ifndef FOURPOST_CONSOLE_PAGE_H
#define FOURPOST_CONSOLE_PAGE_H

#include "base/slice.h"

enum page_part {
	PAGE_PAGE,
	PAGE_STYLE,
	PAGE_SCRIPT,
	PAGE_LOGIN
};

/* page_get - get a part of the page */
struct slice page_get(enum page_part part);

/* page_type - get its media type */
const char *page_type(enum page_part part);

#endif
