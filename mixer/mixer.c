/* SPDX-License-Identifier: ISC */
/*
 * mixer.c - from the start of a worker of a gateway to its work
 */
#include "mixer/mixer.h"

#include <sys/random.h>

#include "base/clock.h"

/* mixer_settings - wait for qmgr's settings, and read what the mapping needs */
int
mixer_settings(struct mixer *mixer, struct diag *diag)
{
	int error = worker_settings(
	    &mixer->worker, &mixer->qmgr, &mixer->conf, &mixer->purpose, diag);

	if (error < 0)
		return error;
	mixer->section = conf_mixer_find(mixer->conf, mixer->worker.service);
	if (mixer->section == NULL)
		return diag_set(diag, ERR_NOTFOUND,
		    "no mixer %s in the settings", mixer->worker.service);
	error = address_map_read(&mixer->addresses, mixer->section, diag);
	if (error < 0)
		return error;
	mime_charsets_open(&mixer->charsets);
	mixer->mapping = (struct mapping){.addresses = &mixer->addresses,
	    .charsets = &mixer->charsets,
	    .now = clock_wall() / 1000};
	mapping_set(&mixer->mapping, mixer->section);
	return getrandom(mixer->mapping.secret, sizeof(mixer->mapping.secret),
		   0) == (ssize_t)sizeof(mixer->mapping.secret)
	    ? 0
	    : diag_set(diag, ERR_IO, "no random octets");
}
