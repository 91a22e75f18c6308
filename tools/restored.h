/* SPDX-License-Identifier: ISC */
/*
 * restored.h - accept a copy of a queue as the queue
 */
#ifndef FOURPOST_TOOLS_RESTORED_H
#define FOURPOST_TOOLS_RESTORED_H

#include "base/error.h"

/*
 * restored_accept - accept the copy that stands in the place of the queue, in
 * the state directory, with the suite stopped
 *
 * An error without a diag has been said on standard error.
 */
int restored_accept(const char *state_directory, struct diag *diag) WARN_UNUSED;

#endif
