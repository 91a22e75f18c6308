/* SPDX-License-Identifier: ISC */
/*
 * redo_fuzz.c - the journal of the queue: a file of it, and changes of a turn
 *
 * An input is read as a file, which is read to the first record that is not
 * whole; and as changes, which must come out of a record the same.
 */
#include <sys/mman.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/redo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct redo_stamp stamp = {
    .identity = {1, 2, 3}, .epoch = 7, .written = 6, .known = true};

/* sum - read each octet of a slice */
static unsigned
sum(struct slice slice)
{
	unsigned total = 0;

	for (size_t i = 0; i < slice.len; i++)
		total += slice.data[i];
	return total;
}

/* take - read all changes of a record; the turn gets them */
static int
take(struct slice changes, struct redo_turn *turn)
{
	struct redo_change change;
	int rc;

	while ((rc = redo_change_next(&changes, &change)) == 1) {
		if (change.key.len == 0 || sum(change.key) > 255 * 255 ||
		    (change.value.data != NULL &&
			sum(change.value) > 255 * change.value.len))
			abort();
		redo_turn_add(turn, &change);
	}
	return rc;
}

/* again - have what could be read written and read again */
static void
again(struct slice changes)
{
	struct redo_place place = {.offset = 0}, read = {.offset = 0};
	struct redo_turn turn;
	struct slice record, copy;

	if (redo_turn_init(&turn) != 0)
		return;
	redo_turn_begin(&turn);
	if (take(changes, &turn) == 0 && !turn.large) {
		record = redo_turn_seal(&turn, &stamp, &place);
		if (!redo_record_read(record, &stamp, &read, &copy) ||
		    !slice_equal(copy, changes) ||
		    memcmp(&place, &read, sizeof(place)) != 0)
			abort();
	}
	redo_turn_fini(&turn);
}

/* read_file - read the file of a journal to its end */
static void
read_file(struct redo *redo)
{
	struct slice changes;
	uint64_t offset;
	int rc;

	do {
		offset = redo->place.offset;
		rc = redo_next(redo, &changes, NULL);
		if (rc == 1) {
			redo_turn_begin(&redo->turn);
			(void)take(changes, &redo->turn);
			if (redo->place.offset <= offset)
				abort();
		}
	} while (rc == 1);
}

/* LLVMFuzzerTestOneInput - try one input */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct redo redo;

	again(slice_of(data, size));
	if (redo_init(&redo) == 0) {
		redo.stamp = stamp;
		redo.fd = memfd_create("journal", MFD_CLOEXEC);
		if (redo.fd >= 0 && write(redo.fd, data, size) == (ssize_t)size)
			read_file(&redo);
	}
	redo_fini(&redo);
	return 0;
}
