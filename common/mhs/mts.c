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
