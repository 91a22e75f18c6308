/* SPDX-License-Identifier: ISC */
/*
 * object_random.h - contents drawn from a seed: messages of P2 and P22 with
 * headings and bodies of every kind, notifications, reports
 */
#ifndef FOURPOST_TESTS_UNIT_JSON_OBJECT_RANDOM_H
#define FOURPOST_TESTS_UNIT_JSON_OBJECT_RANDOM_H

#include "mhs/report.h"
#include "tests/unit/mhs/or_random.h"

/* object_random_content - append the content of a message; its type is P2 or
 * P22 */
int object_random_content(
    struct or_random *random, struct arena *arena, struct buffer *out);

/* object_random_report - append the content of a report */
void object_random_report(
    struct or_random *random, struct arena *arena, struct buffer *out);

/* object_random_name - draw an O/R name that text can say */
struct or_name
object_random_name(struct or_random *random, struct arena *arena);

#endif
