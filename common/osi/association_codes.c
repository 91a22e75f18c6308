/* SPDX-License-Identifier: ISC */
/*
 * association_codes.c - what states, ends and reasons are called
 */
#include "osi/association_codes.h"
#include "osi/rtse.h"

/* association_layer_name - name a layer in words */
const char *
association_layer_name(enum association_layer layer)
{
	static const char *const name[] = {
	    [ASSOCIATION_LAYER_NETWORK] = "network",
	    [ASSOCIATION_LAYER_TLS] = "tls",
	    [ASSOCIATION_LAYER_TRANSPORT] = "transport",
	    [ASSOCIATION_LAYER_SESSION] = "session",
	    [ASSOCIATION_LAYER_PRESENTATION] = "presentation",
	    [ASSOCIATION_LAYER_ACSE] = "association",
	    [ASSOCIATION_LAYER_RTSE] = "reliable transfer",
	    [ASSOCIATION_LAYER_BIND] = "bind",
	};

	return name[layer];
}

/* association_phase_name - name a phase in words */
const char *
association_phase_name(enum association_phase phase)
{
	static const char *const name[] = {
	    [ASSOCIATION_IDLE] = "idle",
	    [ASSOCIATION_OPENING] = "opening",
	    [ASSOCIATION_INDICATED] = "to be answered",
	    [ASSOCIATION_OPEN] = "open",
	    [ASSOCIATION_TRANSFER] = "in a transfer",
	    [ASSOCIATION_RELEASING] = "being released",
	    [ASSOCIATION_OVER] = "over",
	};

	return name[phase];
}

/* association_exception_name - name an exception in words */
const char *
association_exception_name(int reason)
{
	switch (reason) {
	case -1:
		return "no reason given";
	case ASSOCIATION_EXCEPTION_NON_SPECIFIC:
		return "non-specific error";
	case ASSOCIATION_EXCEPTION_JEOPARDIZED:
		return "receiving ability jeopardized";
	case ASSOCIATION_EXCEPTION_SEQUENCE:
		return "sequence error";
	case ASSOCIATION_EXCEPTION_LOCAL:
		return "local error";
	case ASSOCIATION_EXCEPTION_UNRECOVERABLE:
		return "unrecoverable procedural error";
	case 128:
		return "demand for the data token";
	default:
		return "unknown reason";
	}
}

/* association_bind_error_name - name a bind error in words */
const char *
association_bind_error_name(int error)
{
	switch (error) {
	case ASSOCIATION_BIND_BUSY:
		return "busy";
	case ASSOCIATION_BIND_AUTHENTICATION:
		return "authentication error";
	case ASSOCIATION_BIND_DIALOGUE:
		return "unacceptable dialogue mode";
	case ASSOCIATION_BIND_SECURITY_CONTEXT:
		return "unacceptable security context";
	case ASSOCIATION_BIND_CONFIDENTIALITY:
		return "inadequate association confidentiality";
	default:
		return "unknown bind error";
	}
}
