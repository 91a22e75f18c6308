/* SPDX-License-Identifier: ISC */
/*
 * lonely.c - what a process has of the kernel's chance, and of other threads
 *
 * Random octets come from the seed, and the process id is always the same.
 * LMDB's mutexes lie in a file that a crash leaves locked by a thread that
 * lives on; with one thread nothing need be locked.
 */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/types.h>
#include <unistd.h>

#include "tests/sim/side.h"

/* getrandom - draw random octets */
ssize_t
getrandom(void *out, size_t len, unsigned flags)
{
	unsigned char *octets = out;

	(void)flags;
	for (size_t i = 0; i < len; i++)
		octets[i] = (unsigned char)chance_number(256);
	return (ssize_t)len;
}

/* getentropy - draw likewise */
int
getentropy(void *out, size_t len)
{
	return getrandom(out, len, 0) < 0 ? -1 : 0;
}

/* arc4random_buf - draw likewise */
void
arc4random_buf(void *out, size_t len)
{
	(void)!getrandom(out, len, 0);
}

/* arc4random - draw a number */
uint32_t
arc4random(void)
{
	return (uint32_t)chance_number(UINT64_C(1) << 32);
}

/* arc4random_uniform - draw a number below bound */
uint32_t
arc4random_uniform(uint32_t bound)
{
	return (uint32_t)chance_number(bound);
}

/* getpid - give the one process id that there is */
pid_t
getpid(void)
{
	return 4711;
}

/* pthread_mutex_init - do nothing: there is one thread */
int
pthread_mutex_init(
    pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
	(void)mutex;
	(void)attributes;
	return 0;
}

/* pthread_mutex_lock - do nothing likewise */
int
pthread_mutex_lock(pthread_mutex_t *mutex)
{
	(void)mutex;
	return 0;
}

/* pthread_mutex_unlock - do nothing likewise */
int
pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	(void)mutex;
	return 0;
}

/* pthread_mutex_destroy - do nothing likewise */
int
pthread_mutex_destroy(pthread_mutex_t *mutex)
{
	(void)mutex;
	return 0;
}
