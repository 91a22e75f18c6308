/* SPDX-License-Identifier: ISC */
/*
 * decode_mixer.h - x4decode --mixer: an address as the other side has it
 */
#ifndef FOURPOST_TOOLS_DECODE_MIXER_H
#define FOURPOST_TOOLS_DECODE_MIXER_H

#include "tools/options.h"

/*
 * decode_mixer - show what every section mixer makes of an address
 *
 * An O/R address becomes one of the Internet, any other text an O/R address.
 * How to exit: EXIT_STATUS_REFUSED where a section can make nothing of it.
 */
enum exit_status decode_mixer(const struct options *options, const char *text);

#endif
