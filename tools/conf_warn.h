/* SPDX-License-Identifier: ISC */
/*
 * conf_warn.h - what in a configuration that is right cannot work, or is surely
 * not meant
 *
 * users		user, network-user, groups that the system does not have
 * listen		addresses that this machine does not have
 * address		names that cannot be resolved; asks the name servers
 * postoffice		a directory that is not there
 * directory		every wrong line of the map of a postoffice
 * mixer		files of a map that cannot be read; a relay for all
 * useless		settings that do nothing beside others (conf_useless.h)
 * links		without an address space, of one remote-mta and the same
 *			selectors, that reach our own domain, or the same space
 *			at the same cost
 */
#ifndef FOURPOST_TOOLS_CONF_WARN_H
#define FOURPOST_TOOLS_CONF_WARN_H

#include "conf/conf.h"

/* conf_warn_fn - take a warning: file and line, and what is wrong there */
typedef void
conf_warn_fn(void *context, const char *file, unsigned line, const char *text);

/* conf_warn - give all warnings of a configuration to fn; how many */
size_t conf_warn(const struct conf *conf, conf_warn_fn *fn, void *context);

#endif
