/* SPDX-License-Identifier: ISC */
/*
 * pickup_given_up.c - files that can be neither taken nor moved
 *
 * Such a file is left alone until it changes.  Remembered are the last
 * PICKUP_GIVEN_UP_MAX, without their names: where there are more, the oldest
 * is looked at once again, which does no harm.
 */
#include <xxhash.h>

#include "base/log.h"
#include "msmi/pickup.h"

/* pickup_name_hash - hash a name */
uint64_t
pickup_name_hash(const char *name)
{
	return XXH3_64bits(name, strlen(name));
}

/* pickup_give_up - leave a file alone */
void
pickup_give_up(
    struct pickup *pickup, const struct pickup_file *file, const char *why)
{
	LOG_EVENT(EVENT_MSMI_REFUSED,
	    LOG_STRING("postoffice", pickup->msmi.msmail->name),
	    LOG_STRING("file", file->name),
	    LOG_STRING("reason", "left in P1, it cannot be moved"),
	    LOG_STRING("system", why));
	pickup->given_up[pickup->given_up_next] =
	    (struct pickup_given_up){.name = pickup_name_hash(file->name),
		.inode = file->inode,
		.ctime = file->ctime};
	pickup->given_up_next =
	    (pickup->given_up_next + 1) % PICKUP_GIVEN_UP_MAX;
	if (pickup->given_up_count < PICKUP_GIVEN_UP_MAX)
		pickup->given_up_count++;
}

/* pickup_given_up - look a file up among those that were given up */
bool
pickup_given_up(const struct pickup *pickup, const struct pickup_file *file)
{
	uint64_t name = pickup_name_hash(file->name);

	for (size_t i = 0; i < pickup->given_up_count; i++) {
		const struct pickup_given_up *f = &pickup->given_up[i];

		if (f->inode == file->inode && f->ctime == file->ctime &&
		    f->name == name)
			return true;
	}
	return false;
}
