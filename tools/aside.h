/* SPDX-License-Identifier: ISC */
/*
 * aside.h - have a file taken again that the interchange set aside
 *
 * msmi moved it from P1 to BAD, with NAME.why beside it.  Moved back it is a
 * new file to msmi, which sees it come.
 */
#ifndef FOURPOST_TOOLS_ASIDE_H
#define FOURPOST_TOOLS_ASIDE_H

#include "conf/conf.h"

/*
 * aside_take_back - move BAD/name of a postoffice to P1/name
 *
 * ERR_NOTFOUND; ERR_EXISTS: P1 has one of that name; ERR_VALUE: name is not
 * the plain name of a file, or of a reason; ERR_DENIED, ERR_IO.
 */
int aside_take_back(const struct conf_msmail *msmail, const char *name,
    struct diag *diag) WARN_UNUSED;

#endif
