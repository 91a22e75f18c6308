/* SPDX-License-Identifier: ISC */
/*
 * openssl.h - OpenSSL's headers, which must not take our ERR_STATE
 *
 * OpenSSL gives that name to a type.  Included in common/tls alone.
 */
#ifndef FOURPOST_TLS_OPENSSL_H
#define FOURPOST_TLS_OPENSSL_H

#define ERR_STATE OPENSSL_ERR_STATE

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#undef ERR_STATE

#endif
