/* SPDX-License-Identifier: ISC */
/*
 * mts.c - the names by which P1 asks for its association; see mts.h
 */
#include "mhs/mts.h"

#define NAME(...)                                          \
	{                                                  \
		(const uint8_t[]){__VA_ARGS__},            \
		    sizeof((const uint8_t[]){__VA_ARGS__}) \
	}

const struct slice mts_application_context = NAME(0x56, 0, 1, 6);
const struct slice mts_rtse_syntax = NAME(0x56, 0, 2, 12);
const struct slice mts_transfer_syntax = NAME(0x56, 0, 2, 7);
const struct slice mts_routing_syntax =
    NAME(0x69, 0x83, 0xa8, 0xd6, 0xa3, 0xc7, 0x87, 0xb9, 0xf2, 0x9f, 0xe9, 0xb0,
	0xcc, 0x90, 0x84, 0x99, 0xb3, 0xe8, 0xd4, 0x4f);
