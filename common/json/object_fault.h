/* SPDX-License-Identifier: ISC */
/*
 * object_fault.h - why a JSON text was refused, and where in it
 */
#ifndef FOURPOST_JSON_OBJECT_FAULT_H
#define FOURPOST_JSON_OBJECT_FAULT_H

#include "base/error.h"
#include "base/slice.h"

struct object_fault {
	int error;	   /* enum error; 0: none */
	char pointer[256]; /* RFC 6901; "" is the whole */
	unsigned line;	   /* from 1; 0: not known */
	char text[200];	   /* printable */
};

/* object_fault_set - note place and reason and return the code; the first
 * fault wins */
int object_fault_set(struct object_fault *fault, int error, const char *pointer,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* object_fault_locate - find the line of a fault that was found after the text
 * was read (object_content.h) */
void object_fault_locate(struct object_fault *fault, struct slice text);

#endif
