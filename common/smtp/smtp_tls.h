/* SPDX-License-Identifier: ISC */
/*
 * smtp_tls.h - whether a session of SMTP is within TLS (RFC 3207)
 */
#ifndef FOURPOST_SMTP_SMTP_TLS_H
#define FOURPOST_SMTP_SMTP_TLS_H

enum smtp_tls {
	SMTP_TLS_NONE,
	SMTP_TLS_MAY,
	SMTP_TLS_REQUIRE
};

#endif
