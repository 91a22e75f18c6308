/* SPDX-License-Identifier: ISC */
/*
 * owned.h - what the life has open: descriptors and maps
 *
 * owned.c defines close, mmap and munmap to know that.
 */
#ifndef FOURPOST_TESTS_SIM_OWNED_H
#define FOURPOST_TESTS_SIM_OWNED_H

/* owned_keep - note that a descriptor is the world's, and outlives the life;
 * gives it back */
int owned_keep(int fd);

/* owned_drop - close and unmap all that is the life's */
void owned_drop(void);

#endif
