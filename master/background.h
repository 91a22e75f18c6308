/* SPDX-License-Identifier: ISC */
/*
 * background.h - go into the background, and report how the start went
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

/* background_report - report to the parent, once: exit status and words */
void background_report(int fd, int status, const char *text);

/* background_detach - let the standard descriptors lead to the log, leave the
 * directory.  ERR_IO */
int background_detach(int log_fd) WARN_UNUSED;

#endif
