/* SPDX-License-Identifier: ISC */
/*
 * conf_quantity.h - numbers, intervals and sizes as text
 *
 * Number	digits
 * Interval	seconds, or a number with s, m, h or d: "600" "0.5" "1.5h" "7d"
 * Size		octets, or a number with K, M, G or T (1024 each): "30K"
 */
#ifndef FOURPOST_CONF_CONF_QUANTITY_H
#define FOURPOST_CONF_CONF_QUANTITY_H

#include <stdint.h>

#include "base/buffer.h"

/* Each parser: the whole text or ERR_SYNTAX; ERR_VALUE beyond 64 bits. */
int conf_number_parse(const char *text, uint64_t *number) WARN_UNUSED;
int conf_interval_parse(const char *text, uint64_t *milliseconds) WARN_UNUSED;
int conf_size_parse(const char *text, uint64_t *octets) WARN_UNUSED;

/* Each formatter: append the shortest text that parses to the same. */
int conf_number_format(uint64_t number, struct buffer *out) WARN_UNUSED;
int conf_interval_format(uint64_t milliseconds, struct buffer *out) WARN_UNUSED;
int conf_size_format(uint64_t octets, struct buffer *out) WARN_UNUSED;

#endif
