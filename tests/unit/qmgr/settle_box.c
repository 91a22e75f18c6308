/* SPDX-License-Identifier: ISC */
/*
 * settle_box.c - a postoffice's worker in the hands of a test; see settle_box.h
 */
#include "tests/unit/qmgr/settle_box.h"

void
box_init(struct box *x)
{
	bench_init(&x->b, "rome");
	x->listener = remote_listen(&x->b.h, "msmi-out.po1");
}

void
box_submit(struct box *x, const struct p1_envelope *envelope)
{
	struct ipc_record record;

	remote_submit(&x->b.tool, harness_octets(&x->b.h, envelope),
	    slice_of_string("content"), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	x->id = record.submit_answer.message;
	remote_wait_for(&x->b.h, x->listener, &x->worker);
	remote_greet(&x->worker, IPC_ROLE_MSMI_OUT, "po1");
	remote_event(&x->worker, IPC_LINK_BOUND, "");
	box_take_job(x);
}

void
box_take_job(struct box *x)
{
	remote_expect(&x->worker, IPC_JOB, &x->job);
	ck_assert_uint_eq(x->job.job.message, x->id);
}

void
box_close(struct box *x)
{
	remote_close(&x->worker);
	close(x->listener);
	bench_fini(&x->b);
}

/* large_content - read a content that is an object */
static struct slice
large_content(struct harness *h, const struct store_message *m)
{
	struct buffer octets;
	struct slice copy;

	buffer_init(&octets, (size_t)m->content_length);
	ck_assert_int_eq(store_content_read(h->qmgr.store, m->content_id, 0,
			     (size_t)m->content_length, &octets, NULL),
	    0);
	ck_assert_int_eq(
	    arena_slice(&h->arena, buffer_slice(&octets), &copy), 0);
	buffer_fini(&octets);
	return copy;
}

bool
box_report(struct box *x, uint64_t after, struct report *report)
{
	struct harness *h = &x->b.h;
	struct store_message m;
	uint64_t id = after;

	while (store_message_next(h->qmgr.store, id, &id) == 0) {
		ck_assert_int_eq(store_message_get(h->qmgr.store, id,
				     STORE_WHOLE, &h->arena, &m),
		    0);
		if (m.kind != MTS_REPORT)
			continue;
		if (m.content_id != 0)
			m.content = large_content(h, &m);
		ck_assert_int_eq(
		    report_decode(m.content, &h->arena, report, NULL), 0);
		return true;
	}
	return false;
}
