/* SPDX-License-Identifier: ISC */
/*
 * conf_schedule.h - when a link calls
 *
 * Text: "always", "never", "remote-initiated", or times of the week in local
 * time as "Mon-Fri 08:00-18:00, Sat 10:00-12:00": days (Mon … Sun, a day, a
 * range that may run over Sunday, or none for every day) and a span whose
 * ends are quarters of an hour; 24:00 ends a day, a span that ends before it
 * begins runs over midnight.
 */
#ifndef FOURPOST_CONF_CONF_SCHEDULE_H
#define FOURPOST_CONF_CONF_SCHEDULE_H

#include <time.h>

#include "base/buffer.h"
#include "conf/conf.h"

/* conf_schedule_parse - parse a text as a schedule.  ERR_SYNTAX, ERR_VALUE */
int conf_schedule_parse(const char *text, struct conf_schedule *schedule,
    struct diag *diag) WARN_UNUSED;

/* conf_schedule_format - append its canonical text */
int conf_schedule_format(
    const struct conf_schedule *schedule, struct buffer *out) WARN_UNUSED;

/* conf_schedule_open - tell whether we may call at this time (seconds, wall) */
bool conf_schedule_open(const struct conf_schedule *schedule, time_t now);

/*
 * conf_schedule_next - find the next time at which what conf_schedule_open says
 * may change; the beginning of the next quarter that differs.  Returns
 * false if it never will.
 */
bool conf_schedule_next(
    const struct conf_schedule *schedule, time_t now, time_t *next);

#endif
