/* SPDX-License-Identifier: ISC */
/*
 * certificates.h - say in time that a certificate of ours expires
 *
 * At the start, at a reload and once a day: from 30 days before with event
 * 20232, from 7 days before, and afterwards, with 20233.
 */
#ifndef FOURPOST_MASTER_CERTIFICATES_H
#define FOURPOST_MASTER_CERTIFICATES_H

#include "master/master.h"

enum certificate_kind {
	CERTIFICATE_OURS,
	CERTIFICATE_REVOCATIONS
};

/* A certificate or list whose end is near or past. */
struct certificate_state {
	const char *what; /* "certificate", "revocation list" */
	const char *path;
	int64_t expires; /* wall clock ms */
	int64_t since;	 /* likewise: when it was said first, or its end */
	bool urgent, expired;
};

/* certificates_look - look at the certificates in force, if a day has passed
 * since the last look */
void certificates_look(struct master *master);

/* certificates_changed - look at the next tick, because others may be in
 * force */
void certificates_changed(struct master *master);

/* certificates_state - tell whether the end of a file's validity is near or
 * past; *state only then */
bool certificates_state(const struct conf_pem *file, enum certificate_kind kind,
    struct certificate_state *state);

#endif
