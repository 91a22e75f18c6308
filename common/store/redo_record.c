/* SPDX-License-Identifier: ISC */
/*
 * redo_record.c - the records of the journal: the changes of a turn as octets
 *
 * See redo.h.  No file is known here.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "store/redo.h"

#define MAGIC	   UINT64_C(0x31304f4445525046) /* "FPREDO01" */
#define DELETED	   0xffff
#define ABOUT	   4  /* octets before the key of a change */
#define SUMMED	   32 /* octets of the head that the first checksum is of */
#define AT_HEAD	   40 /* where the second one stands, which is of those before */
#define AT_EPOCH   8
#define AT_NUMBER  16
#define AT_LEN	   24
#define AT_CHANGES 28

/* put64, put32 - write a number, the least significant octet first */
static void
put64(uint8_t *at, uint64_t value)
{
	uint64_t octets = htole64(value);

	memcpy(at, &octets, sizeof(octets));
}

static void
put32(uint8_t *at, uint32_t value)
{
	uint32_t octets = htole32(value);

	memcpy(at, &octets, sizeof(octets));
}

/* get64, get32 - read a number */
static uint64_t
get64(const uint8_t *at)
{
	uint64_t octets;

	memcpy(&octets, at, sizeof(octets));
	return le64toh(octets);
}

static uint32_t
get32(const uint8_t *at)
{
	uint32_t octets;

	memcpy(&octets, at, sizeof(octets));
	return le32toh(octets);
}

/* key_of - compute the seed that only this journal has */
static uint64_t
key_of(const struct redo_stamp *stamp)
{
	return XXH3_64bits(stamp->identity, sizeof(stamp->identity));
}

/* checksum - compute the checksum of a record behind the one of place */
static uint64_t
checksum(const uint8_t *record, size_t len, const struct redo_stamp *stamp,
    const struct redo_place *place)
{
	uint64_t chain = place->number == 0 ? key_of(stamp) : place->checksum;
	uint64_t seed =
	    XXH3_64bits_withSeed(record, SUMMED, chain ^ stamp->epoch);

	return XXH3_64bits_withSeed(record + REDO_HEAD, len, seed);
}

/* redo_turn_init - allocate the memory of a turn */
int
redo_turn_init(struct redo_turn *turn)
{
	*turn = (struct redo_turn){.record = malloc(REDO_RECORD_MAX)};
	return turn->record == NULL ? ERR_NOMEM : 0;
}

/* redo_turn_fini - free it */
void
redo_turn_fini(struct redo_turn *turn)
{
	free(turn->record);
	*turn = (struct redo_turn){.record = NULL};
}

/* redo_turn_begin - begin with no change */
void
redo_turn_begin(struct redo_turn *turn)
{
	turn->len = 0;
	turn->changes = 0;
	turn->large = false;
}

/* redo_turn_add - add a change */
void
redo_turn_add(struct redo_turn *turn, const struct redo_change *change)
{
	uint8_t *at = turn->record + REDO_HEAD + turn->len;
	bool deleted = change->value.data == NULL;
	size_t value = deleted ? 0 : change->value.len;
	size_t len = ABOUT + change->key.len + value;
	size_t stored = deleted ? DELETED : value;

	turn->changes++;
	turn->large = turn->large || len > REDO_TURN_MAX - turn->len;
	if (turn->large)
		return;
	at[0] = (uint8_t)change->database;
	at[1] = (uint8_t)change->key.len;
	at[2] = (uint8_t)stored;
	at[3] = (uint8_t)(stored >> 8);
	memcpy(at + ABOUT, change->key.data, change->key.len);
	if (value > 0)
		memcpy(at + ABOUT + change->key.len, change->value.data, value);
	turn->len += len;
}

/* redo_turn_seal - make a record of a turn */
struct slice
redo_turn_seal(struct redo_turn *turn, const struct redo_stamp *stamp,
    struct redo_place *place)
{
	size_t len = redo_record_octets(turn->len);
	uint8_t *record = turn->record;
	uint64_t sum;

	memset(record, 0, REDO_HEAD);
	put64(record, MAGIC);
	put64(record + AT_EPOCH, stamp->epoch);
	put64(record + AT_NUMBER, place->number + 1);
	put32(record + AT_LEN, (uint32_t)turn->len);
	put32(record + AT_CHANGES, (uint32_t)turn->changes);
	memset(record + REDO_HEAD + turn->len, 0, len - REDO_HEAD - turn->len);
	sum = checksum(record, turn->len, stamp, place);
	put64(record + SUMMED, sum);
	put64(record + AT_HEAD,
	    XXH3_64bits_withSeed(record, AT_HEAD, key_of(stamp)));
	place->offset += len;
	place->number++;
	place->checksum = sum;
	place->changes += turn->changes;
	return slice_of(record, len);
}

/* redo_head_read - read the beginning of a record */
enum redo_found
redo_head_read(const uint8_t *octets, const struct redo_stamp *stamp,
    struct redo_head *head)
{
	static const uint8_t zeros[REDO_HEAD];

	if (memcmp(octets, zeros, sizeof(zeros)) == 0)
		return REDO_NONE;
	if (get64(octets) != MAGIC ||
	    get64(octets + AT_HEAD) !=
		XXH3_64bits_withSeed(octets, AT_HEAD, key_of(stamp)) ||
	    get32(octets + AT_LEN) > REDO_TURN_MAX)
		return REDO_OTHER;
	*head = (struct redo_head){.epoch = get64(octets + AT_EPOCH),
	    .number = get64(octets + AT_NUMBER),
	    .len = get32(octets + AT_LEN),
	    .changes = get32(octets + AT_CHANGES)};
	return REDO_WHOLE;
}

/* redo_record_read - check that a record is the next one */
bool
redo_record_read(struct slice octets, const struct redo_stamp *stamp,
    struct redo_place *place, struct slice *changes)
{
	struct redo_head head;
	uint64_t sum;

	if (octets.len < REDO_HEAD ||
	    redo_head_read(octets.data, stamp, &head) != REDO_WHOLE ||
	    head.epoch != stamp->epoch || head.number != place->number + 1 ||
	    head.len > octets.len - REDO_HEAD)
		return false;
	sum = checksum(octets.data, head.len, stamp, place);
	if (sum != get64(octets.data + SUMMED))
		return false;
	place->offset += redo_record_octets(head.len);
	place->number++;
	place->checksum = sum;
	place->changes += head.changes;
	*changes = slice_of(octets.data + REDO_HEAD, head.len);
	return true;
}

/* redo_change_next - take the next change of a record */
int
redo_change_next(struct slice *changes, struct redo_change *change)
{
	const uint8_t *at = changes->data;
	size_t key, value, len;

	if (changes->len == 0)
		return 0;
	if (changes->len < ABOUT)
		return ERR_CORRUPT;
	key = at[1];
	value = (size_t)at[2] | (size_t)at[3] << 8;
	len = ABOUT + key + (value == DELETED ? 0 : value);
	if (key == 0 || len > changes->len)
		return ERR_CORRUPT;
	*change = (struct redo_change){
	    .database = at[0], .key = slice_of(at + ABOUT, key)};
	if (value != DELETED)
		change->value = slice_of(at + ABOUT + key, value);
	*changes = slice_of(at + len, changes->len - len);
	return 1;
}
