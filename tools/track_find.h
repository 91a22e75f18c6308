/* SPDX-License-Identifier: ISC */
/*
 * track_find.h - ask the tracker where messages are
 */
#ifndef FOURPOST_TOOLS_TRACK_FIND_H
#define FOURPOST_TOOLS_TRACK_FIND_H

#include "tools/client.h"
#include "tools/output.h"

#define TRACK_FIND_NOTE_MAX 1200

/* A search: arguments as tracker/answer.h has them, and how much is shown. */
struct track_find {
	const char *const *arguments;
	size_t argument_count;
	unsigned most; /* messages; 0: all */
	bool whole;    /* the whole way of each, however many they are */
	char *note;    /* gets why not all machines were asked, or "" */
};

/*
 * track_find - find messages and print them: one with its whole way, several
 * as a list
 *
 * On all machines, if the configuration has a tracking-database (track_join.h);
 * search->note says what could not be asked.  ERR_NOTFOUND: there is none.
 * Else as client_open and client_request.
 */
int track_find(const struct conf *conf, const char *tool,
    const struct track_find *search, struct output *out,
    enum output_format format, struct diag *diag) WARN_UNUSED;

/*
 * track_find_gone - print the way of a message that is not in the queue any
 * more, by queue id or MTS identifier
 *
 * ERR_NOTFOUND: the tracker does not know it either, or cannot be asked.
 */
int track_find_gone(const struct conf *conf, const char *tool, const char *id,
    struct output *out, enum output_format format) WARN_UNUSED;

#endif
