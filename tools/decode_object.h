/* SPDX-License-Identifier: ISC */
/*
 * decode_object.h - an MTS-APDU, or a content, as the one JSON form of
 * fourpost-json(5)
 */
#ifndef FOURPOST_TOOLS_DECODE_OBJECT_H
#define FOURPOST_TOOLS_DECODE_OBJECT_H

#include <stdio.h>

#include "base/error.h"
#include "base/slice.h"

/*
 * decode_object - print an MTS-APDU, an interpersonal message, a notification
 * or the content of a report as one line of JSON
 *
 * The content is in it as base64 where it fits, so that x4send --json submits
 * the same octets.  ERR_SYNTAX: it is none of them, and nothing was printed;
 * ERR_LIMIT, ERR_NOMEM; ERR_IO of the stream.
 */
int decode_object(struct slice octets, FILE *stream) WARN_UNUSED;

#endif
