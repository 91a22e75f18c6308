/* SPDX-License-Identifier: ISC */
/*
 * bench_test.c - figures: how fast a suite relays, and where the time goes
 *
 * x4source -> suite -> x4sink on loopback, durably, for several numbers of
 * associations each way and sizes of messages.  All is measured at the far
 * end; the CPU of each process is what the kernel counted.  Ratios and
 * figures are printed, nothing is asserted but that every message arrived.
 */
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/suite.h"
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

/* commit_rate - measure how many times a second the disk makes 4 KB durable */
static double
commit_rate(void)
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

/* run - measure one combination, from a fresh suite */
static void
run(unsigned associations, unsigned octets, unsigned messages)
{
	static struct usage usage;
	struct suite suite = {0};
	char sections[2048], sink_out[SUITE_PATH], source_out[SUITE_PATH];
	char address[32], count[16], size[16], total[16], *figures;
	uint16_t sink_port;
	pid_t sink, source, master;
	int status;

	usage = (struct usage){0};
	snprintf(sink_out, sizeof(sink_out), "%s/sink", suite_directory());
	snprintf(
	    source_out, sizeof(source_out), "%s/source", suite_directory());
	sink = suite_spawn(
	    sink_out, "peers/x4sink", "-n", "SINK", "-w", "s", NULL);
	sink_port = suite_port_of(sink_out);
	snprintf(sections, sizeof(sections),
	    "link \"source\" { remote-mta = \"SOURCE\" "
	    "incoming-associations = 1000 "
	    "remote-password = \"s\" address = {\"127.0.0.1:1\"} "
	    "address-space = {\"C=XX;A=LOAD\"} schedule = \"never\" }\n"
	    "link \"sink\" { remote-mta = \"SINK\" remote-password = \"s\" "
	    "address = {\"127.0.0.1:%u\"} address-space = {\"C=YY\"} "
	    "associations = %u threshold = 1 }\n",
	    sink_port, associations);
	suite_configure(&suite, "bench", "C=XX;A=TEST;P=BENCH", "", sections);
	suite_start(&suite);
	master = suite_pid(&suite, "master");
	snprintf(address, sizeof(address), "127.0.0.1:%u", suite.port);
	snprintf(count, sizeof(count), "%u", associations);
	snprintf(size, sizeof(size), "%u", octets);
	snprintf(total, sizeof(total), "%u", messages);
	source = suite_spawn(source_out, "peers/x4source", "-a", address, "-n",
	    "SOURCE", "-w", "s", "-f", "C=XX;A=LOAD;S=Source", "-t",
	    "C=YY;A=SINK;S=Sink", "-A", count, "-m", total, "-s", size, NULL);
	while (waitpid(source, &status, WNOHANG) == 0) {
		sample(&usage, master);
		usleep(50000);
	}
	ck_assert_int_eq(status, 0);
	suite_wait_empty(&suite, 120);
	sample(&usage, master);
	suite_stop(&suite);
	ck_assert_int_eq(suite_reap(sink), 0);
	figures = suite_read(sink_out, NULL);
	printf("%u associations each way, %u octets: %s", associations, octets,
	    strchr(figures, '\n') + 1);
	print_usage(&usage, messages);
	ck_assert_ptr_nonnull(strstr(figures, "messages="));
	ck_assert_uint_eq(
	    strtoul(strstr(figures, "messages=") + 9, NULL, 10), messages);
	free(figures);
	suite_shell(NULL, "rm -rf '%s'", suite.directory);
}

/* every combination that the design speaks of */
START_TEST(throughput)
{
	static const unsigned associations[] = {1, 10, 50};

	suite_begin("bench");
	printf("disk: %.0f durable writes of 4 KB a second\n", commit_rate());
	for (size_t i = 0; i < 3; i++) {
		run(associations[i], 2048, i == 0 ? 3000 : 30000);
		run(associations[i], 100 * 1024, i == 0 ? 500 : 3000);
		run(associations[i], 5 * 1024 * 1024, i == 0 ? 20 : 100);
	}
	suite_end();
}
END_TEST

TEST_MAIN("bench", TEST_LONG(throughput, 900))
