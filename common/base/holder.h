/* SPDX-License-Identifier: ISC */
/*
 * holder.h - who holds the lock of a file
 */
#ifndef FOURPOST_BASE_HOLDER_H
#define FOURPOST_BASE_HOLDER_H

#include <sys/types.h>

/*
 * holder_of - find the process that took the flock(2) of an open file
 *
 * As /proc/locks has it; 0 where that cannot be read, names nobody, or names
 * a process of another pid namespace.
 */
pid_t holder_of(int fd);

#endif
