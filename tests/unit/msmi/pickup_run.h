/* SPDX-License-Identifier: ISC */
/*
 * pickup_run.h - a pickup with a postoffice and a queue manager, for tests
 */
#ifndef FOURPOST_TESTS_PICKUP_RUN_H
#define FOURPOST_TESTS_PICKUP_RUN_H

#include "msmi/pickup.h"
#include "tests/unit/msmi/fake_qmgr.h"
#include "tests/unit/msmi/place.h"

#define HEAD		"VERSION:3.00\r\nTO:OTHER/PO2/BOB\r\nFROM:ACME/PO1/ALICE\r\n"
#define FILE_OF(string) slice_of(string, sizeof(string) - 1)

struct run {
	struct place place;
	struct pickup *pickup;
	pid_t pid;
	struct arena arena;
};

/* run_init - make a postoffice and a pickup, and connect it */
void run_init(struct run *run);

/* run_connect - connect the pickup to a queue manager, which knows what others
 * before it had */
void run_connect(struct run *run);

/* run_scan - scan, and again when no file has changed for as long as any is
 * waited for; settle until everything is answered */
void run_scan(struct run *run);

/* run_scan_again - scan once, and settle until everything is answered */
void run_scan_again(struct run *run);

/* run_age - let the time pass for the files that were seen */
void run_age(struct run *run, uint64_t ms);

/* run_end - end the channel, so that qmgr has written everything */
void run_end(struct run *run);

/* run_fini - remove all of it */
void run_fini(struct run *run);

/* told - collect what a decoder says of a content that was sent */
const char *told(struct run *run, const char *name);

#endif
