/* SPDX-License-Identifier: ISC */
/*
 * p2_heading.h - headings and fields of 1988 as those of 1984
 *
 * For p2_downgrade.c alone.  octets is the one element; what is written goes to
 * the plan.  Errors of the plan and of the readers.
 */
#ifndef FOURPOST_MHS_P2_HEADING_H
#define FOURPOST_MHS_P2_HEADING_H

#include "mhs/mts_identifier.h"
#include "mhs/p2_plan.h"

/* p2_heading_put - write a heading: without extensions, names downgraded; of a
 * name that cannot be its text is shown */
int p2_heading_put(struct p2_plan *plan, const struct global_domain *gateway,
    struct slice octets, struct diag *diag) WARN_UNUSED;

/* p2_parameters_put - write the parameters of a message within a message */
int p2_parameters_put(
    struct p2_plan *plan, struct slice octets, struct diag *diag) WARN_UNUSED;

/* p2_field_put - write a field of a notification, the names in it downgraded */
int p2_field_put(struct p2_plan *plan, const struct global_domain *gateway,
    struct slice octets, struct diag *diag) WARN_UNUSED;

#endif
