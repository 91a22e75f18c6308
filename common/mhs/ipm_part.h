/* SPDX-License-Identifier: ISC */
/*
 * ipm_part.h - what the parameters of an extended body say
 *
 * Private to ipm_*.c.  parameters is the [0] of an ExtendedBodyPart, whole.
 * Parameters that cannot be read say nothing: the body is still there.
 */
#ifndef FOURPOST_MHS_IPM_PART_H
#define FOURPOST_MHS_IPM_PART_H

#include "mhs/ipm_decode.h"

/* ipm_part_kind - find the kind of an extended body by the last arc of its
 * type */
enum ipm_kind ipm_part_kind(int type);

/* ipm_part_sets - find the set of the right half of a general text; *whole is
 * false if one of its sets is not known */
enum ipm_set ipm_part_sets(struct slice parameters, bool *whole);

/* ipm_part_is_compressed - tell whether parameters say that the octets of a
 * file are compressed */
bool ipm_part_is_compressed(struct slice parameters);

/* ipm_part_file - name, size and date of a file (X.420 B.13) */
int ipm_part_file(struct slice parameters, struct arena *arena,
    struct ipm_part *part) WARN_UNUSED;

#endif
