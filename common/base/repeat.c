/* SPDX-License-Identifier: ISC */
/*
 * repeat.c - what happens again and again is said once, then counted
 */
#include "base/repeat.h"

#include <string.h>

/* place_of - where a text is remembered, or is to be */
static struct repeat_entry *
place_of(struct repeat *repeat, const char *text)
{
	struct repeat_entry *oldest = &repeat->entry[0];

	for (unsigned i = 0; i < REPEAT_TEXTS; i++) {
		struct repeat_entry *entry = &repeat->entry[i];

		if (strncmp(entry->text, text, REPEAT_TEXT_MAX - 1) == 0)
			return entry;
		if (entry->next < oldest->next)
			oldest = entry;
	}
	*oldest = (struct repeat_entry){.next = 0};
	(void)strlcpy(oldest->text, text, sizeof(oldest->text));
	return oldest;
}

/* repeat_say - whether text is to be said now */
bool
repeat_say(
    struct repeat *repeat, const char *text, uint64_t now, unsigned *more)
{
	struct repeat_entry *entry = place_of(repeat, text);

	if (now < entry->next) {
		entry->more++;
		return false;
	}
	*more = entry->more;
	entry->more = 0;
	entry->next = now + REPEAT_PAUSE;
	return true;
}
