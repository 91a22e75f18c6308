/* SPDX-License-Identifier: ISC */
/*
 * bind.h - what two MTAs say of themselves when they bind (X.411 12.1.1)
 *
 * MTABindArgument and MTABindResult have one form; a bind error is a number.
 * With the wrapper of normal mode ([16], [17], [18]) or bare, as in X.410
 * mode.  Passwords are never printed by anything here.
 */
#ifndef FOURPOST_MHS_BIND_H
#define FOURPOST_MHS_BIND_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

#define BIND_PASSWORD_MAX 64 /* ub-password-length is 62, Exchange's 64 */
#define BIND_OCTETS_MAX	  65536

enum bind_wrapper {
	BIND_BARE,   /* X.410 mode and 1984 */
	BIND_INVOKE, /* [16], initiator */
	BIND_RESULT  /* [17], responder */
};

enum bind_password_form {
	BIND_OCTET_STRING, /* 1988 */
	BIND_IA5_STRING	   /* 1984; a T61String is read as one */
};

enum bind_credentials {
	BIND_UNAUTHENTICATED, /* NULL */
	BIND_SIMPLE,	      /* name and password */
	BIND_STRONG	      /* read, never agreed to; no password */
};

struct mta_bind {
	enum bind_credentials credentials;
	struct slice name;     /* MTAName, IA5 */
	struct slice password; /* octets; secret */
	enum bind_password_form form;
	bool security_context; /* was there; none is supported */
};

/*
 * mta_bind_decode - read an argument or a result, with its wrapper or bare
 *
 * Slices borrow from octets or the arena.  ERR_SYNTAX, ERR_TRUNCATED,
 * ERR_LIMIT, ERR_VALUE (name or password too long, name empty).
 */
int mta_bind_decode(struct slice octets, struct arena *arena,
    struct mta_bind *bind, struct diag *diag) WARN_UNUSED;

/* mta_bind_encode - append it.  ERR_VALUE for what decode would refuse */
int mta_bind_encode(const struct mta_bind *bind, enum bind_wrapper wrapper,
    struct buffer *out) WARN_UNUSED;

/* mta_bind_password_is - compare in time that does not tell how much fits */
bool mta_bind_password_is(const struct mta_bind *bind, struct slice expected);

enum bind_error {
	BIND_ERROR_BUSY = 0,
	BIND_ERROR_AUTHENTICATION = 2,
	BIND_ERROR_DIALOGUE_MODE = 3,
	BIND_ERROR_SECURITY_CONTEXT = 4,
	BIND_ERROR_CONFIDENTIALITY = 5
};

#endif
