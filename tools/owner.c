/* SPDX-License-Identifier: ISC */
/*
 * owner.c - work in a queue as the user whose it is, not as root
 */
#include "tools/owner.h"

#include <sys/stat.h>

#include <limits.h>
#include <pwd.h>
#include <stdio.h>

#include "base/privilege.h"

/* owner_become - give up root for the owner of a directory */
int
owner_become(const char *directory, struct diag *diag)
{
	char above[PATH_MAX];
	const struct passwd *user;
	struct stat st;

	(void)snprintf(above, sizeof(above), "%s/..", directory);
	if (!privilege_is_root() ||
	    (stat(directory, &st) != 0 && stat(above, &st) != 0) ||
	    st.st_uid == 0)
		return 0;
	user = getpwuid(st.st_uid);
	if (user == NULL)
		return diag_set(diag, ERR_NOTFOUND,
		    "%s belongs to user %u, who does not exist", directory,
		    (unsigned)st.st_uid);
	return privilege_drop(user->pw_name, NULL, NULL, diag);
}
