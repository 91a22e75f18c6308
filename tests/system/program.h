/* SPDX-License-Identifier: ISC */
/*
 * program.h - a program that serves the directory of an application, for tests
 *
 * It works on the files alone, as the page fourpost-app(8) says, and counts how
 * often it was given each object.
 */
#ifndef FOURPOST_TESTS_PROGRAM_H
#define FOURPOST_TESTS_PROGRAM_H

#include "tests/system/suite.h"

#define PROGRAM_IDS 256

struct program {
	char directory[SUITE_PATH];
	unsigned claims[PROGRAM_IDS]; /* of each queue id */
};

/* program_make - make the directory of an application, and begin */
void program_make(struct program *program, const char *directory);

/* program_path - compose the path of a file: one of four buffers in turn */
const char *program_path(const struct program *program, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* program_has - tell whether a file is there */
bool program_has(const struct program *program, const char *name);

/* program_json - read a file as JSON: to be freed, NULL if not there */
json_t *program_json(const struct program *program, const char *name);

/* program_next - find an object to be claimed, in no order; 0: there is none */
uint64_t program_next(const struct program *program);

/* program_claim - claim an object: what it says, to be freed; NULL: it was
 * taken back meanwhile */
json_t *program_claim(struct program *program, uint64_t id);

/* program_answer - answer an object with this text */
void
program_answer(const struct program *program, uint64_t id, const char *text);

/* program_submit - put an object of this text into in/new as NAME.json */
void program_submit(
    const struct program *program, const char *name, const char *text);

/* program_await - wait until a file is there */
void program_await(const struct program *program, const char *name);

/* program_await_next - wait for an object to be claimed */
uint64_t program_await_next(const struct program *program);

/* program_become - become the user that owns the directory, if root started
 * us, in a process that is to be a program */
void program_become(void);

/* program_copy - copy a file of the source tree to where that user can read it,
 * into the test's directory; one of four buffers in turn */
const char *program_copy(const char *file);

/* program_shell - run a shell command as that user: its exit status; output to
 * be freed */
int program_shell(char **output, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
