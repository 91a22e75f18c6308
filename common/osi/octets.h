/* SPDX-License-Identifier: ISC */
/*
 * octets.h - numbers in a given count of octets, the most significant first
 */
#ifndef FOURPOST_OSI_OCTETS_H
#define FOURPOST_OSI_OCTETS_H

#include <stddef.h>
#include <stdint.h>

/* octets_put - number in len octets; what follows them */
static inline uint8_t *
octets_put(uint8_t *at, uint64_t number, size_t len)
{
	for (size_t i = len; i-- > 0; number >>= 8)
		at[i] = (uint8_t)number;
	return at + len;
}

/* octets_get - read the number that stands in len octets, at most 8 */
static inline uint64_t
octets_get(const uint8_t *at, size_t len)
{
	uint64_t number = 0;

	for (size_t i = 0; i < len; i++)
		number = number << 8 | at[i];
	return number;
}

#endif
