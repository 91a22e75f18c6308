/* SPDX-License-Identifier: ISC */
/*
 * postoffice.h - the directories of a shadow postoffice
 *
 *	P1   message files for us, put there by Microsoft Mail's side
 *	OUT  message files from us
 *	BAD  what we could not take out of P1, each beside NAME.why
 *	ATT  files that XTEXT and XATTACH name
 *
 * One that is missing is made where any of them is: a place without is a
 * share that is not mounted, into which nothing must be delivered.  Started by
 * root what is made belongs to the user that we become.  Every file is opened
 * by its plain name within one of these, never through a symbolic link.
 */
#ifndef FOURPOST_MSMI_POSTOFFICE_H
#define FOURPOST_MSMI_POSTOFFICE_H

#include <stdbool.h>

#include "base/error.h"

enum postoffice_directory {
	PO_P1,
	PO_OUT,
	PO_BAD,
	PO_ATT,
	PO_DIRECTORIES
};

struct postoffice {
	char path[256]; /* as we see it: empty once it is our root */
	int fd[PO_DIRECTORIES];
};

/* postoffice_init - begin with nothing open */
void postoffice_init(struct postoffice *postoffice);

/* postoffice_open - open all, make what is missing.  ERR_IO, ERR_LIMIT,
 * ERR_NOTFOUND: nothing there */
int postoffice_open(struct postoffice *postoffice, const char *path,
    struct diag *diag) WARN_UNUSED;

/* postoffice_close - close all */
void postoffice_close(struct postoffice *postoffice);

/* postoffice_rooted - note that the postoffice has become the root directory */
void postoffice_rooted(struct postoffice *postoffice);

/* postoffice_intact - tell whether P1 and OUT are still where they were */
bool postoffice_intact(const struct postoffice *postoffice);

/* postoffice_name - name a directory for logs and paths: "P1" */
const char *postoffice_name(enum postoffice_directory directory);

#endif
