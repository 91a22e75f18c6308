/* SPDX-License-Identifier: ISC */
/*
 * output_format.h - the formats of output, between output.c and them alone
 */
#ifndef FOURPOST_TOOLS_OUTPUT_FORMAT_H
#define FOURPOST_TOOLS_OUTPUT_FORMAT_H

#include "tools/output.h"

extern const struct output_vtable output_vtable_text;
extern const struct output_vtable output_vtable_json;

#endif
