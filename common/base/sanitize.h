/* SPDX-License-Identifier: ISC */
/*
 * sanitize.h - whether this was compiled with AddressSanitizer
 *
 * Its run time maps terabytes, opens files, and traces us at the end; what
 * confines a process must then stand back.
 */
#ifndef FOURPOST_BASE_SANITIZE_H
#define FOURPOST_BASE_SANITIZE_H

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZE_ADDRESS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZE_ADDRESS 1
#endif
#endif
#ifndef SANITIZE_ADDRESS
#define SANITIZE_ADDRESS 0
#endif

#endif
