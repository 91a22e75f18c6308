/* SPDX-License-Identifier: ISC */
/*
 * peer.c - what the load source and the sink share; see peer.h
 */
#include "tests/peers/peer.h"

#include <sys/mman.h>

#include <arpa/inet.h>
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mhs/bind.h"
#include "tests/parameters.h"

#define TIME_LIMIT 120000 /* ms */

/* peer_now_ns - read CLOCK_MONOTONIC */
uint64_t
peer_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* peer_figures_new - make figures, zeroed and shared with children */
struct peer_figures *
peer_figures_new(void)
{
	struct peer_figures *figures =
	    mmap(NULL, sizeof(*figures), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (figures == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	return figures;
}

/* peer_figures_note - count a message */
void
peer_figures_note(
    struct peer_figures *figures, uint64_t octets, uint64_t sent_ns)
{
	uint64_t now = peer_now_ns();
	uint_fast64_t none = 0;

	atomic_compare_exchange_strong(&figures->first_ns, &none, now);
	atomic_store(&figures->last_ns, now);
	atomic_fetch_add(&figures->messages, 1);
	atomic_fetch_add(&figures->octets, octets);
	if (sent_ns != 0 && sent_ns <= now) {
		uint_fast32_t at = atomic_fetch_add(&figures->latency_count, 1);

		if (at < PEER_LATENCIES)
			figures->latency_us[at] =
			    (uint32_t)((now - sent_ns) / 1000);
	}
}

/* compare_u32 - compare two numbers, for qsort */
static int
compare_u32(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* peer_figures_print - print the figures in one line */
void
peer_figures_print(struct peer_figures *figures, const char *of)
{
	uint_fast32_t n = atomic_load(&figures->latency_count);
	double seconds = (double)(atomic_load(&figures->last_ns) -
			     atomic_load(&figures->first_ns)) /
	    1e9;

	if (n > PEER_LATENCIES)
		n = PEER_LATENCIES;
	printf("%smessages=%" PRIuFAST64 " %soctets=%" PRIuFAST64
	       " %sfailures=%" PRIuFAST64 " %sseconds=%.3f"
	       " %sconnections=%" PRIuFAST64 " %sduplicates=%" PRIuFAST64,
	    of, atomic_load(&figures->messages), of,
	    atomic_load(&figures->octets), of, atomic_load(&figures->failures),
	    of, seconds, of, atomic_load(&figures->connections), of,
	    atomic_load(&figures->duplicates));
	if (n > 0) {
		qsort(figures->latency_us, n, sizeof(uint32_t), compare_u32);
		printf(" %slatency_median_ms=%.3f %slatency_p99_ms=%.3f", of,
		    figures->latency_us[n / 2] / 1e3, of,
		    figures->latency_us[n * 99 / 100] / 1e3);
	}
	printf("\n");
	fflush(stdout);
}

/* peer_sleep_ns - sleep for so long */
void
peer_sleep_ns(uint64_t ns)
{
	struct timespec wait = {.tv_sec = (time_t)(ns / 1000000000U),
	    .tv_nsec = (long)(ns % 1000000000U)};

	nanosleep(&wait, NULL);
}

/* peer_number - read an option's number, or exit with a message */
uint64_t
peer_number(const char *option, const char *text, uint64_t max)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (*text == '\0' || *end != '\0' || value > max)
		errx(EXIT_FAILURE, "%s: not a number up to %" PRIu64, option,
		    max);
	return value;
}

/* peer_priority - find a priority by its name */
enum p1_priority
peer_priority(const char *text)
{
	for (int p = P1_NORMAL; p <= P1_URGENT; p++)
		if (strcmp(p1_priority_name((enum p1_priority)p), text) == 0)
			return (enum p1_priority)p;
	errx(EXIT_FAILURE, "-P: %s", text);
}

/* peer_address - parse "127.0.0.1:1234" */
struct sockaddr_in
peer_address(const char *text)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	char host[INET_ADDRSTRLEN];
	const char *colon = strrchr(text, ':');

	if (colon == NULL || (size_t)(colon - text) >= sizeof(host))
		errx(EXIT_FAILURE, "%s: ADDRESS:PORT expected", text);
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	address.sin_port =
	    htons((uint16_t)peer_number("port", colon + 1, 65535));
	if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
		errx(EXIT_FAILURE, "%s: not an address", text);
	return address;
}

/* peer_loopback - make the address of 127.0.0.1 and a port */
struct sockaddr_in
peer_loopback(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons(port)};
}

/* peer_listen - listen at an address */
int
peer_listen(struct sockaddr_in *address)
{
	socklen_t length = sizeof(*address);
	int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(fd, (struct sockaddr *)address, length) != 0 ||
	    listen(fd, 256) != 0 ||
	    getsockname(fd, (struct sockaddr *)address, &length) != 0)
		err(EXIT_FAILURE, "listen");
	return fd;
}

/* peer_parameters - set P1 in 1988 normal mode */
struct association_parameters
peer_parameters(unsigned checkpoint, unsigned window)
{
	return parameters_p1(checkpoint, window, TIME_LIMIT);
}

/* peer_bind - write an MTABindArgument or Result with this name and password */
struct slice
peer_bind(const char *name, const char *password)
{
	static struct buffer encoded;
	const struct mta_bind bind = {
	    .credentials = BIND_SIMPLE,
	    .name = slice_of_string(name),
	    .password = slice_of_string(password),
	    .form = BIND_OCTET_STRING,
	};

	buffer_fini(&encoded);
	buffer_init(&encoded, BIND_OCTETS_MAX);
	if (mta_bind_encode(&bind, BIND_BARE, &encoded) != 0)
		errx(EXIT_FAILURE, "name or password too long");
	return buffer_slice(&encoded);
}
