/* SPDX-License-Identifier: ISC */
/*
 * memory.h - hand a process a configuration in memory, with its secrets
 */
#ifndef FOURPOST_MASTER_MEMORY_H
#define FOURPOST_MASTER_MEMORY_H

#include "conf/conf.h"

struct buffer;

/* memory_configuration - write what dump makes of a configuration into a memfd
 * that stands at its start: a descriptor, or ERR_IO */
int memory_configuration(const struct conf *conf,
    int (*dump)(const struct conf *conf, struct buffer *out)) WARN_UNUSED;

#endif
