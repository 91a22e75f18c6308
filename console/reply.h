/* SPDX-License-Identifier: ISC */
/*
 * reply.h - answers in HTTP, with the headers that every one of them has
 */
#ifndef FOURPOST_CONSOLE_REPLY_H
#define FOURPOST_CONSOLE_REPLY_H

#include <microhttpd.h>

#include "base/buffer.h"

#define REPLY_JSON "application/json"
#define REPLY_TEXT "text/plain; charset=utf-8"

/* reply_static - make an answer of octets that stay; NULL: no memory */
struct MHD_Response *reply_static(struct slice octets, const char *type);

/* reply_take - make an answer of what a buffer holds, which is empty then;
 * NULL: no memory */
struct MHD_Response *reply_take(struct buffer *octets, const char *type);

/* reply_queue - give an answer, which is given back with that */
enum MHD_Result reply_queue(struct MHD_Connection *connection, unsigned status,
    struct MHD_Response *response);

/* reply_text - give a line of text as the answer */
enum MHD_Result reply_text(
    struct MHD_Connection *connection, unsigned status, const char *text);

/* reply_error - give {"error":TEXT} as the answer */
enum MHD_Result reply_error(
    struct MHD_Connection *connection, unsigned status, const char *text);

#endif
