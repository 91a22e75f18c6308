/* SPDX-License-Identifier: ISC */
/*
 * director.h - what happens when
 *
 * First all goes wrong that the seed has chosen; then the faults stop, and the
 * queue must become empty within a bound of time: no hand helps but that which
 * enables what it had disabled.
 */
#ifndef FOURPOST_TESTS_SIM_DIRECTOR_H
#define FOURPOST_TESTS_SIM_DIRECTOR_H

#include <stdbool.h>
#include <stdint.h>

/* director_small - have seeds be small, and without faults of disk and memory
 * but the one that is chosen (nth.h) */
void director_small(void);

/* director_init - choose what the seed is about */
void director_init(void);

/* director_act - do what is due */
void director_act(void);

/* director_next - tell when something is due */
uint64_t director_next(void);

/* director_died - note that a life has ended: what waits begins to wait again,
 * where the clock of the next life is doubted */
void director_died(void);

/* director_over - tell whether the seed is over */
bool director_over(void);

#endif
