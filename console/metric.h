/* SPDX-License-Identifier: ISC */
/*
 * metric.h - a look at the suite in the text that Prometheus reads
 *
 * Text format 0.0.4.  Names are those of the MTA-MIB (MADMAN, RFC 2789) in the
 * words of Prometheus; fourpost-console(8) lists them, and lint compares.
 */
#ifndef FOURPOST_CONSOLE_METRIC_H
#define FOURPOST_CONSOLE_METRIC_H

#include "console/snapshot.h"

/* metric_text - append all metrics of a look */
int
metric_text(const struct snapshot_look *look, struct buffer *out) WARN_UNUSED;

#endif
