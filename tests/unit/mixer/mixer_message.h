/* SPDX-License-Identifier: ISC */
/*
 * mixer_message.h - messages through the mapping, and contents in words
 */
#ifndef FOURPOST_TESTS_UNIT_MIXER_MIXER_MESSAGE_H
#define FOURPOST_TESTS_UNIT_MIXER_MIXER_MESSAGE_H

#include "mixer/message_in.h"
#include "mixer/message_out.h"
#include "tests/unit/mixer/mixer_map.h"

/* The date of messages that have none. */
#define MIXER_MESSAGE_NOW 1796040310

struct mixer_message {
	struct conf *conf;
	struct address_map map;
	struct mime_charsets charsets;
	struct mapping mapping;
	struct mime_limits limits;
};

void mixer_message_init(struct mixer_message *message);
void mixer_message_fini(struct mixer_message *message);

/* mixer_message_to_x400 - append the content of a message, which is pushed in
 * pieces of a size */
int mixer_message_to_x400(struct mixer_message *message, struct slice octets,
    size_t piece, struct buffer *content, struct diag *diag);

/* mixer_message_to_internet - append the message of a content */
int
mixer_message_to_internet(struct mixer_message *message, struct slice content,
    size_t piece, struct buffer *octets, struct diag *diag);

/* mixer_message_same - check that two texts are the same, and show where they
 * are not; of: what they are of */
void mixer_message_same(struct slice a, struct slice b, const char *of);

/* mixer_message_describe - append what a content says, in words: a line for
 * each field and part */
void mixer_message_describe(struct slice content, struct buffer *out);

#endif
