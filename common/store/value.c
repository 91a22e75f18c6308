/* SPDX-License-Identifier: ISC */
/*
 * value.c - control values: small settings of qmgr's, by name
 *
 * See store.h.  They are octets of their owner's, not records of the store's.
 */
#include "store/state.h"

/* check_name - 0 if a name can be a key */
static int
check_name(struct store *store, const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > STORE_VALUE_NAME_MAX)
		return store_error(store, ERR_VALUE, "value: bad name");
	return 0;
}

/* store_value_get - into the arena */
int
store_value_get(struct store *store, const char *name, struct arena *arena,
    struct slice *value)
{
	struct db_key key;
	struct slice found;
	int rc = check_name(store, name);

	if (rc == 0)
		rc = db_enter(&store->db);
	if (rc != 0)
		return rc;
	key = key_name(name);
	rc = db_get(&store->db, DB_VALUES, &key, &found);
	if (rc == 0)
		rc = arena_slice(arena, found, value);
	db_leave(&store->db);
	return rc;
}

/* store_value_put - replace it; an empty one removes it */
int
store_value_put(struct store *store, const char *name, struct slice value)
{
	struct db_key key;
	int rc = db_writable(&store->db);

	if (rc == 0)
		rc = check_name(store, name);
	if (rc != 0)
		return rc;
	if (value.len > STORE_VALUE_MAX)
		return store_error(
		    store, ERR_LIMIT, "value %s: too long", name);
	key = key_name(name);
	if (value.len != 0)
		return db_put(&store->db, DB_VALUES, &key, value);
	rc = db_delete(&store->db, DB_VALUES, &key);
	return rc == ERR_NOTFOUND ? 0 : rc;
}
