/* SPDX-License-Identifier: ISC */
/*
 * association.c - the life of an association, its parameters
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "osi/association_internal.h"

#define KEPT_MAX    4096
#define ARENA_MAX   ((size_t)64 * 1024)
#define SCRATCH_MAX ((size_t)64 * 1024)

/* association_init - make an idle association, with io to wait by */
int
association_init(struct association *a, struct association_io io)
{
	struct association_internal *in;

	*a = (struct association){.exception = -1, .turn_wanted = -1};
	a->failure.reason = a->failure.bind_error = -1;
	if ((in = calloc(1, sizeof(*in))) == NULL)
		return ERR_NOMEM;
	in->net.io = io;
	in->net.fd = -1;
	arena_init(&in->kept, KEPT_MAX);
	arena_init(&in->arena, ARENA_MAX);
	buffer_init(&in->net.input, ASSOCIATION_INPUT_MAX);
	buffer_init(&in->net.output, ASSOCIATION_OUTPUT_MAX);
	buffer_init(&in->received.tsdu, SESSION_TSDU_MAX);
	buffer_init(&in->scratch[0], SCRATCH_MAX);
	buffer_init(&in->scratch[1], SCRATCH_MAX);
	buffer_init(&in->data.join, TPKT_MAX);
	a->internal = in;
	return 0;
}

/* association_init_over - make an association that is over with this failure */
void
association_init_over(
    struct association *a, const struct association_failure *failure)
{
	*a = (struct association){.phase = ASSOCIATION_OVER,
	    .exception = -1,
	    .turn_wanted = -1,
	    .failure = *failure};
}

/* association_fini - give back all memory, say nothing to the peer */
void
association_fini(struct association *a)
{
	struct association_internal *in = a->internal;

	if (in == NULL)
		/* TLS says goodbye so that the peer can tell this end from a
		 * cut. */
		return;
	if (in->net.tls != NULL)
		tls_stream_close(in->net.tls);
	tls_stream_free(in->net.tls);
	arena_fini(&in->kept);
	arena_fini(&in->arena);
	buffer_fini(&in->net.input);
	buffer_fini(&in->net.output);
	buffer_fini(&in->received.tsdu);
	buffer_fini(&in->scratch[0]);
	buffer_fini(&in->scratch[1]);
	buffer_fini(&in->data.join);
	free(in);
	a->internal = NULL;
	a->phase = ASSOCIATION_OVER;
}

/* keep_slice - copy a selector or OID into the association */
static int
keep_slice(struct association_internal *in, struct slice *slice)
{
	/* A bound for all of them, since their sum is kept with the association
	 * for its whole life. */
	if (slice->len > ASSOCIATION_SELECTOR_MAX)
		return ERR_VALUE;
	return arena_slice(&in->kept, *slice, slice);
}

/* keep_parameters - copy the caller's, with what they borrow */
static int
keep_parameters(struct association_internal *in,
    const struct association_parameters *parameters)
{
	struct association_parameters *p = &in->parameters;
	struct slice *slices[] = {&p->calling_tsel, &p->called_tsel,
	    &p->calling_ssel, &p->called_ssel, &p->calling_psel,
	    &p->called_psel, &p->application_context, &p->rtse_syntax,
	    &p->transfer_syntax, &p->further_syntax};
	int error;

	*p = *parameters;
	for (size_t i = 0; i < sizeof(slices) / sizeof(slices[0]); i++)
		if ((error = keep_slice(in, slices[i])) < 0)
			return error;
	/* The references are copied too: the caller's may be gone when an
	 * answer needs them. */
	if (p->recover != NULL) {
		in->opening.recover = *p->recover;
		p->recover = &in->opening.recover;
	}
	return 0;
}

/* check_parameters - refuse parameters that cannot be sent */
static int
check_parameters(const struct association_parameters *p)
{
	if (p->application_context.len == 0 || p->rtse_syntax.len == 0 ||
	    p->transfer_syntax.len == 0)
		return ERR_VALUE;
	if (p->window < 1 || p->window > ASSOCIATION_WINDOW_MAX)
		return ERR_VALUE;
	if (p->checkpoint_size > RTSE_CHECKPOINT_MAX)
		return ERR_VALUE;
	/* X.224 codes the size as a power of two. */
	if (p->tpdu_size != 0 &&
	    (p->tpdu_size < 128 || p->tpdu_size > 8192 ||
		(p->tpdu_size & (p->tpdu_size - 1)) != 0))
		return ERR_VALUE;
	/* Below that a segment would be header and little else. */
	if (p->tsdu_max != 0 && (p->tsdu_max < 64 || p->tsdu_max > 65535))
		return ERR_VALUE;
	/* In monologue the initiator alone sends, so the turn cannot begin
	 * elsewhere. */
	if (p->dialogue == ASSOCIATION_MONOLOGUE &&
	    p->turn != ASSOCIATION_INITIATOR)
		return ERR_VALUE;
	return 0;
}

/* association_prepare - set descriptor, parameters and clock, for either
 * role */
int
association_prepare(struct association *a, int fd,
    const struct association_parameters *parameters, enum association_role role)
{
	struct association_internal *in = a->internal;
	int flags, error, on = 1;

	if (in == NULL || a->phase != ASSOCIATION_IDLE)
		return ERR_STATE;
	if ((error = check_parameters(parameters)) < 0)
		return error;
	if ((error = keep_parameters(in, parameters)) < 0)
		return error;
	in->net.fd = fd;
	in->awaited.layer = ASSOCIATION_LAYER_NETWORK;
	in->awaited.what = "the peer";
	in->opening.begin = clock_monotonic();
	in->opening.deadline = clock_after(parameters->open_timeout);
	/* Until a size is agreed the peer's answer decides. */
	in->agreed.dt_max = 128 - COTP_DATA_HEADER;
	a->role = role;
	a->mode = parameters->mode;
	a->dialogue = parameters->dialogue;
	/* From here on a failure has a layer and a text, which the caller
	 * reads. */
	a->phase = ASSOCIATION_OPENING;
	if ((flags = fcntl(fd, F_GETFL)) < 0 ||
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return association_over(a,
		    ASSOCIATION_ENDING(ERR_IO, ASSOCIATION_LOST,
			ASSOCIATION_LAYER_NETWORK, errno),
		    "network: cannot be made non-blocking: %s",
		    strerror(errno));
	/* A socketpair has no Nagle to turn off. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return 0;
}

/* association_step - tell who asked that a layer is through */
void
association_step(struct association *a, enum association_layer layer)
{
	struct association_internal *in = a->internal;

	if (in->parameters.step != NULL)
		in->parameters.step(in->parameters.step_arg, layer,
		    (uint32_t)(clock_monotonic() - in->opening.begin));
}

/* association_is - check that the phase is in a mask of 1 << phase, else
 * ERR_STATE */
int
association_is(const struct association *a, unsigned phases)
{
	if (a->internal == NULL || !(phases & 1U << a->phase))
		return ERR_STATE;
	return 0;
}
