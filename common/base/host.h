/* SPDX-License-Identifier: ISC */
/*
 * host.h - which machine this is, and since which boot
 *
 * A host is its name and the machine id that systemd gave it (machine-id(5)):
 * machines that were cloned share the id, and machines that were never named
 * share the name, but rarely both.  What the system does not tell is empty.
 */
#ifndef FOURPOST_BASE_HOST_H
#define FOURPOST_BASE_HOST_H

#include <stdbool.h>

#define HOST_NAME_LEN 64 /* octets, without the NUL */
#define HOST_ID_LEN   64

struct host {
	char name[HOST_NAME_LEN + 1];
	char machine[HOST_ID_LEN + 1];
	char boot[HOST_ID_LEN + 1]; /* another one after each boot */
};

/* host_identify - find out which host this is */
void host_identify(struct host *host);

/* host_same - tell whether two are one machine, whatever the boot */
bool host_same(const struct host *a, const struct host *b);

#endif
