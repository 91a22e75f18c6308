/* SPDX-License-Identifier: ISC */
/*
 * cpu.h - what a master and its processes have used of the CPU
 */
#ifndef FOURPOST_TESTS_BENCH_CPU_H
#define FOURPOST_TESTS_BENCH_CPU_H

#include <sys/types.h>

/* cpu_of - get the seconds of CPU that a process, its children and those that
 * it has waited for have used so far */
double cpu_of(pid_t master);

#endif
