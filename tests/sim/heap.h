/* SPDX-License-Identifier: ISC */
/*
 * heap.h - two heaps: the world's, and one that is thrown away with each life
 *
 * heap.c defines malloc and its family.  Each side allocates from its own heap;
 * what the world is to keep it must not take from the life.
 */
#ifndef FOURPOST_TESTS_SIM_HEAP_H
#define FOURPOST_TESTS_SIM_HEAP_H

#include <stddef.h>

/* heap_drop - throw the heap of the life away */
void heap_drop(void);

/* heap_live - count the blocks of the life that were not freed */
size_t heap_live(void);

#endif
