/* SPDX-License-Identifier: ISC */
/*
 * fake_program.h - workers that submit under keys: app-in of the program with a
 * directory, and mixer-in of the gateway
 */
#ifndef FOURPOST_TESTS_SIM_FAKE_PROGRAM_H
#define FOURPOST_TESTS_SIM_FAKE_PROGRAM_H

/* program_workers - see that there is one where there is something to submit */
void program_workers(void);

/* program_kill - kill all that there are */
void program_kill(void);

#endif
