/* SPDX-License-Identifier: ISC */
/*
 * mts_kind.c - what the MTS transfers: messages, probes and reports
 */
#include "mhs/mts_kind.h"

/* mts_kind_name - name a kind for people */
const char *
mts_kind_name(enum mts_kind kind)
{
	switch (kind) {
	case MTS_MESSAGE:
		return "message";
	case MTS_PROBE:
		return "probe";
	case MTS_REPORT:
		return "report";
	}
	return "unknown";
}
