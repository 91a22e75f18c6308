/* SPDX-License-Identifier: ISC */
/*
 * relay.c - one figure of how fast a suite relays; see relay.h
 */
#include "tests/bench/relay.h"

#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define SERVICES    5
#define PIDS_MAX    1024
#define BUDGET_OSI  50 /* us of CPU per worker and message */
#define BUDGET_QMGR 20

static const char *const services[SERVICES] = {"fourpost-master",
    "fourpost-qmgr", "fourpost-x400in", "fourpost-x400out", "fourpost-msmi"};

/* What one process was seen to have used. */
struct seen {
	pid_t pid;
	unsigned service;
	uint64_t cpu_ns;
	uint64_t rss_anon;
};

struct usage {
	struct seen seen[PIDS_MAX];
	size_t count;
};

/* cpu_ns - read how much CPU a process has used; 0 if it is gone */
static uint64_t
cpu_ns(pid_t pid)
{
	char path[64];
	uint64_t ns = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	if (fscanf(file, "%" SCNu64, &ns) != 1)
		ns = 0;
	fclose(file);
	return ns;
}

/* service_of - find which service a child of master is; SERVICES for none */
static unsigned
service_of(pid_t master, pid_t pid)
{
	char path[64], *text, *name, *end;
	unsigned s = SERVICES;
	int parent;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	text = suite_read_proc(path);
	if (text == NULL)
		return SERVICES;
	name = strchr(text, '(');
	end = strrchr(text, ')');
	if (name != NULL && end != NULL &&
	    sscanf(end, ") %*c %d", &parent) == 1 &&
	    (pid == master || parent == master))
		for (s = 0; s < SERVICES; s++)
			/* The kernel cuts names at 15 octets. */
			if (strncmp(name + 1, services[s],
				(size_t)(end - name - 1)) == 0)
				break;
	free(text);
	return s;
}

/* note - remember the latest figures of a process */
static void
note(struct usage *usage, pid_t pid, unsigned service)
{
	struct seen *seen = NULL;
	uint64_t ns = cpu_ns(pid), rss = suite_rss_anon(pid);

	for (size_t i = 0; i < usage->count; i++)
		if (usage->seen[i].pid == pid)
			seen = &usage->seen[i];
	if (seen == NULL) {
		if (usage->count == PIDS_MAX)
			return;
		seen = &usage->seen[usage->count++];
		*seen = (struct seen){.pid = pid, .service = service};
	}
	if (ns > seen->cpu_ns)
		seen->cpu_ns = ns;
	if (rss > seen->rss_anon)
		seen->rss_anon = rss;
}

/* sample - measure all processes of the suite as they are now */
static void
sample(struct usage *usage, pid_t master)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;

	ck_assert_ptr_nonnull(proc);
	while ((entry = readdir(proc)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		unsigned service = pid > 1 ? service_of(master, pid) : SERVICES;

		if (service < SERVICES)
			note(usage, pid, service);
	}
	closedir(proc);
}

/* relay_disk - measure how many times a second the disk makes 4 KB durable */
double
relay_disk(void)
{
	char path[SUITE_PATH + 8], page[4096] = {0};
	double begun;
	int fd, n = 0;

	snprintf(path, sizeof(path), "%s/disk", suite_directory());
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_ne(fd, -1);
	begun = suite_now();
	while (suite_now() - begun < 0.5) {
		ck_assert_int_eq(
		    pwrite(fd, page, sizeof(page), n++ % 64 * 4096),
		    sizeof(page));
		ck_assert_int_eq(fdatasync(fd), 0);
	}
	close(fd);
	return n / (suite_now() - begun);
}

/* print_usage - print CPU per message and memory of each service */
static void
print_usage(const struct usage *usage, uint64_t messages)
{
	for (unsigned s = 0; s < SERVICES; s++) {
		uint64_t ns = 0, rss = 0;
		unsigned processes = 0;
		double us;

		for (size_t i = 0; i < usage->count; i++)
			if (usage->seen[i].service == s) {
				processes++;
				ns += usage->seen[i].cpu_ns;
				if (usage->seen[i].rss_anon > rss)
					rss = usage->seen[i].rss_anon;
			}
		if (processes == 0)
			continue;
		us = (double)ns / 1e3 / (double)messages;
		printf("    %-16s x%-3u %8.1f us CPU/message", services[s],
		    processes, us);
		if (s == 1)
			printf(" (budget %d)", BUDGET_QMGR);
		else if (s == 2 || s == 3)
			printf(" (budget %d)", BUDGET_OSI);
		printf("   RssAnon at most %.1f MB\n", (double)rss / 1e6);
	}
}

/* watch_flushes - have the flushes of the queue manager counted, and take
 * longer if they are to */
static void
watch_flushes(const struct relay *relay)
{
	char path[SUITE_PATH + 32], ms[16];
	uint64_t none = 0;

	snprintf(path, sizeof(path), "%s/flushes", suite_directory());
	suite_write(path, &none, sizeof(none));
	suite_give(path);
	setenv("SLOW_DISK_COUNT", path, 1);
	snprintf(path, sizeof(path), "%s/peers/slow_disk.so", suite_build());
	setenv("LD_PRELOAD", path, 1);
	setenv("SLOW_DISK_PROGRAM", "fourpost-qmgr", 1);
	snprintf(ms, sizeof(ms), "%u", relay->flush_ms);
	setenv("SLOW_DISK_MS", ms, 1);
}

/* flushes - read how many flushes there were */
static uint64_t
flushes(void)
{
	char path[SUITE_PATH + 32], *octets;
	uint64_t count = 0;
	size_t length;

	snprintf(path, sizeof(path), "%s/flushes", suite_directory());
	octets = suite_read(path, &length);
	if (length >= sizeof(count))
		memcpy(&count, octets, sizeof(count));
	free(octets);
	return count;
}

/* start_suite - start a suite between the source and a sink */
static void
start_suite(struct suite *suite, const struct relay *relay, uint16_t sink_port)
{
	char sections[2048];

	snprintf(sections, sizeof(sections),
	    "link \"source\" { remote-mta = \"SOURCE\" "
	    "incoming-associations = 1000 "
	    "remote-password = \"s\" address = {\"127.0.0.1:1\"} "
	    "address-space = {\"C=XX;A=LOAD\"} schedule = \"never\" }\n"
	    "link \"sink\" { remote-mta = \"SINK\" remote-password = \"s\" "
	    "address = {\"127.0.0.1:%u\"} address-space = {\"C=YY\"} "
	    "associations = %u threshold = %u }\n",
	    sink_port, relay->associations, relay->threshold);
	suite_configure(suite, "bench", "C=XX;A=TEST;P=BENCH", "", sections);
	watch_flushes(relay);
	suite_start(suite);
	unsetenv("LD_PRELOAD");
}

/* start_source - start the source of a figure */
static pid_t
start_source(const struct suite *suite, const struct relay *relay)
{
	char output[SUITE_PATH], address[32], count[16], size[16], total[16],
	    rate[16];

	snprintf(output, sizeof(output), "%s/source", suite_directory());
	snprintf(address, sizeof(address), "127.0.0.1:%u", suite->port);
	snprintf(count, sizeof(count), "%u", relay->associations);
	snprintf(size, sizeof(size), "%u", relay->octets);
	snprintf(total, sizeof(total), "%u", relay->messages);
	snprintf(rate, sizeof(rate), "%u", relay->rate);
	return suite_spawn(output, "peers/x4source", "-a", address, "-n",
	    "SOURCE", "-w", "s", "-f", "C=XX;A=LOAD;S=Source", "-t",
	    "C=YY;A=SINK;S=Sink", "-A", count, "-m", total, "-s", size, "-r",
	    rate, NULL);
}

/* cpu_of - add up the CPU that the processes of a service have used: us */
static double
cpu_of(const struct usage *usage, unsigned service)
{
	uint64_t ns = 0;

	for (size_t i = 0; i < usage->count; i++)
		if (usage->seen[i].service == service)
			ns += usage->seen[i].cpu_ns;
	return (double)ns / 1e3;
}

/* print_figures - print what the sink saw, and what each message cost */
static struct relay_result
print_figures(const struct relay *relay, const char *sink_out, uint64_t flushed,
    const struct usage *usage)
{
	double seconds = load_real(sink_out, " seconds=");
	const struct relay_result result = {.rate = relay->messages / seconds,
	    .median = load_real(sink_out, " latency_median_ms="),
	    .flushes = (double)flushed / relay->messages,
	    .commit_us =
		flushed == 0 ? 0 : cpu_of(usage, 1) / (double)flushed * 2};

	ck_assert_uint_eq(load_figure(sink_out, "messages"), relay->messages);
	printf("%2u associations, %7u octets, +%u ms a flush: %7.0f msg/s, "
	       "%6.1f MB/s, latency %.2f / %.2f ms, %.2f commits and %.2f "
	       "flushes a message, %.0f us of qmgr a commit\n",
	    relay->associations, relay->octets, relay->flush_ms, result.rate,
	    (double)relay->messages * relay->octets / seconds / 1e6,
	    result.median, load_real(sink_out, " latency_p99_ms="),
	    result.flushes / 2, result.flushes, result.commit_us);
	print_usage(usage, relay->messages);
	return result;
}

struct relay_result
relay_run(const struct relay *relay)
{
	static struct usage usage;
	struct suite suite = {0};
	char sink_out[SUITE_PATH];
	pid_t sink, source, master;
	uint64_t before;
	int status;

	usage = (struct usage){0};
	snprintf(sink_out, sizeof(sink_out), "%s/sink", suite_directory());
	sink = suite_spawn(
	    sink_out, "peers/x4sink", "-n", "SINK", "-w", "s", NULL);
	start_suite(&suite, relay, suite_port_of(sink_out));
	master = suite_pid(&suite, "master");
	before = flushes();
	source = start_source(&suite, relay);
	while (waitpid(source, &status, WNOHANG) == 0) {
		sample(&usage, master);
		usleep(50000);
	}
	ck_assert_int_eq(status, 0);
	suite_wait_empty(&suite, 120);
	sample(&usage, master);
	before = flushes() - before;
	suite_stop(&suite);
	ck_assert_int_eq(suite_reap(sink), 0);
	suite_shell(NULL, "rm -rf '%s'", suite.directory);
	return print_figures(relay, sink_out, before, &usage);
}
