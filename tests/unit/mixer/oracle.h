/* SPDX-License-Identifier: ISC */
/*
 * oracle.h - GMime as a second reader of messages
 *
 * It reads alone: it is never asked for a boundary or to write, which makes it
 * spin on some input (gmime#165).
 */
#ifndef FOURPOST_TESTS_UNIT_MIXER_ORACLE_H
#define FOURPOST_TESTS_UNIT_MIXER_ORACLE_H

#include "tests/unit/mixer/mixer_message.h"

/* oracle_compare - check that GMime finds in a message what our reader finds:
 * the entities with their types, names and octets, the subject, the addresses
 * of From, To and Cc */
void oracle_compare(struct mixer_message *m, struct slice message);

#endif
