/* SPDX-License-Identifier: ISC */
/*
 * heap.c - two heaps: the world's, and one that is thrown away with each life
 *
 * A life that crashes leaves its memory as it was; nothing of it may be used
 * again, so its heap begins anew.  Blocks are kept in lists by size and never
 * given back.  What is not 0 when it is allocated is junk on purpose.
 */
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/sim/fault.h"
#include "tests/sim/heap.h"
#include "tests/sim/side.h"

#define HEAP_SIZE  ((size_t)2 << 30)
#define UNIT	   ((size_t)16)
#define SMALL	   ((size_t)64) /* classes of one unit more each */
#define CLASSES	   160
#define KEEP_PAGES ((size_t)4 << 20) /* not given back at the end of a life */
#define JUNK	   0xa5
#define JUNK_MAX   256

/* Before each block; its address is a multiple of UNIT. */
struct block {
	uint32_t class;
	uint32_t live;
	struct block *next; /* free */
};

struct heap {
	unsigned char *base;
	size_t used, live;
	struct block *free[CLASSES];
};

static struct heap heaps[2]; /* by enum side */

/* class_of - find the class of a size, and the octets of its blocks */
static uint32_t
class_of(size_t size, size_t *octets)
{
	size_t units = (size + UNIT - 1) / UNIT, step = SMALL / 4;
	uint32_t class, quarter = 0;

	if (units == 0)
		units = 1;
	if (units <= SMALL) {
		*octets = units * UNIT;
		return (uint32_t)units - 1;
	}
	/* Four classes to each power of two. */
	for (class = (uint32_t)SMALL; step * 8 < units; class += 4)
		step *= 2;
	while ((4 + quarter) * step < units)
		quarter++;
	*octets = (4 + quarter) * step * UNIT;
	return class + quarter;
}

/* grow - take a new block from the heap, or NULL */
static struct block *
grow(struct heap *heap, size_t octets)
{
	size_t size = octets + sizeof(struct block);
	struct block *block;

	if (heap->base == NULL) {
		/* Not by mmap, whose maps end with a life. */
		void *base = (void *)syscall(SYS_mmap, NULL, HEAP_SIZE,
		    PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (base == MAP_FAILED)
			return NULL;
		heap->base = base;
	}
	if (size > HEAP_SIZE - heap->used)
		return NULL;
	block = (struct block *)(void *)(heap->base + heap->used);
	heap->used += size;
	return block;
}

/* heap_take - allocate from the heap of the side that runs */
static void *
heap_take(size_t size)
{
	struct heap *heap = &heaps[side];
	struct block *block;
	size_t octets = 0;
	uint32_t class;

	if (size > HEAP_SIZE / 2 || (side == SIDE_LIFE && fault_allocation())) {
		errno = ENOMEM;
		return NULL;
	}
	class = class_of(size, &octets);
	block = heap->free[class];
	if (block != NULL)
		heap->free[class] = block->next;
	else
		block = grow(heap, octets);
	if (block == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	block->class = class;
	block->live = 1;
	heap->live++;
	memset(block + 1, JUNK, octets < JUNK_MAX ? octets : JUNK_MAX);
	return block + 1;
}

/* heap_of - find the heap of a block, or NULL: it is of a life that is over */
static struct heap *
heap_of(const void *pointer)
{
	const unsigned char *at = pointer;

	for (int i = 0; i < 2; i++)
		if (heaps[i].base != NULL && at > heaps[i].base &&
		    at < heaps[i].base + heaps[i].used)
			return &heaps[i];
	return NULL;
}

/* heap_drop - throw the heap of the life away */
void
heap_drop(void)
{
	struct heap *heap = &heaps[SIDE_LIFE];

	if (heap->used > KEEP_PAGES)
		(void)madvise(heap->base + KEEP_PAGES, heap->used - KEEP_PAGES,
		    MADV_DONTNEED);
	heap->used = heap->live = 0;
	memset(heap->free, 0, sizeof(heap->free));
}

/* heap_live - count the blocks of the life that were not freed */
size_t
heap_live(void)
{
	return heaps[SIDE_LIFE].live;
}

/* malloc - allocate from the heap of the side that runs */
void *
malloc(size_t size)
{
	return heap_take(size);
}

/* free - give a block back to its heap; with a life that is over it is gone
 * already */
void
free(void *pointer)
{
	struct block *block = (struct block *)pointer - 1;
	struct heap *heap;

	if (pointer == NULL)
		return;
	heap = heap_of(pointer);
	if (heap == NULL)
		return;
	if (block->live != 1)
		sim_fail("freed twice, or never allocated");
	block->live = 0;
	heap->live--;
	block->next = heap->free[block->class];
	heap->free[block->class] = block;
}

/* calloc - allocate, and clear */
void *
calloc(size_t count, size_t size)
{
	void *pointer;

	if (size != 0 && count > HEAP_SIZE / size) {
		errno = ENOMEM;
		return NULL;
	}
	pointer = heap_take(count * size);
	if (pointer != NULL)
		memset(pointer, 0, count * size);
	return pointer;
}

/* realloc - allocate more, or leave it */
void *
realloc(void *pointer, size_t size)
{
	void *more;
	size_t had;

	if (pointer == NULL)
		return heap_take(size);
	had = malloc_usable_size(pointer);
	if (size <= had)
		return pointer;
	more = heap_take(size);
	if (more == NULL)
		return NULL;
	memcpy(more, pointer, had);
	free(pointer);
	return more;
}

/* reallocarray - allocate more, unless the product overflows */
void *
reallocarray(void *pointer, size_t count, size_t size)
{
	if (size != 0 && count > HEAP_SIZE / size) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(pointer, count * size);
}

/* malloc_usable_size - compute how much a block holds */
size_t
malloc_usable_size(void *pointer)
{
	const struct block *block = (struct block *)pointer - 1;
	size_t step = SMALL / 4;
	uint32_t above;

	if (pointer == NULL)
		return 0;
	if (block->class < SMALL)
		return (block->class + 1) * UNIT;
	above = block->class - (uint32_t)SMALL;
	step <<= above / 4;
	return (step * 4 + above % 4 * step) * UNIT;
}

/* posix_memalign - allocate what malloc aligns anyway; LMDB needs more only to
 * copy a database, which no life does */
int
posix_memalign(void **out, size_t alignment, size_t size)
{
	void *pointer;

	if (alignment > UNIT)
		return ENOMEM;
	pointer = heap_take(size);
	if (pointer == NULL)
		return ENOMEM;
	*out = pointer;
	return 0;
}

/* aligned_alloc - allocate what malloc aligns anyway */
void *
aligned_alloc(size_t alignment, size_t size)
{
	return alignment > UNIT ? NULL : heap_take(size);
}
