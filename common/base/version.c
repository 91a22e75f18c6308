/* SPDX-License-Identifier: ISC */
/*
 * version.c - tell which release of Fourpost this is
 */
#include "base/version.h"

#include <stdio.h>

/* version_text - return the release */
const char *
version_text(void)
{
	return FOURPOST_VERSION;
}

/* version_print - print program and release */
void
version_print(const char *program)
{
	(void)printf("%s (Fourpost) %s\n", program, version_text());
}
