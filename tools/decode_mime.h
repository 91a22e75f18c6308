/* SPDX-License-Identifier: ISC */
/*
 * decode_mime.h - x4decode --mime: a message as the other side has it
 */
#ifndef FOURPOST_TOOLS_DECODE_MIME_H
#define FOURPOST_TOOLS_DECODE_MIME_H

#include "base/slice.h"
#include "tools/options.h"

/*
 * decode_mime - write a message as a section mixer maps it
 *
 * An MTS-APDU or a content becomes a message of the Internet, any other octets
 * are one, and become a content.  How to exit: EXIT_STATUS_REFUSED where it
 * cannot be mapped, with the reason on standard error.
 */
enum exit_status decode_mime(
    const struct options *options, const char *mixer, struct slice octets);

#endif
