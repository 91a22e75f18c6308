/* SPDX-License-Identifier: ISC */
/*
 * answers.c - what a postoffice, program or mail server answers on a message
 */
#include <stdlib.h>

#include "tests/sim/out_jobs.h"
#include "tests/sim/side.h"

static struct answer *answers;

/* answer_on - find what was answered on a message, or make it: all have it */
struct answer *
answer_on(uint64_t message)
{
	struct answer *answer = answers;

	while (answer != NULL && answer->message != message)
		answer = answer->next;
	if (answer == NULL) {
		answer = calloc(1, sizeof(*answer));
		*answer = (struct answer){.next = answers,
		    .message = message,
		    .result = IPC_DELIVERED};
		answers = answer;
	}
	return answer;
}

/* choose_all - choose that no recipient has it, or that the next MTA is
 * responsible for those who do */
static void
choose_all(struct answer *answer, unsigned link, unsigned recipients,
    const struct item *item)
{
	switch (chance_number(20)) {
	case 0:
		answer->result = IPC_LATER;
		answer->later = recipients;
		break;
	case 1:
		/* A file that is written is not held. */
		if (link == POSTOFFICE)
			break;
		answer->result = IPC_HELD;
		answer->later = recipients;
		break;
	case 2:
		/* Nobody is there who would report. */
		if (!item->asks)
			answer->result = IPC_TRANSFERRED;
		break;
	default:
		break;
	}
}

/* answer_choose - choose by chance who has it, may have it later, or cannot */
struct answer *
answer_choose(unsigned link, uint64_t message, unsigned recipients,
    const struct item *item)
{
	struct answer *answer = answer_on(message);

	answer->later = answer->failed = 0;
	answer->result = IPC_DELIVERED;
	if (item == NULL || item->kind != MTS_MESSAGE)
		return answer;
	for (unsigned i = 0; i < item->recipients; i++) {
		uint64_t n = chance_number(12);

		if (n == 0)
			answer->later |= recipients & 1U << i;
		else if (n == 1)
			answer->failed |= recipients & 1U << i;
	}
	if (answer->later == 0 && answer->failed == 0)
		choose_all(answer, link, recipients, item);
	return answer;
}

/* answer_put - say in an outcome what was answered */
void
answer_put(const struct answer *answer, struct ipc_outcome *outcome)
{
	static struct ipc_recipient_outcome named[ITEM_RECIPIENTS];

	outcome->result = answer->result;
	if (answer->result == IPC_LATER || answer->result == IPC_HELD)
		return;
	outcome->recipients = named;
	for (unsigned i = 0; i < ITEM_RECIPIENTS; i++) {
		if (((answer->later | answer->failed) & 1U << i) == 0)
			continue;
		named[outcome->recipient_count++] =
		    (struct ipc_recipient_outcome){.index = i,
			.reason = 1,
			.diagnostic = -1,
			.text = slice_of_string("so it is"),
			.fate = (answer->later & 1U << i) != 0
			    ? IPC_FATE_LATER
			    : IPC_FATE_FAILED};
	}
}
