/* SPDX-License-Identifier: ISC */
/*
 * ascii_text.h - text in ASCII alone, as well as that goes, as a stream
 *
 * Letters lose their accents, or become the two that stand for them; quotes
 * and dashes become those of ASCII; what has nothing like it becomes "?".  An
 * octet that is no UTF-8 is taken to be ISO 8859-1.
 */
#ifndef FOURPOST_MIXER_ASCII_TEXT_H
#define FOURPOST_MIXER_ASCII_TEXT_H

#include "mime/mime_charset.h"

#define ASCII_TEXT_ROOM 512

struct ascii_text {
	bool is_false;	 /* an octet was no UTF-8 */
	bool is_lossy;	 /* a character was none of ASCII */
	uint8_t held[4]; /* a character that is not whole */
	unsigned held_len, held_whole;
	char out[ASCII_TEXT_ROOM];
	size_t out_len;
};

/* ascii_text_init - begin with nothing read */
void ascii_text_init(struct ascii_text *text);

/* ascii_text_push - hand on UTF-8 as ASCII; what the sink returned */
int ascii_text_push(struct ascii_text *text, struct slice utf8, mime_sink sink,
    void *arg) WARN_UNUSED;

/* ascii_text_finish - hand on what was held */
int ascii_text_finish(
    struct ascii_text *text, mime_sink sink, void *arg) WARN_UNUSED;

#endif
