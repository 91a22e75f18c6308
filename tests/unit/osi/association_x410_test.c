/* SPDX-License-Identifier: ISC */
/*
 * association_x410_test.c - refusals in X.410 mode
 */
#include "osi/rtse.h"
#include "tests/unit/osi/association_fixture.h"
#include "tests/unit/osi/mode_fixture.h"

struct refusal {
	enum association_refusal refusal;
	int bind_error;
	/* What the initiator must learn. */
	enum association_layer layer;
	int reason;
	bool transient;
	const char *text;
};

static void
serve_refusal(struct pair *pair)
{
	const struct refusal *refusal = pair->arg;

	pair->result = pair_listen(pair);
	if (pair->result == 0)
		pair->result =
		    association_refuse(&pair->there, refusal->refusal,
			(enum association_bind_error)refusal->bind_error);
}

/* In X.410 mode RTORJ has fewer reasons, and says those without a bind. */
static const struct refusal refusals[] = {
    {.bind_error = ASSOCIATION_BIND_BUSY,
	.layer = ASSOCIATION_LAYER_BIND,
	.reason = RTSE_REFUSED_BUSY,
	.transient = true,
	.text = "bind: refused: busy"},
    {.bind_error = ASSOCIATION_BIND_AUTHENTICATION,
	.layer = ASSOCIATION_LAYER_BIND,
	.reason = RTSE_REFUSED_VALIDATION,
	.text = "bind: refused: validation failure"},
    {.bind_error = ASSOCIATION_BIND_DIALOGUE,
	.layer = ASSOCIATION_LAYER_BIND,
	.reason = RTSE_REFUSED_DIALOGUE,
	.text = "bind: refused: unacceptable dialogue mode"},
    {.refusal = ASSOCIATION_REFUSE_CANNOT_RECOVER,
	.layer = ASSOCIATION_LAYER_RTSE,
	.reason = RTSE_REFUSED_CANNOT_RECOVER,
	.text = "reliable transfer: refused: cannot recover"},
    {.refusal = ASSOCIATION_REFUSE_RECOVER_LATER,
	.layer = ASSOCIATION_LAYER_BIND,
	.reason = RTSE_REFUSED_BUSY,
	.transient = true,
	.text = "bind: refused: busy"},
};

START_TEST(refused)
{
	struct refusal refusal = refusals[_i];
	struct pair pair;

	mode_of_test = ASSOCIATION_X410;
	pair_init(&pair);
	pair.arg = &refusal;
	if (refusal.refusal != ASSOCIATION_REFUSE_BIND)
		pair.parameters.recover = &pair.parameters.references;
	pair_start(&pair, serve_refusal);
	ck_assert_int_eq(pair_open(&pair), ERR_REFUSED);
	shutdown(pair.fd[0], SHUT_WR);
	pair_join(&pair);
	ck_assert_int_eq(pair.result, 0);
	ck_assert_int_eq(pair.here.failure.end, ASSOCIATION_REFUSED_BY_PEER);
	ck_assert_int_eq(pair.here.failure.layer, refusal.layer);
	ck_assert_int_eq(pair.here.failure.reason, refusal.reason);
	ck_assert_int_eq(pair.here.failure.transient, refusal.transient);
	ck_assert_int_eq(pair.here.failure.cannot_recover,
	    refusal.refusal == ASSOCIATION_REFUSE_CANNOT_RECOVER);
	ck_assert_str_eq(pair.here.failure.text, refusal.text);
	if (refusal.refusal == ASSOCIATION_REFUSE_BIND)
		ck_assert_int_eq(
		    pair.here.failure.bind_error, refusal.bind_error);
	pair_fini(&pair);
}
END_TEST

TEST_MAIN("osi/association_x410",
    TEST_LOOP(refused, sizeof(refusals) / sizeof(refusals[0])))
