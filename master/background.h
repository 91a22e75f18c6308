/* SPDX-License-Identifier: ISC */
/*
 * background.h - go into the background; whoever started us learns how it went
 */
#ifndef FOURPOST_MASTER_BACKGROUND_H
#define FOURPOST_MASTER_BACKGROUND_H

#include "base/error.h"

/*
 * background_enter - fork; the child returns the descriptor to report on
 *
 * The parent stays until the child reports, prints the child's words, and
 * exits with its status; if the child dies without a word, with 1.
 */
int background_enter(void);

/* background_report - how it went: status and words for the parent; once */
void background_report(int fd, int status, const char *text);

/* background_detach - standard descriptors to the log, own session.  ERR_IO */
int background_detach(int log_fd) WARN_UNUSED;

#endif
