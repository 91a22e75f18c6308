/* SPDX-License-Identifier: ISC */
/*
 * track_print.h - what the tracker knows of messages, for people
 */
#ifndef FOURPOST_TOOLS_TRACK_PRINT_H
#define FOURPOST_TOOLS_TRACK_PRINT_H

#include "tools/output.h"

/* track_print_way - print the whole way of a message: what it is, what
 * happened in the order of time, and where each recipient stands */
void track_print_way(struct output *out, const struct ipc_row *item);

/* track_print_line - print a message as one line of a list, cut to the
 * terminal; heading prints the titles */
void track_print_heading(struct output *out);
void track_print_line(struct output *out, const struct ipc_row *item);

/* track_print_event - print an event of --follow as one line */
void track_print_event(struct output *out, const struct ipc_row *event);

#endif
