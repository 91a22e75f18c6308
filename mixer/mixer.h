/* SPDX-License-Identifier: ISC */
/*
 * mixer.h - a gateway to Internet mail: what both directions have in common
 *
 * mixer-in/NAME takes messages by LMTP and submits them to qmgr (in*.c);
 * mixer-out/NAME#k gives messages of qmgr's to an SMTP server (out*.c).
 */
#ifndef FOURPOST_MIXER_MIXER_H
#define FOURPOST_MIXER_MIXER_H

#include "mixer/mapping.h"
#include "worker/settings.h"

#define MIXER_REPORT_MAX (4u * 1024 * 1024)

struct mixer {
	struct worker worker;
	struct ipc_channel qmgr;
	struct conf *conf; /* owned */
	enum worker_purpose purpose;
	const struct conf_mixer *section;
	struct address_map addresses;
	struct mime_charsets charsets;
	struct mapping mapping;
};

/* mixer_settings - wait for qmgr's settings, and read all that the mapping
 * needs, which the sandbox would keep from us */
int mixer_settings(struct mixer *mixer, struct diag *diag) WARN_UNUSED;

/* mixer_in, mixer_out - run as either worker until told to stop */
void mixer_in(struct worker *worker) __attribute__((noreturn));
void mixer_out(struct worker *worker) __attribute__((noreturn));

#endif
