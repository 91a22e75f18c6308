/* SPDX-License-Identifier: ISC */
/*
 * association_internal.h - what the files of the association share
 *
 *	association.c		   life, parameters, names
 *	association_failure.c	   the reason why it is over, noted
 *	association_io.c	   the descriptor: fill, write, wait
 *	association_tls.c	   octets in and out through TLS
 *	association_secure.c	   the handshake of TLS
 *	association_transport.c	   TSDUs in and out, the next thing the peer says
 *	association_end.c	   aborts, both ways
 *	association_open.c	   the initiator's establishment
 *	association_refused.c	   the peer's refusal of it
 *	association_listen.c	   the responder's, up to the indication
 *	association_accept.c	   and its answers
 *	association_activity.c	   the sender's activity, from outside
 *	association_send.c	   and within
 *	association_data.c	   P-DATA that arrives, without holding it
 *	association_receive.c	   the receiver's events
 *	association_confirm.c	   and its answers
 *	association_resume.c	   a receiver that goes on
 *	association_turn.c	   two-way alternate
 *	association_close.c	   release
 *	association_x410.c	   what X.410 mode says otherwise
 *
 * Nothing outside these files includes this.
 */
#ifndef FOURPOST_OSI_ASSOCIATION_INTERNAL_H
#define FOURPOST_OSI_ASSOCIATION_INTERNAL_H

#include <stdarg.h>
#include <sys/types.h>

#include "base/arena.h"
#include "ber/stream.h"
#include "osi/acse.h"
#include "osi/association.h"
#include "osi/cotp.h"
#include "osi/external.h"
#include "osi/presentation.h"
#include "osi/rtse.h"
#include "osi/session.h"
#include "osi/tpkt.h"

/* So many octets wait before they are written. */
#define ASSOCIATION_FLUSH_AT ((size_t)64 * 1024)

/* A piece up to this is written whole or not at all, so that what breaks off
 * a transfer can follow it. */
#define ASSOCIATION_PIECE_MAX ((size_t)128 * 1024)

/* An empty DT ends a TSDU that cannot be completed. */
#define ASSOCIATION_EMPTY_DT "\x03\x00\x00\x07\x02\xf0\x80"

/* Something that the peer said, above transport. */
enum association_item_kind {
	ITEM_PDU,
	ITEM_DATA
};

struct association_item {
	enum association_item_kind kind;
	struct session_pdu pdu;
	struct slice data; /* of the user information of a DT */
	bool begin, end;   /* of the session service data unit */
};

enum tsdu_state {
	TSDU_NONE,   /* the next DT begins one */
	TSDU_GATHER, /* in tsdu, not known to be data */
	TSDU_DATA,   /* data, handed out as it comes */
};

/* The state of a direction within an activity. */
enum sender_state {
	SENDER_IDLE,
	SENDER_DATA,	 /* pieces and checkpoints */
	SENDER_END,	 /* AE is out, AEA awaited */
	SENDER_EXCEPTED, /* ED came */
	SENDER_LEAVING,	 /* AI or AD is out */
};

enum receiver_state {
	RECEIVER_IDLE,
	RECEIVER_DATA,
	RECEIVER_END,	   /* AE came, AEA is due */
	RECEIVER_EXCEPTED, /* ED is out */
	RECEIVER_RESUMED,  /* AR came, the caller is asked */
	RECEIVER_REPEATED, /* it had been completed: passed over */
	RECEIVER_DISCARD,  /* AD came where AEA was due; the caller is asked */
};

struct association_sender {
	enum sender_state state;
	uint64_t deadline; /* of the transfer */
	uint64_t length;   /* of the APDU */
	uint64_t unit;	   /* octets of a piece; 0: all in one */
	/* Where it began here: after which checkpoint, with which octet of
	 * the APDU, and with how many octets before it. */
	uint32_t base_serial;
	uint64_t base_offset;
	size_t prefix_len;
	uint64_t apdu_left;  /* the caller still owes */
	uint64_t total_left; /* of the EXTERNAL, not in pieces yet */
	uint64_t piece_left;
	bool minor_due;	 /* a MIP stands before the next piece */
	uint32_t serial; /* of the last MIP, or of the AE */
	bool end_sent;	 /* the AE is out */
	bool ended;	 /* AEA came */
	bool left;	 /* AIA or ADA came */
};

/* P-DATA that arrives: where in it we are. */
struct association_data {
	struct ber_stream stream;
	uint32_t context;
	unsigned context_len; /* octets of it so far */
	bool context_known;
	bool value_begun, value_ended; /* the RTTR */
	struct slice run;   /* the first run of octets of this chunk */
	struct buffer join; /* when there are more */
	const char *wrong;  /* static; why the callback refused */
	enum association_layer wrong_layer;
};

/* Checkpoints, one after another, of pieces that are equally long. */
struct association_run {
	uint32_t len;
	uint32_t count;
};

#define ASSOCIATION_RUNS 4

struct association_receiver {
	enum receiver_state state;
	uint32_t serial;    /* of the last MIP or the AE */
	uint32_t confirmed; /* of the last MIA */
	struct external external;
	struct slice pending[2]; /* octets to hand out */

	/*
	 * In octets of the EXTERNAL, as the sender counts: what arrived, and
	 * how much of that the last checkpoint covers.  What comes next is
	 * passed over while skip is not 0: external has had it before.
	 */
	uint64_t position, mark, skip;
	uint64_t offset; /* of the APDU, handed out or pending */
	bool marked;	 /* the event just given was a checkpoint */
	bool completed;	 /* the last activity was, and no other began */
	/* Where the checkpoints before the last one stood, last one first. */
	struct association_run run[ASSOCIATION_RUNS];
	struct session_references old_references; /* of an AR */
};

/* The descriptor, and the octets between it and the transport layer. */
struct association_net {
	struct association_io io;
	int fd;
	struct buffer input, output;
	size_t consume; /* of input, before it is looked at again */
	size_t held;	/* at output's end: not to be written yet */
	bool drained;	/* the last read took all there was */
	bool eof;
	struct tls_stream *tls; /* owned; NULL: not spoken, or not yet */
	bool tls_done;		/* its handshake */
};

/* A request until it is answered: needed by neither side afterwards. */
struct association_opening {
	uint64_t begin, deadline;
	struct presentation_connect connect; /* CP: as responder */
	struct session_pdu cn; /* as responder; slices until the answer */
	struct session_references recover; /* of the one to recover */
	bool recovering; /* as responder: a recovery was asked for */
	unsigned checkpoint, window; /* proposed */
};

/* Numbers that both sides agreed upon, layer by layer. */
struct association_agreed {
	uint16_t local_ref, remote_ref;
	bool connected;	 /* transport */
	size_t dt_max;	 /* octets of user data in a DT of ours */
	uint8_t version; /* of session */
	size_t segment;	 /* session segments: octets of a TSDU; 0: none */
	uint32_t acse_id, rtse_id, transfer_id; /* presentation contexts */
	uint32_t further_id;			/* 0: not agreed */
};

/* The TSDU that arrives. */
struct association_received {
	enum tsdu_state state;
	struct buffer tsdu;
	bool ssdu_open; /* segments of one SSDU are still to come */
	uint8_t enclosure;
	bool first;
};

/* When the first octets of a TSDU may be written. */
enum sent_when {
	SENT_IN_PARTS, /* as soon as one of its TPKTs is complete */
	SENT_WHOLE     /* when all of it is: until then it can be withdrawn */
};

/* The TSDU that is written in parts. */
struct association_sent {
	uint64_t ssdu_left; /* of the session service data unit */
	uint64_t tsdu_left;
	size_t dt_left;
	bool whole; /* hold it back until all of it is there */
	bool begun; /* else: part of the TSDU is on its way */
};

/* The answer that the peer owes, for when it does not come. */
struct association_awaited {
	enum association_layer layer;
	const char *what; /* static */
};

struct association_internal {
	struct association_parameters parameters;
	struct arena kept;	  /* of what parameters borrows from */
	struct arena arena;	  /* of the PDU decoded last */
	struct buffer scratch[2]; /* to put PDUs together */
	struct diag diag;
	struct association_net net;
	struct association_opening opening;
	struct association_agreed agreed;
	struct association_awaited awaited;
	struct association_received received;
	struct association_sent sent;
	struct association_sender sender;
	struct association_receiver receiver;
	struct association_data data;
	bool turn_news; /* turn_wanted, as an event */
};

/* How an association ends; code is for the caller of the library. */
struct association_ending {
	int code;
	enum association_end end;
	enum association_layer layer;
	int reason; /* the code as that layer has it; -1: none */
};

#define ASSOCIATION_ENDING(code, end, layer, reason) \
	((struct association_ending){code, end, layer, reason})

/* association.c */
int association_prepare(struct association *a, int fd,
    const struct association_parameters *parameters,
    enum association_role role) WARN_UNUSED;
void association_step(struct association *a, enum association_layer layer);
int association_is(const struct association *a, unsigned phases) WARN_UNUSED;

/* association_failure.c: the first end that is noted stays */
int
association_note_ending(struct association *a, struct association_ending ending,
    const char *fmt, va_list args) PRINTF_LIKE(3, 0);
int association_over(struct association *a, struct association_ending ending,
    const char *fmt, ...) PRINTF_LIKE(3, 4);
void association_awaits(
    struct association *a, enum association_layer layer, const char *what);

/* association_io.c */
int association_lost(struct association *a) WARN_UNUSED;
int association_fill(struct association *a) WARN_UNUSED;  /* octets, 0: none
							     there */
int association_write(struct association *a) WARN_UNUSED; /* 0: all, 1: not */
int association_wait(
    struct association *a, short events, uint64_t deadline) WARN_UNUSED;
bool association_unwritten(const struct association *a);
void association_drain(struct association *a, uint64_t deadline);

/* association_secure.c */
int association_secure(struct association *a) WARN_UNUSED;

/* association_tls.c: reading and writing as recv(2) and send(2), with errno */
ssize_t association_tls_read(struct association *a, uint8_t *at, size_t room);
ssize_t association_tls_write(struct association *a, struct slice octets);
bool association_tls_buffered(const struct association *a);
int association_tls_lost(struct association *a) WARN_UNUSED;

/* association_transport.c */
int association_flush(struct association *a, uint64_t deadline) WARN_UNUSED;
int association_tpdu(struct association *a, struct cotp_tpdu *tpdu) WARN_UNUSED;
int association_await_tpdu(struct association *a, struct cotp_tpdu *tpdu,
    uint64_t deadline) WARN_UNUSED;
int association_input(
    struct association *a, struct association_item *item) WARN_UNUSED;
int association_await(struct association *a, struct association_item *item,
    uint64_t deadline) WARN_UNUSED;
int association_put_tpdu(
    struct association *a, const struct cotp_tpdu *tpdu) WARN_UNUSED;
int association_put_tsdu(struct association *a, struct slice tsdu) WARN_UNUSED;
int association_put_pdu(
    struct association *a, const struct session_pdu *pdu) WARN_UNUSED;
void association_begin_ssdu(
    struct association *a, uint64_t len, enum sent_when when);
int
association_put_ssdu(struct association *a, struct slice octets) WARN_UNUSED;

/* association_refused_by_peer - end by a refusal of the peer.  ERR_REFUSED */
#define association_refused_by_peer(a, layer, reason, ...)                    \
	association_over((a),                                                 \
	    ASSOCIATION_ENDING(                                               \
		ERR_REFUSED, ASSOCIATION_REFUSED_BY_PEER, (layer), (reason)), \
	    __VA_ARGS__)

/* association_refused.c: take an RF, with whatever reasons are in it, then send
 * our DR.  ERR_REFUSED */
int association_take_refuse(
    struct association *a, const struct session_pdu *rf) WARN_UNUSED;

/* association_end.c */
int association_violation(struct association *a, enum association_layer layer,
    const char *fmt, ...) PRINTF_LIKE(3, 4);
int association_abort_with(struct association *a, int code,
    enum association_layer layer, enum association_abort_reason reason,
    const char *fmt, ...) PRINTF_LIKE(5, 6);
int association_decode_failed(
    struct association *a, enum association_layer layer, int error) WARN_UNUSED;
int association_failed(struct association *a, int error) WARN_UNUSED;
int association_aborted(
    struct association *a, const struct session_pdu *pdu) WARN_UNUSED;
int association_disconnected(
    struct association *a, const struct cotp_tpdu *tpdu) WARN_UNUSED;
int association_withdraw(struct association *a) WARN_UNUSED;
void association_put_disconnect(struct association *a, uint8_t reason);
int association_unexpected(
    struct association *a, const struct association_item *item);

/* association_accept.c */
void association_put_refusal(
    struct association *a, enum session_refusal reason, struct slice user);
int association_acse_refuse(struct association *a, enum acse_result result,
    enum acse_source source, int diagnostic, struct slice value);
int association_reject(
    struct association *a, enum acse_result result, int bind_error);

/* association_data.c */
int association_data_push(struct association *a,
    const struct association_item *item, struct slice *octets) WARN_UNUSED;

/* association_send.c */
int association_send_hear(struct association *a, uint64_t deadline) WARN_UNUSED;
int
association_send_put(struct association *a, struct slice octets) WARN_UNUSED;

/* association_confirm.c: put an answer, write it if the network takes it */
int association_answer(
    struct association *a, const struct session_pdu *pdu) WARN_UNUSED;

/* association_resume.c */
void association_receiver_begin(struct association *a);
int association_receiver_mark(struct association *a) WARN_UNUSED;
int association_take_resume(struct association *a,
    const struct association_item *item,
    struct association_event *event) WARN_UNUSED;
uint32_t association_activity_number(struct slice identifier);

/*
 * association_x410.c: in X.410 mode RTSE's fields stand in the PPDUs without
 * ACSE, contexts or APDU tags, and data and requests for the turn are bare
 */
bool association_is_x410(const struct association *a);
int association_rtse_decode(struct association *a, struct slice octets,
    enum rtse_kind kind, struct rtse_apdu *apdu) WARN_UNUSED;
int association_x410_connect(struct association *a, struct rtse_apdu *apdu,
    struct slice bind, struct slice *ppdu) WARN_UNUSED;
int association_x410_protocol(struct association *a, int protocol) WARN_UNUSED;
int association_x410_refused(
    struct association *a, struct slice fields) WARN_UNUSED;
int association_x410_abort(struct association *a,
    enum association_abort_reason reason, struct slice *ppdu) WARN_UNUSED;

/* association_turn.c */
int association_take_please(
    struct association *a, const struct session_pdu *pdu) WARN_UNUSED;
int association_take_give(struct association *a,
    const struct association_item *item,
    struct association_event *event) WARN_UNUSED;
int association_take_given(
    struct association *a, const struct association_item *item) WARN_UNUSED;

#endif
