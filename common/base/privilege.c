/* SPDX-License-Identifier: ISC */
/*
 * privilege.c - give up, for good, what a process does not need
 */
#include <sys/prctl.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "base/privilege.h"
#include "base/sanitize.h"

#define ENTRY_MAX 4096 /* of the user and group files */

/* privilege_is_root - tell whether there is something to drop */
bool
privilege_is_root(void)
{
	return getuid() == 0 || geteuid() == 0;
}

/* refused - note which call the system refused */
static int
refused(struct diag *diag, const char *call)
{
	return diag_set(diag, ERR_IO, "%s: %s", call, strerror(errno));
}

/* find_user - find the ids of user and group */
static int
find_user(const char *user, const char *group, uid_t *uid, gid_t *gid,
    struct diag *diag)
{
	struct passwd passwd, *pw = NULL;
	struct group entry, *gr = NULL;
	char text[ENTRY_MAX];
	gid_t found;

	if (getpwnam_r(user, &passwd, text, sizeof(text), &pw) != 0 ||
	    pw == NULL)
		return diag_set(diag, ERR_NOTFOUND, "no user \"%s\"", user);
	*uid = pw->pw_uid;
	found = pw->pw_gid;
	if (group != NULL && group[0] != '\0') {
		if (getgrnam_r(group, &entry, text, sizeof(text), &gr) != 0 ||
		    gr == NULL)
			return diag_set(
			    diag, ERR_NOTFOUND, "no group \"%s\"", group);
		found = gr->gr_gid;
	}
	*gid = found;
	if (*uid == 0 || *gid == 0)
		return diag_set(diag, ERR_DENIED, "\"%s\" is root", user);
	return 0;
}

/* set_groups - set the supplementary groups; own is the user's own */
static int
set_groups(const char *user, gid_t own, gid_t gid, enum privilege_groups groups)
{
	switch (groups) {
	case PRIVILEGE_USERS_GROUPS:
		/* In the group of its own it stays, whatever its files belong
		 * to. */
		return initgroups(user, own);
	case PRIVILEGE_GROUP_ALONE:
		break;
	}
	return setgroups(1, &gid);
}

/* verify_groups - verify that no group is left that was to go */
static int
verify_groups(gid_t gid, enum privilege_groups groups, struct diag *diag)
{
	gid_t left[64];
	int count = getgroups((int)(sizeof(left) / sizeof(left[0])), left);

	if (count < 0)
		return refused(diag, "getgroups");
	for (int i = 0; i < count; i++) {
		if (left[i] == 0)
			return diag_set(
			    diag, ERR_DENIED, "still in the group of root");
		if (groups == PRIVILEGE_GROUP_ALONE && left[i] != gid)
			return diag_set(
			    diag, ERR_DENIED, "still in another group");
	}
	return 0;
}

/* verify - verify that we are uid and gid in every respect, for good */
static int
verify(uid_t uid, gid_t gid, enum privilege_groups groups, struct diag *diag)
{
	uid_t real_uid, effective_uid, saved_uid;
	gid_t real_gid, effective_gid, saved_gid;
	int error;

	if (getresuid(&real_uid, &effective_uid, &saved_uid) != 0 ||
	    getresgid(&real_gid, &effective_gid, &saved_gid) != 0)
		return refused(diag, "getresuid");
	if (real_uid != uid || effective_uid != uid || saved_uid != uid ||
	    real_gid != gid || effective_gid != gid || saved_gid != gid)
		return diag_set(diag, ERR_DENIED, "ids did not change");
	error = verify_groups(gid, groups, diag);
	if (error != 0)
		return error;
	if (setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0)
		return diag_set(diag, ERR_DENIED, "root could be had again");
	return 0;
}

/* privilege_drop - become user, inside root, with no way back */
int
privilege_drop(const char *user, const char *group,
    enum privilege_groups groups, const char *root, struct diag *diag)
{
	uid_t uid;
	gid_t own, gid;
	int error;

	if (!privilege_is_root())
		return 0;
	/* The user and group files are outside of the new root directory. */
	error = find_user(user, NULL, &uid, &own, diag);
	if (error == 0)
		error = find_user(user, group, &uid, &gid, diag);
	if (error != 0)
		return error;
	if (set_groups(user, own, gid, groups) != 0)
		return refused(diag, "setgroups");
	if (root != NULL && root[0] != '\0' &&
	    (chroot(root) != 0 || chdir("/") != 0)) {
		(void)refused(diag, root);
		return ERR_IO;
	}
	if (setresgid(gid, gid, gid) != 0)
		return refused(diag, "setresgid");
	if (setresuid(uid, uid, uid) != 0)
		return refused(diag, "setresuid");
	return verify(uid, gid, groups, diag);
}

/* privilege_lock - gain nothing by exec, and let no other process trace us */
int
privilege_lock(struct diag *diag)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return refused(diag, "prctl(PR_SET_NO_NEW_PRIVS)");
	/* LeakSanitizer is such a tracing process; another user lost it. */
	if (prctl(PR_SET_DUMPABLE, SANITIZE_ADDRESS ? 1 : 0, 0, 0, 0) != 0)
		return refused(diag, "prctl(PR_SET_DUMPABLE)");
	return 0;
}
