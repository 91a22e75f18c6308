/* SPDX-License-Identifier: ISC */
/*
 * difference.h - what differs between the configuration in force and the file
 */
#ifndef FOURPOST_MASTER_DIFFERENCE_H
#define FOURPOST_MASTER_DIFFERENCE_H

#include "master/control.h"
#include "master/master.h"

/*
 * difference_answer - send a row for each setting that a reload would change
 *
 * "section", "name" (of the link, postoffice and so on), "setting" (empty: the
 * section as a whole), "running", "file".  Of a list, a row for each item that
 * only one of them has.  Passwords are compared and not shown.  *unsent: rows
 * beyond those that an answer has.  An error: the file is wrong.
 */
int difference_answer(struct control_client *client, unsigned *unsent,
    struct diag *diag) WARN_UNUSED;

#endif
