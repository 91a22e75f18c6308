/* SPDX-License-Identifier: ISC */
/*
 * output_format.h - the formats of output, between output.c and them alone
 */
#ifndef FOURPOST_TOOLS_OUTPUT_FORMAT_H
#define FOURPOST_TOOLS_OUTPUT_FORMAT_H

#include "tools/output.h"

extern const struct output_vtable output_vtable_text;
extern const struct output_vtable output_vtable_json;

/* output_terminal_width - get the columns of a terminal; 0: it is none */
size_t output_terminal_width(int fd);

/* output_fit - fit the widths of a table to output->limit */
void output_fit(struct output *output);

/* output_columns_in_line - count the columns that stand in one line */
size_t output_columns_in_line(const struct output *output);

/* output_cut - shorten an escaped text to so many columns, if it has more */
void output_cut(char *text, size_t columns);

#endif
