/* SPDX-License-Identifier: ISC */
/*
 * or_address_check.h - whether the values of an address are what X.411 allows
 *
 * For the files of or_address alone.  Errors name the attribute.
 */
#ifndef FOURPOST_MHS_OR_ADDRESS_CHECK_H
#define FOURPOST_MHS_OR_ADDRESS_CHECK_H

#include "mhs/or_address_attribute.h"

enum or_check {
	OR_CHECK_ADDRESS,
	OR_CHECK_PREFIX /* "*" for any value, nothing is required */
};

int or_address_check(const struct or_address *address, enum or_check what,
    struct diag *diag) WARN_UNUSED;

#endif
