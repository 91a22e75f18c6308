/* SPDX-License-Identifier: ISC */
/*
 * compose.h - make the object that x4send submits of the command line
 *
 * Each option says a member of the one JSON form (fourpost-json(5)); the object
 * is then read as that of --json is (send_object.h), so both have the same
 * checks and the same defaults.  Its files are named by their numbers.
 *
 *	compose_init, compose_add for each option in the order given,
 *	compose_finish, compose_fini
 */
#ifndef FOURPOST_TOOLS_COMPOSE_H
#define FOURPOST_TOOLS_COMPOSE_H

#include <jansson.h>
#include <stdio.h>

#include "base/error.h"
#include "tools/options.h"
#include "tools/send_file.h"

#define COMPOSE_OPTIONS 80

struct compose {
	json_t *object; /* owned, as are the next two */
	/* members of each recipient that has none of its own: in the envelope,
	 * and in the heading */
	json_t *all, *all_heading;
	/* what the options that come next are about, within the object; NULL:
	 * nothing yet */
	json_t *recipient, *reader, *user, *part;
	struct send_files files;
	bool body;	  /* the text is part 0 */
	bool open, blind; /* there are such recipients */
};

/* compose_options - list the options that say members: at most COMPOSE_OPTIONS;
 * how many there are */
size_t compose_options(struct options_option options[COMPOSE_OPTIONS]);

/* compose_init - begin with a message that says nothing; compose_fini frees
 * all, and closes the files */
int compose_init(struct compose *compose) WARN_UNUSED;
void compose_fini(struct compose *compose);

/* compose_add - have an option, by its name, say what it says.  ERR_NOTFOUND:
 * it is none of ours; ERR_VALUE, ERR_SYNTAX, ERR_IO, ERR_LIMIT, ERR_NOMEM with
 * the reason in diag */
int compose_add(struct compose *compose, const char *name, const char *value,
    struct diag *diag) WARN_UNUSED;

/* compose_finish - fill in what the options left open, and write the text of
 * the object, which the caller frees */
int compose_finish(
    struct compose *compose, char **text, struct diag *diag) WARN_UNUSED;

#endif
