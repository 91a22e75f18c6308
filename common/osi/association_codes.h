/* SPDX-License-Identifier: ISC */
/*
 * association_codes.h - the states, ends and reasons of an association, and
 * what they are called
 *
 * Part of association.h, which includes it.
 */
#ifndef FOURPOST_OSI_ASSOCIATION_CODES_H
#define FOURPOST_OSI_ASSOCIATION_CODES_H

enum association_role {
	ASSOCIATION_INITIATOR,
	ASSOCIATION_RESPONDER
};

/* The protocol, by the value of the records between processes. */
enum association_mode {
	ASSOCIATION_NORMAL = 0, /* 1988 */
	ASSOCIATION_X410 = 1,	/* 1988 P1 in X.410-1984 mode */
	ASSOCIATION_1984 = 2,	/* 1984 P1, in X.410-1984 mode */
};

/* Where something happened, from the bottom up. */
enum association_layer {
	ASSOCIATION_LAYER_NETWORK, /* TCP, the descriptor */
	ASSOCIATION_LAYER_TLS,	   /* below RFC 1006, where it is spoken */
	ASSOCIATION_LAYER_TRANSPORT,
	ASSOCIATION_LAYER_SESSION,
	ASSOCIATION_LAYER_PRESENTATION,
	ASSOCIATION_LAYER_ACSE,
	ASSOCIATION_LAYER_RTSE,
	ASSOCIATION_LAYER_BIND,
};

enum association_phase {
	ASSOCIATION_IDLE,      /* after association_init */
	ASSOCIATION_OPENING,   /* within association_open, association_listen */
	ASSOCIATION_INDICATED, /* responder: accept or refuse is due */
	ASSOCIATION_OPEN,      /* no activity */
	ASSOCIATION_TRANSFER,  /* an activity, from either side */
	ASSOCIATION_RELEASING, /* responder: the release is to be confirmed */
	ASSOCIATION_OVER,      /* released, refused, aborted or lost */
};

/* How it ended. */
enum association_end {
	ASSOCIATION_NOT_ENDED,
	ASSOCIATION_RELEASED,
	ASSOCIATION_REFUSED_BY_PEER,
	ASSOCIATION_REFUSED_BY_US,
	ASSOCIATION_ABORTED_BY_PEER,
	ASSOCIATION_ABORTED_BY_US, /* asked for, or the peer broke the rules */
	ASSOCIATION_TIMED_OUT,
	ASSOCIATION_LOST, /* TCP ended or failed, or a DR came unasked */
};

/* X.228 abort reasons (RTAB); what association_abort sends. */
enum association_abort_reason {
	ASSOCIATION_ABORT_LOCAL = 0,
	ASSOCIATION_ABORT_INVALID_PARAMETER = 1,
	ASSOCIATION_ABORT_UNRECOGNIZED_ACTIVITY = 2,
	ASSOCIATION_ABORT_TEMPORARY = 3,
	ASSOCIATION_ABORT_PROTOCOL = 4,
	ASSOCIATION_ABORT_PERMANENT = 5,
	ASSOCIATION_ABORT_USER = 6,
	ASSOCIATION_ABORT_TRANSFER_COMPLETED = 7,
};

/* X.225 reasons of an exception (ED), an interrupt (AI), a discard (AD). */
enum association_exception {
	ASSOCIATION_EXCEPTION_NON_SPECIFIC = 0,
	ASSOCIATION_EXCEPTION_JEOPARDIZED = 1, /* receiving ability */
	ASSOCIATION_EXCEPTION_SEQUENCE = 3,
	ASSOCIATION_EXCEPTION_LOCAL = 5,
	ASSOCIATION_EXCEPTION_UNRECOVERABLE = 6,
};

/* X.411 MTABindError. */
enum association_bind_error {
	ASSOCIATION_BIND_BUSY = 0,
	ASSOCIATION_BIND_AUTHENTICATION = 2,
	ASSOCIATION_BIND_DIALOGUE = 3,
	ASSOCIATION_BIND_SECURITY_CONTEXT = 4,
	ASSOCIATION_BIND_CONFIDENTIALITY = 5,
};

/* Names in words, static strings, for logs and for tools. */
const char *association_layer_name(enum association_layer layer);
const char *association_phase_name(enum association_phase phase);
const char *association_exception_name(int reason);
const char *association_bind_error_name(int error);

#endif
