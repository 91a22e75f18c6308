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

#define PI_TOKEN_ITEM 16

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
    [WIRE_START] = {"start", WIRE_EITHER},
    [WIRE_DATA] = {"data", WIRE_EITHER},
    [WIRE_CHECKPOINT] = {"checkpoint", WIRE_EITHER},
    [WIRE_CHECKPOINT_CONFIRM] = {"checkpoint-confirm", WIRE_EITHER},
    [WIRE_END] = {"end", WIRE_EITHER},
    [WIRE_BEFORE_CONFIRM] = {"before-confirm", WIRE_EITHER},
    [WIRE_AFTER_CONFIRM] = {"after-confirm", WIRE_EITHER},
    [WIRE_PLEASE] = {"please", WIRE_EITHER},
    [WIRE_GIVE] = {"give", WIRE_EITHER},
    [WIRE_GIVEN] = {"given", WIRE_EITHER},
    [WIRE_RELEASE] = {"release", 0},
    [WIRE_RELEASED] = {"released", 1},
};

/* alone - name a session PDU of category 0 or 1 */
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
	case 21:
		return WIRE_GIVE;
	case 22:
		return WIRE_GIVEN;
	default:
		return WIRE_OTHER;
	}
}

/* concatenated - name a session PDU of category 2 */
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

/* session - name the session PDU that begins here, with length octets in
 * this TPKT */
static enum wire_step
session(const uint8_t *data, size_t length, size_t there)
{
	size_t second;

	if (there < 2)
		return WIRE_OTHER;
	if (data[0] != SI_GIVE && data[0] != SI_PLEASE)
		return alone(data[0]);
	second = (size_t)2 + data[1];
	if (data[0] == SI_PLEASE && second >= length && there > 2 &&
	    data[2] == PI_TOKEN_ITEM)
		return WIRE_PLEASE;
	return second < there ? concatenated(data[second]) : WIRE_OTHER;
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
			*step = session(data + SESSION_AT, total - SESSION_AT,
			    have - SESSION_AT);
		break;
	default:
		break;
	}
	return true;
}

/* wire_side - tell who sends it */
unsigned
wire_side(enum wire_step step)
{
	return steps[step].side;
}

/* wire_step_name - name a step in a word */
const char *
wire_step_name(enum wire_step step)
{
	return steps[step].name;
}

/* wire_step_find - find a step by its name */
enum wire_step
wire_step_find(const char *name)
{
	unsigned step = WIRE_ACCEPT;

	while (step < WIRE_STEPS && strcmp(steps[step].name, name) != 0)
		step++;
	return (enum wire_step)step;
}
