/* SPDX-License-Identifier: ISC */
/*
 * limit.h - what the system may give a process at most
 *
 * An explosion of memory becomes a failed allocation, and so an exit of one
 * process, before it becomes everybody's.
 */
#ifndef FOURPOST_BASE_LIMIT_H
#define FOURPOST_BASE_LIMIT_H

#include <stdint.h>

#include "base/error.h"

/*
 * limit_memory - allow at most octets of private memory (RLIMIT_DATA)
 *
 * Shared mappings, the queue's among them, do not count.  Never raises a hard
 * limit.  ERR_IO.  Under AddressSanitizer nothing is done.
 */
int limit_memory(uint64_t octets, struct diag *diag) WARN_UNUSED;

/* limit_core - prevent core files: they hold messages and passwords.  ERR_IO */
int limit_core(struct diag *diag) WARN_UNUSED;

/*
 * limit_files - allow at least count descriptors, if the hard limit lets us
 *
 * root raises the hard limit too.  Returns how many are possible now, which
 * may be fewer, or ERR_IO.
 */
int limit_files(unsigned count, struct diag *diag) WARN_UNUSED;

#endif
