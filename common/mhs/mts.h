/* SPDX-License-Identifier: ISC */
/*
 * mts.h - the names by which P1 in normal mode asks for its association
 *
 * X.419 9: the application context id-ac-mts-transfer {2 6 0 1 6} and the
 * abstract syntaxes id-as-mta-rtse {2 6 0 2 12} and id-as-mtse {2 6 0 2 7},
 * as the contents octets of their object identifiers.
 *
 * One name is our own, by which MTAs of this suite tell each other routes
 * (routing.asn): the content type of an update, and the abstract syntax of the
 * presentation context by which both sides agree on it.  Its arc is that of
 * UUIDs (X.667), {2 25 282244314924157535560371571792262343247}, which nobody
 * has to register.
 */
#ifndef FOURPOST_MHS_MTS_H
#define FOURPOST_MHS_MTS_H

#include "base/slice.h"

extern const struct slice mts_application_context;
extern const struct slice mts_rtse_syntax;
extern const struct slice mts_transfer_syntax;
extern const struct slice mts_routing_syntax;

#endif
