/* SPDX-License-Identifier: ISC */
/*
 * dump.h - any BER as a tree of rows with offsets
 */
#ifndef FOURPOST_TOOLS_DUMP_H
#define FOURPOST_TOOLS_DUMP_H

#include "base/error.h"
#include "base/slice.h"
#include "tools/output.h"

/*
 * dump_tree - make a row for each element: offset, depth, tag, length, value
 *
 * The values of primitive elements are shown as text where they are text, as
 * numbers, times and object identifiers where the tag says so, else as
 * hexadecimal; long ones are cut.  Stops at what is not BER: the error's text
 * names the offset.
 */
int dump_tree(
    struct output *out, struct slice octets, struct diag *diag) WARN_UNUSED;

#endif
