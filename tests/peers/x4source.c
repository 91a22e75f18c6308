/* SPDX-License-Identifier: ISC */
/*
 * x4source.c - a load source: many associations, many messages
 *
 *	x4source -a ADDRESS:PORT -f FROM -t TO [-n NAME] [-w PASSWORD]
 *	    [-A ASSOCIATIONS] [-m MESSAGES] [-s OCTETS] [-r PER-SECOND]
 *	    [-P urgent|normal|non-urgent] [-o FILE] [-c K] [-W WINDOW] [-u TAG]
 *	    [-R RETRIES] [-I MS] [-L MS] [-M MISHAP]... [-T MS]
 *	    [-X critical|other] [-D FILE] [-E MESSAGES] [-i MS] [-B]
 *	    [-N RECIPIENTS] [-p]
 *
 * MESSAGES are shared out among the associations, each a process.  Every
 * message has an MTS identifier of its own and a content of its own, of type
 * unidentified, that begins with "@NS " where NS is when it was sent; with -p
 * an interpersonal message (P2) with a text that does.  With
 * -o each confirmed message is a line: MTS-ID <tab> OCTETS <tab> HASH, as
 * x4sink writes them.  At the end it prints its figures; exit 1 if a message
 * was not confirmed.
 *
 * An association that is refused or lost is a failure.  With -R so many more
 * are tried in all, -I milliseconds (100) apart; a message that was not
 * confirmed is sent again, the same octets.  With -M it misbehaves; see
 * mishap.h for how.  Several are done in turn, one a connection.  -T:
 * milliseconds an octet of "trickle", 1000.  -L: how long it waits for an
 * answer, 120000.  -X: a private extension that nobody knows goes along,
 * critical for transfer or not.  -N: recipients of each message, whose names
 * have their numbers.  -B: each connection comes
 * from another address of loopback.
 *
 * With -D two-way alternate dialogue is asked for, and what comes is noted in
 * FILE, as x4sink -d does.  When all is sent it stays until -E MESSAGES have
 * come, or, without -E, for -i milliseconds (1000) without any.  The figures
 * of what came are a second line, each name with "taken-" before it.
 *
 * At SIGUSR1 it ends as if all that was sent by then were MESSAGES.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/peers/gate.h"
#include "tests/peers/source.h"

static struct peer_figures *sent;

/* on_enough - have the associations send no further message */
static void
on_enough(int signal_number)
{
	(void)signal_number;
	atomic_store(&sent->enough, true);
}

/* note_in - prepare two-way alternate dialogue, and where to note what comes */
static void
note_in(struct source *source, const char *path)
{
	source->two_way = true;
	source->takes = (struct taker_plan){
	    .figures = peer_figures_new(), .memory = taker_memory_new()};
	source->takes.output =
	    open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (source->takes.output == -1)
		err(EXIT_FAILURE, "%s", path);
	taker_memory_load(&source->takes, path);
}

/* message_option - take an option about the messages; false if it is none */
static bool
message_option(struct sender_plan *sends, int option)
{
	switch (option) {
	case 'f':
		sends->from = optarg;
		break;
	case 't':
		sends->to = optarg;
		break;
	case 'N':
		sends->recipients = peer_number("-N", optarg, 1U << 20);
		break;
	case 'A':
		sends->shares = (unsigned)peer_number("-A", optarg, 1000);
		break;
	case 'm':
		sends->messages = peer_number("-m", optarg, 1U << 30);
		break;
	case 's':
		sends->octets = peer_number("-s", optarg, 1U << 31);
		break;
	case 'r':
		sends->rate = peer_number("-r", optarg, 1U << 20);
		break;
	case 'P':
		sends->priority = peer_priority(optarg);
		break;
	case 'o':
		sends->output = open(
		    optarg, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		break;
	case 'u':
		sends->tag = optarg;
		break;
	case 'p':
		sends->ipm = true;
		break;
	case 'X':
		sends->private = true;
		sends->critical = strcmp(optarg, "critical") == 0;
		break;
	default:
		return false;
	}
	return true;
}

/* options - read the command line */
static void
options(struct source *source, int argc, char **argv)
{
	int option;

	while (
	    (option = getopt(argc, argv,
		 "a:f:t:n:w:A:m:s:r:P:o:c:W:u:R:I:L:M:T:X:D:E:i:BN:p")) != -1)
		switch (option) {
		case 'a':
			source->address = peer_address(optarg);
			break;
		case 'n':
			source->name = optarg;
			break;
		case 'B':
			source->roams = true;
			break;
		case 'w':
			source->password = optarg;
			break;
		case 'c':
			source->checkpoint =
			    (unsigned)peer_number("-c", optarg, 1 << 20);
			break;
		case 'W':
			source->window = (unsigned)peer_number(
			    "-W", optarg, ASSOCIATION_WINDOW_MAX);
			break;
		case 'R':
			source->retries = peer_number("-R", optarg, 1U << 30);
			break;
		case 'I':
			source->retry_ms =
			    (unsigned)peer_number("-I", optarg, 1 << 20);
			break;
		case 'L':
			source->patience_ms =
			    (uint32_t)peer_number("-L", optarg, UINT32_MAX);
			break;
		case 'M':
			mishap_add(&source->mishaps, optarg);
			break;
		case 'D':
			note_in(source, optarg);
			break;
		case 'E':
			source->expected = peer_number("-E", optarg, 1U << 30);
			break;
		case 'i':
			source->idle_ms =
			    (uint32_t)peer_number("-i", optarg, UINT32_MAX);
			break;
		case 'T':
			source->trickle_ms =
			    (unsigned)peer_number("-T", optarg, 1 << 20);
			break;
		default:
			if (!message_option(&source->sends, option))
				exit(EXIT_FAILURE);
		}
	if (source->address.sin_port == 0 || source->sends.from == NULL ||
	    source->sends.to == NULL || source->sends.shares == 0)
		errx(EXIT_FAILURE, "-a, -f and -t are needed");
}

int
main(int argc, char **argv)
{
	static char tag[24];
	struct source source = {.name = "SOURCE",
	    .password = "",
	    .sends = {.tag = tag,
		.shares = 1,
		.messages = 1,
		.octets = 2048,
		.begun = time(NULL),
		.output = -1},
	    .idle_ms = 1000,
	    .checkpoint = 30,
	    .window = 5,
	    .trickle_ms = GATE_TRICKLE_MS,
	    .retry_ms = 100,
	    .patience_ms = 120000};
	const struct sigaction enough = {
	    .sa_handler = on_enough, .sa_flags = SA_RESTART};
	int status, failed = 0;

	snprintf(tag, sizeof(tag), "%x-%x-", (unsigned)time(NULL),
	    (unsigned)getpid());
	signal(SIGPIPE, SIG_IGN);
	options(&source, argc, argv);
	source.sends.figures = sent = peer_figures_new();
	sigaction(SIGUSR1, &enough, NULL);
	if (source.mishaps.count > 0)
		setpgid(0, 0);
	for (unsigned i = 0; i < source.sends.shares; i++)
		switch (fork()) {
		case -1:
			err(EXIT_FAILURE, "fork");
		case 0:
			/* of gates nobody waits for */
			signal(SIGCHLD, SIG_IGN);
			exit(source_run(&source, i));
		default:
			break;
		}
	while (wait(&status) > 0)
		if (status != 0)
			failed = 1;
	peer_figures_print(source.sends.figures, "");
	if (source.two_way)
		peer_figures_print(source.takes.figures, "taken-");
	/* the gates that hold a connection still */
	signal(SIGTERM, SIG_IGN);
	if (source.mishaps.count > 0)
		kill(0, SIGTERM);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
