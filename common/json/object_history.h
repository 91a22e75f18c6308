/* SPDX-License-Identifier: ISC */
/*
 * object_history.h - who else a message was for, in the one form: redirection
 * and expansion of lists (X.411 8.3.1.1.1.5, .7), and the alternate recipient
 */
#ifndef FOURPOST_JSON_OBJECT_HISTORY_H
#define FOURPOST_JSON_OBJECT_HISTORY_H

#include "json/json_put.h"
#include "mhs/extension.h"

/* object_history_put_redirections - put `originally_intended` and
 * `redirections` of a recipient, if it was redirected */
void object_history_put_redirections(struct json_put *put, json_t *object,
    const struct extension_list *extensions);

/* object_history_put_lists - put `dl_history`, if there is one */
void object_history_put_lists(struct json_put *put, json_t *object,
    const struct extension_list *extensions);

/* object_history_alternate - make the extension that an alternate recipient,
 * given as text, stands for.  Errors of or_address_parse and of the arena */
int object_history_alternate(const char *text, struct arena *arena,
    struct extension_list *extensions, struct diag *diag) WARN_UNUSED;

#endif
