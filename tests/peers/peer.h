/* SPDX-License-Identifier: ISC */
/*
 * peer.h - what the load source and the sink share
 */
#ifndef FOURPOST_PEERS_PEER_H
#define FOURPOST_PEERS_PEER_H

#include <netinet/in.h>
#include <stdatomic.h>

#include "mhs/p1.h"
#include "osi/association.h"

/* The most latencies that are kept for the median. */
#define PEER_LATENCIES (1U << 20)

/* Shared by the processes of one peer, in an anonymous mapping. */
struct peer_figures {
	atomic_uint_fast64_t messages;
	atomic_uint_fast64_t octets;
	atomic_uint_fast64_t failures;
	atomic_uint_fast64_t connections; /* attempts, or what was accepted */
	atomic_uint_fast64_t duplicates;  /* messages that came again */
	atomic_uint_fast64_t died_ns;	  /* when one of its processes did */
	atomic_uint_fast64_t first_ns;	  /* of CLOCK_MONOTONIC */
	atomic_uint_fast64_t last_ns;
	atomic_bool enough; /* no further message is to be sent */
	atomic_uint_fast32_t latency_count;
	uint32_t latency_us[PEER_LATENCIES];
};

/* peer_figures_new - make figures, zeroed and shared with children */
struct peer_figures *peer_figures_new(void);

/* peer_figures_note - note a message of so many octets, sent at ns (0:
 * unknown) */
void peer_figures_note(
    struct peer_figures *figures, uint64_t octets, uint64_t sent_ns);

/* peer_figures_print - print one line "messages=… octets=… failures=… seconds=…
 * connections=… duplicates=… latency_median_ms=… latency_p99_ms=…", each name
 * with of before it */
void peer_figures_print(struct peer_figures *figures, const char *of);

/* peer_now_ns - read CLOCK_MONOTONIC, the same for all processes of a
 * machine */
uint64_t peer_now_ns(void);

/* peer_sleep_ns - sleep for so long */
void peer_sleep_ns(uint64_t ns);

/* peer_address - parse "127.0.0.1:1234"; exits with a message if it is not
 * one */
struct sockaddr_in peer_address(const char *text);

/* peer_loopback - make the address of 127.0.0.1 and a port, of which 0 is
 * any */
struct sockaddr_in peer_loopback(uint16_t port);

/* peer_listen - listen at an address; a port of 0 becomes a free one, noted
 * in it */
int peer_listen(struct sockaddr_in *address);

/* peer_number - read an option's number, or exit with a message */
uint64_t peer_number(const char *option, const char *text, uint64_t max);

/* peer_priority - find a priority by its name, or exit with a message */
enum p1_priority peer_priority(const char *text);

/* peer_parameters - set P1 in 1988 normal mode, patient time limits */
struct association_parameters
peer_parameters(unsigned checkpoint, unsigned window);

/* peer_bind - write an MTABindArgument or Result with this name and password */
struct slice peer_bind(const char *name, const char *password);

#endif
