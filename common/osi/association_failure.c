/* SPDX-License-Identifier: ISC */
/*
 * association_failure.c - note why an association is over
 *
 * Nothing here says a word to the peer: association_end.c does, and the layers
 * below it that lose the connection come here.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/escape.h"
#include "osi/association_internal.h"

/* association_note_ending - note the end; the first one stays */
int
association_note_ending(struct association *a, struct association_ending ending,
    const char *fmt, va_list args)
{
	char text[sizeof(a->failure.text)];

	/* The first end is the cause; everything after it is a consequence. */
	if (a->phase == ASSOCIATION_OVER)
		return ending.code;
	a->phase = ASSOCIATION_OVER;
	a->failure.end = ending.end;
	a->failure.layer = ending.layer;
	a->failure.reason = ending.reason;
	(void)vsnprintf(text, sizeof(text), fmt, args);
	/* The text may hold what the peer sent. */
	escape_printable(
	    a->failure.text, sizeof(a->failure.text), slice_of_string(text));
	return ending.code;
}

/* association_over - end the association, without a word to the peer; return
 * code */
int
association_over(struct association *a, struct association_ending ending,
    const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	association_note_ending(a, ending, fmt, args);
	va_end(args);
	return ending.code;
}

/* association_awaits - note what the peer owes us, for when it doesn't come */
void
association_awaits(
    struct association *a, enum association_layer layer, const char *what)
{
	a->internal->awaited.layer = layer;
	a->internal->awaited.what = what;
}
