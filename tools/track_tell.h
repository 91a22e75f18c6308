/* SPDX-License-Identifier: ISC */
/*
 * track_tell.h - what happened to a message, and how it stands, in words
 */
#ifndef FOURPOST_TOOLS_TRACK_TELL_H
#define FOURPOST_TOOLS_TRACK_TELL_H

#include "tools/track_line.h"

/* track_tell_event - tell an event in words */
void track_tell_event(struct track_line *line, const struct ipc_row *event);

/* track_tell_state - append how a message as a whole stands, and for how many
 * of its recipients that is so, unless for all */
void track_tell_state(struct track_line *line, const struct ipc_row *item);

/* track_tell_cause - append why a message as a whole stands as it does, and the
 * command that tells more */
void track_tell_cause(struct track_line *line, const struct ipc_row *item);

#endif
