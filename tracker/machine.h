/* SPDX-License-Identifier: ISC */
/*
 * machine.h - how machines are called in the database of many
 *
 * By the name of the host; by MTA@HOST where several MTAs are on that host.
 */
#ifndef FOURPOST_TRACKER_MACHINE_H
#define FOURPOST_TRACKER_MACHINE_H

#include "tracker/question.h"

#define MACHINE_NAME_MAX 320

/* The name of a machine in SQL, of its row "q" of fourpost.queue. */
#define MACHINE                                                    \
	"CASE WHEN EXISTS(SELECT 1 FROM fourpost.queue o WHERE"    \
	" o.host=q.host AND o.mta<>q.mta) THEN q.mta||'@'||q.host" \
	" ELSE q.host END"

/* machine_here - get the name of this machine, whether it has written anything
 * or not; mta is the name of the MTA */
int machine_here(struct question *question, const char *mta,
    char name[MACHINE_NAME_MAX], struct diag *diag) WARN_UNUSED;

#endif
