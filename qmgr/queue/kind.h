/* SPDX-License-Identifier: ISC */
/*
 * kind.h - message, probe or report: as the queue and workers number it, and
 * as X.411 does
 *
 * The numbers differ between the three, and each has its own reader.
 */
#ifndef FOURPOST_QMGR_KIND_H
#define FOURPOST_QMGR_KIND_H

#include "ipc/record.h"
#include "mhs/p1.h"
#include "store/message.h"

/* kind_of_stored - the kind of a message of the queue */
static inline enum p1_kind
kind_of_stored(enum store_kind kind)
{
	switch (kind) {
	case STORE_PROBE:
		return P1_PROBE;
	case STORE_REPORT:
		return P1_REPORT;
	case STORE_MESSAGE:
		break;
	}
	return P1_MESSAGE;
}

/* kind_of_submitted - the kind that a worker or tool hands in */
static inline enum p1_kind
kind_of_submitted(enum ipc_kind kind)
{
	switch (kind) {
	case IPC_PROBE:
		return P1_PROBE;
	case IPC_REPORT:
		return P1_REPORT;
	case IPC_MESSAGE:
		break;
	}
	return P1_MESSAGE;
}

#endif
