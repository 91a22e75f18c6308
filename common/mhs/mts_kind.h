/* SPDX-License-Identifier: ISC */
/*
 * mts_kind.h - what the MTS transfers: messages, probes and reports
 *
 * The numbers are those of the queue on disk and of the records between
 * processes, and never change.  P1 numbers the three in another order: only
 * p1.h knows its tags.
 */
#ifndef FOURPOST_MHS_MTS_KIND_H
#define FOURPOST_MHS_MTS_KIND_H

enum mts_kind {
	MTS_MESSAGE = 0,
	MTS_PROBE = 1,
	MTS_REPORT = 2
};

/* mts_kind_name - name a kind for people: "message" */
const char *mts_kind_name(enum mts_kind kind);

#endif
