/* SPDX-License-Identifier: ISC */
/*
 * track_print.h - what the tracker knows of messages, as lists
 */
#ifndef FOURPOST_TOOLS_TRACK_PRINT_H
#define FOURPOST_TOOLS_TRACK_PRINT_H

#include "tools/output.h"

/* track_print_line - print a message as one line of a list, cut to the
 * terminal; heading prints the titles, as the first message of it needs them */
void track_print_heading(struct output *out, const struct ipc_row *first);
void track_print_line(struct output *out, const struct ipc_row *item);

/* track_print_event - print an event of --follow as one line */
void track_print_event(struct output *out, const struct ipc_row *event);

#endif
