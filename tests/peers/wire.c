/* SPDX-License-Identifier: ISC */
/*
 * wire.c - which step of an association's life a TPDU is; see wire.h
 */
#include "tests/peers/wire.h"

#include <string.h>

#define TPKT_HEADER 4
#define SESSION_AT  7  /* TPKT, then LI, code and number of a class 0 DT */
#define LOOK	    24 /* octets that are enough to tell */

#define CODE_CR	  0xe0
#define CODE_CC	  0xd0
#define CODE_DT	  0xf0
#define DT_IS_END 0x80

/* Session identifiers: of PDUs that stand alone, and of those after GT or PT */
#define SI_GIVE	  1
#define SI_PLEASE 2

static const struct {
	const char *name;
	unsigned side;
} steps[WIRE_STEPS] = {
    [WIRE_OTHER] = {"other", 0},
    [WIRE_ACCEPT] = {"accept", 0},
    [WIRE_SENT] = {"sent", 0},
    [WIRE_ANSWERED] = {"answered", 1},
    [WIRE_CR] = {"cr", 0},
    [WIRE_CC] = {"cc", 1},
    [WIRE_CN] = {"cn", 0},
    [WIRE_BIND] = {"bind", 1},
    [WIRE_START] = {"start", 0},
    [WIRE_DATA] = {"data", 0},
    [WIRE_CHECKPOINT] = {"checkpoint", 0},
    [WIRE_CHECKPOINT_CONFIRM] = {"checkpoint-confirm", 1},
    [WIRE_END] = {"end", 0},
    [WIRE_BEFORE_CONFIRM] = {"before-confirm", 1},
    [WIRE_AFTER_CONFIRM] = {"after-confirm", 1},
    [WIRE_RELEASE] = {"release", 0},
    [WIRE_RELEASED] = {"released", 1},
};

/* alone - a session PDU of category 0 or 1 */
static enum wire_step
alone(uint8_t si)
{
	switch (si) {
	case 13:
		return WIRE_CN;
	case 14:
		return WIRE_BIND;
	case 9:
		return WIRE_RELEASE;
	case 10:
		return WIRE_RELEASED;
	default:
		return WIRE_OTHER;
	}
}

/* concatenated - a session PDU of category 2 */
static enum wire_step
concatenated(uint8_t si)
{
	switch (si) {
	case 1:
		return WIRE_DATA;
	case 29: /* or one that goes on */
	case 45:
		return WIRE_START;
	case 49:
		return WIRE_CHECKPOINT;
	case 50:
		return WIRE_CHECKPOINT_CONFIRM;
	case 41:
		return WIRE_END;
	case 42:
		return WIRE_BEFORE_CONFIRM;
	default:
		return WIRE_OTHER;
	}
}

/* session - what begins here */
static enum wire_step
session(const uint8_t *data, size_t length)
{
	size_t second;

	if (length < 2)
		return WIRE_OTHER;
	if (data[0] != SI_GIVE && data[0] != SI_PLEASE)
		return alone(data[0]);
	second = (size_t)2 + data[1];
	return second < length ? concatenated(data[second]) : WIRE_OTHER;
}

/* wire_frame - look at the TPKT that data begins with */
bool
wire_frame(struct wire_tap *tap, const uint8_t *data, size_t available,
    bool ended, enum wire_step *step, size_t *length)
{
	size_t total, have;
	bool first;

	*step = WIRE_OTHER;
	*length = available;
	if (tap->lost || (ended && available < SESSION_AT))
		return true;
	if (available < SESSION_AT)
		return false;
	total = (size_t)data[2] << 8 | data[3];
	if (data[0] != 3 || total < SESSION_AT) {
		tap->lost = true;
		return true;
	}
	have = available < total ? available : total;
	if (have < total && have < LOOK && !ended)
		return false;
	*length = total;
	switch (data[TPKT_HEADER + 1] & 0xf0) {
	case CODE_CR:
		*step = WIRE_CR;
		break;
	case CODE_CC:
		*step = WIRE_CC;
		break;
	case CODE_DT:
		first = !tap->within;
		tap->within = (data[TPKT_HEADER + 2] & DT_IS_END) == 0;
		if (first)
			*step = session(data + SESSION_AT, have - SESSION_AT);
		break;
	default:
		break;
	}
	return true;
}

/* wire_side - who sends it */
unsigned
wire_side(enum wire_step step)
{
	return steps[step].side;
}

/* wire_step_name - in a word */
const char *
wire_step_name(enum wire_step step)
{
	return steps[step].name;
}

/* wire_step_find - by its name */
enum wire_step
wire_step_find(const char *name)
{
	unsigned step = WIRE_ACCEPT;

	while (step < WIRE_STEPS && strcmp(steps[step].name, name) != 0)
		step++;
	return (enum wire_step)step;
}
