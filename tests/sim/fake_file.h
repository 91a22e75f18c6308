/* SPDX-License-Identifier: ISC */
/*
 * fake_file.h - the worker that takes the files of the postoffice: msmi-in
 */
#ifndef FOURPOST_TESTS_SIM_FAKE_FILE_H
#define FOURPOST_TESTS_SIM_FAKE_FILE_H

#include "tests/sim/fake.h"

/* file_worker - see that there is one */
void file_worker(void);

/* file_kill - kill it, if there is one: the file at work stays */
void file_kill(void);

/* files_left - count the files that are not removed */
unsigned files_left(void);

#endif
