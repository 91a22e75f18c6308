/* SPDX-License-Identifier: ISC */
/*
 * fake_program.h - the worker of a program that submits under keys: app-in
 */
#ifndef FOURPOST_TESTS_SIM_FAKE_PROGRAM_H
#define FOURPOST_TESTS_SIM_FAKE_PROGRAM_H

/* program_worker - see that there is one, if there is something to submit */
void program_worker(void);

/* program_kill - kill it, if there is one */
void program_kill(void);

#endif
