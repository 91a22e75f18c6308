/* SPDX-License-Identifier: ISC */
/*
 * cells.h - the cells of a row that a database has returned, whichever
 * database that is
 */
#ifndef FOURPOST_TRACKER_CELLS_H
#define FOURPOST_TRACKER_CELLS_H

#include <stdint.h>

#include "base/slice.h"

/* A row: how its columns, from 0 on, are read.  Texts are valid until the
 * database is asked for the next row. */
struct cells {
	int64_t (*number)(void *row, int column);
	struct slice (*text)(void *row, int column);
	void *row;
};

/* cells_number - get a column as a number; 0: it is none */
static inline int64_t
cells_number(const struct cells *cells, int column)
{
	return cells->number(cells->row, column);
}

/* cells_text - get a column as a text */
static inline struct slice
cells_text(const struct cells *cells, int column)
{
	return cells->text(cells->row, column);
}

#endif
