/* SPDX-License-Identifier: ISC */
/*
 * conf_dump.h - a configuration written back as text
 *
 * The text is in canonical syntax; parsed again it gives the same
 * values.  With secrets it must not reach a disk, a log or a person: it is
 * for a memfd or a socket between our own processes, which read it with
 * CONF_HANDED.
 */
#ifndef FOURPOST_CONF_CONF_DUMP_H
#define FOURPOST_CONF_CONF_DUMP_H

#include "base/buffer.h"
#include "conf/conf.h"

enum conf_secrets {
	CONF_SECRETS_OMIT,   /* passwords left out, password files named */
	CONF_SECRETS_INLINE, /* passwords inline, password files left out */
};

enum conf_extent {
	CONF_EXTENT_SET, /* what was given */
	CONF_EXTENT_ALL, /* every setting, defaults too */
};

/* conf_dump - append the whole configuration.  ERR_LIMIT, ERR_NOMEM */
int conf_dump(const struct conf *conf, enum conf_secrets secrets,
    enum conf_extent extent, struct buffer *out) WARN_UNUSED;

/*
 * conf_dump_link - append what a worker of one link must know
 *
 * The mta section with its name and domain alone, and the link's without
 * remote-password, address-space and learn; local-name and local-password are
 * what is in force.  Below 16 KB unless remote-addresses is very long.
 */
int conf_dump_link(const struct conf *conf, const struct conf_link *link,
    struct buffer *out) WARN_UNUSED;

/*
 * conf_dump_msmail - append what a worker of one postoffice must know: the
 * mta section with name, domain and postmaster, and the postoffice's
 */
int conf_dump_msmail(const struct conf *conf, const struct conf_msmail *msmail,
    struct buffer *out) WARN_UNUSED;

/*
 * conf_dump_application - append what a worker of one application must know:
 * the mta section likewise, and the application's without what qmgr decides
 */
int conf_dump_application(const struct conf *conf,
    const struct conf_application *application, struct buffer *out) WARN_UNUSED;

/* conf_dump_mixer - append what a worker of one gateway must know: the mta
 * section likewise, and the gateway's without its address space */
int conf_dump_mixer(const struct conf *conf, const struct conf_mixer *mixer,
    struct buffer *out) WARN_UNUSED;

/* conf_dump_memory - append what mixer-memory must know: the mta section
 * likewise, and of the gateway that remembers for longest for how long */
int conf_dump_memory(const struct conf *conf, struct buffer *out) WARN_UNUSED;

/* conf_dump_console - append what the console must know: the mta section with
 * name and domain, and its own */
int conf_dump_console(const struct conf *conf, struct buffer *out) WARN_UNUSED;

/* conf_dump_tracking - append what a process must know that uses the database
 * of many machines: of the mta section name and domain, the settings of
 * tracking, and who may look */
int conf_dump_tracking(const struct conf *conf, struct buffer *out) WARN_UNUSED;

#endif
