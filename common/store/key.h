/* SPDX-License-Identifier: ISC */
/*
 * key.h - keys of the queue's databases, most significant octet first
 *
 * So LMDB's order of octets is the order of numbers.
 */
#ifndef FOURPOST_STORE_KEY_H
#define FOURPOST_STORE_KEY_H

#include "base/slice.h"

#define KEY_MAX 64

struct db_key {
	uint8_t octets[KEY_MAX];
	size_t len;
};

/* key_put - append the low count octets of value; there is always room */
static inline void
key_put(struct db_key *key, uint64_t value, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		key->octets[key->len++] =
		    (uint8_t)(value >> (8 * (count - 1 - i)));
}

/* key_number - read the number in count octets of key from offset; the caller
 * has compared the key's length */
static inline uint64_t
key_number(struct slice key, size_t offset, size_t count)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < count; i++)
		value = value << 8 | key.data[offset + i];
	return value;
}

/* key_id - make the key of one id: content, batch, note, delivery */
static inline struct db_key
key_id(uint64_t id)
{
	struct db_key key = {.len = 0};

	key_put(&key, id, 8);
	return key;
}

/* key_message - make the key of one part of a message record */
static inline struct db_key
key_message(uint64_t id, unsigned part)
{
	struct db_key key = key_id(id);

	key_put(&key, part, 2);
	return key;
}

/* key_ready - make the key of an entry of the ready index */
static inline struct db_key
key_ready(uint32_t link, unsigned priority, uint64_t id)
{
	struct db_key key = {.len = 0};

	key_put(&key, link, 4);
	key_put(&key, priority, 1);
	key_put(&key, id, 8);
	return key;
}

/* key_deferred - make the key of an entry of the deferred index */
static inline struct db_key
key_deferred(int64_t time, uint64_t id)
{
	struct db_key key = key_id((uint64_t)time);

	key_put(&key, id, 8);
	return key;
}

/* key_held - make the key of an entry of the index of held and quarantined */
static inline struct db_key
key_held(unsigned state, uint64_t id)
{
	struct db_key key = {.len = 0};

	key_put(&key, state, 1);
	key_put(&key, id, 8);
	return key;
}

/* key_slice - make the key of one slice of a content */
static inline struct db_key
key_slice(uint64_t id, uint32_t number)
{
	struct db_key key = key_id(id);

	key_put(&key, number, 4);
	return key;
}

/* key_count - make the key of a count */
static inline struct db_key
key_count(uint32_t link, unsigned priority, unsigned state, uint32_t hour)
{
	struct db_key key = {.len = 0};

	key_put(&key, link, 4);
	key_put(&key, priority, 1);
	key_put(&key, state, 1);
	key_put(&key, hour, 4);
	return key;
}

/* The priority in the key of a count that is a source's, see source.c. */
#define KEY_SOURCE 255

/* key_link - make the key of a link */
static inline struct db_key
key_link(uint32_t number)
{
	struct db_key key = {.len = 0};

	key_put(&key, number, 4);
	return key;
}

/* key_session - make the key of a session (slot 0) or of one of its
 * transfers */
static inline struct db_key
key_session(uint64_t id, unsigned slot)
{
	struct db_key key = key_id(id);

	key_put(&key, slot, 1);
	return key;
}

/* key_name - make the key that is a name of at most KEY_MAX octets */
static inline struct db_key
key_name(const char *name)
{
	struct db_key key = {.len = strlen(name)};

	memcpy(key.octets, name, key.len);
	return key;
}

#endif
