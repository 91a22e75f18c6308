/* SPDX-License-Identifier: ISC */
/*
 * composing.h - an object that is composed of options, for tests
 */
#ifndef FOURPOST_TESTS_UNIT_TOOLS_COMPOSING_H
#define FOURPOST_TESTS_UNIT_TOOLS_COMPOSING_H

#include "tools/compose.h"
#include "tools/send_object.h"

#define FROM "G=Jo;S=Doe;O=X;P=ACME;A=VIAT;C=DE"
#define TO   "S=Dupont;A=ATLAS;C=FR"

extern struct compose compose;
extern struct send_object made;

/* composing_begin - make a directory, and a message or probe from FROM to TO;
 * composing_end gives everything back */
void composing_begin(enum mts_kind kind);
void composing_end(void);

/* composing_say - have an option say what it says */
void composing_say(const char *name, const char *value);

/* composing_file - make a file of these octets; the path is valid until the
 * next but three */
const char *composing_file(const char *name, const void *octets, size_t len);

/* composing_make - make what is submitted */
int composing_make(struct diag *diag) WARN_UNUSED;

/* composing_finish - make it, and decode the envelope */
void composing_finish(struct p1_envelope *envelope, struct arena *arena);

#endif
