/* SPDX-License-Identifier: ISC */
/*
 * application.h - a suite with an application and a postoffice, for tests
 *
 * The program is the test itself (program.h); the far end of what it submits is
 * the directory of a postoffice.
 */
#ifndef FOURPOST_TESTS_SYSTEM_APPLICATION_H
#define FOURPOST_TESTS_SYSTEM_APPLICATION_H

#include "tests/system/program.h"

#define DOMAIN "C=XX;A=TEST;P=APP"
#define EDI    DOMAIN ";O=EDI"

#define DELIVERED "{\"all\":{\"result\":\"delivered\"}}"

/* An object from the application to the mailbox of the postoffice. */
#define LETTER(text)                                                 \
	"{\"kind\":\"message\",\"originator\":\"" EDI ";S=Me\","     \
	"\"recipients\":[{\"address\":\"" DOMAIN ";O=PO1;S=Roe\"}]," \
	"\"parts\":[{\"type\":\"text\",\"text\":\"" text "\"}]}"

extern struct suite application_suite;
extern struct program edi;

/* application_begin - start the suite, with further settings of the application
 * "edi" */
void application_begin(const char *test, const char *settings);

/* application_end - stop the suite, of which nothing is left in the queue */
void application_end(void);

/* application_out - get the path of the files of the postoffice */
const char *application_out(void);

/* application_await_files - wait until the postoffice has so many */
void application_await_files(size_t count);

/* application_send - submit a message to the application by x4send */
void application_send(void);

/* application_claim - wait for the next object and claim it: its id, *object
 * to be freed, or NULL */
uint64_t application_claim(json_t **object);

/* application_text - get a member of an object that is a text */
const char *application_text(const json_t *object, const char *member);

/* application_await_gone - wait until all files of an object are gone */
void application_await_gone(uint64_t id);

/* application_refused - wait until an object is in in/error, and compare why;
 * pointer may be NULL */
void
application_refused(const char *name, const char *error, const char *pointer);

#endif
