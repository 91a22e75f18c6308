/* SPDX-License-Identifier: ISC */
/*
 * sandbox.h - the system calls that a process may still make, by role
 *
 * An allow-list in the kernel (seccomp).  Anything else kills the process at
 * once, which master sees as SIGSYS.  A few things that the C library does of
 * itself are not worth a death and only fail: opening a file for reading
 * where no files are allowed, mapping code, ioctl.
 *
 * Every role has descriptors it was given or accepts, local sockets, memory,
 * time and signals of its own.  No role can run a program, make a process,
 * change an id or trace.
 */
#ifndef FOURPOST_BASE_SANDBOX_H
#define FOURPOST_BASE_SANDBOX_H

#include "base/error.h"

enum sandbox_role {
	SANDBOX_NETWORK,  /* accepts and talks; no files, no calls out */
	SANDBOX_SPOOL,	  /* as that; cuts a file that it was given */
	SANDBOX_CONNECT,  /* as that; calls out, and reads files, to resolve */
	SANDBOX_DATABASE, /* as network; files in its own directory */
	SANDBOX_FILES,	  /* as network; works with files and directories */
	SANDBOX_QUEUE	  /* as network; holds the queue: its files, no names of
			  * others, no calls out */
};

/*
 * sandbox_enter - allow only what the role needs from now on; no way back
 *
 * Sets PR_SET_NO_NEW_PRIVS.  ERR_UNSUPPORTED if the kernel has no seccomp,
 * ERR_NOMEM, ERR_IO.  Under AddressSanitizer nothing is done, success.
 */
int sandbox_enter(enum sandbox_role role, struct diag *diag) WARN_UNUSED;

#endif
