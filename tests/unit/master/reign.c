/* SPDX-License-Identifier: ISC */
/*
 * reign.c - a master as a whole, with dummies for its workers; see reign.h
 */
#include "tests/unit/master/reign.h"

static char reign_directory[64], self[512];
pid_t reign_master = -1;
uint16_t reign_port;

#define CONFIGURATION                                                       \
	"mta {\n name = \"TEST\"\n domain = \"C=DE;A=X\"\n"                 \
	" password = \"secret\"\n listen = {\"127.0.0.1:%u\"}\n"            \
	" state-directory = \"%s/state\"\n run-directory = \"%s/run\"\n"    \
	" user = \"nobody\"\n network-user = \"nobody\"\n%s}\n"             \
	"link \"paris\" {\n remote-mta = \"P\"\n remote-password = \"x\"\n" \
	" address = {\"127.0.0.1:1\"}\n address-space = {\"C=FR\"}\n%s}\n"  \
	"link \"rome\" {\n remote-mta = \"R\"\n remote-password = \"x\"\n"  \
	" address = {\"127.0.0.1:1\"}\n address-space = {\"C=IT\"}\n}\n"    \
	"msmail \"po1\" {\n postoffice = \"%s\"\n network = \"N\"\n"        \
	" name = \"P\"\n address-space = {\"C=DE;A=X;P=PO\"}\n}\n%s"

void
reign_write(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", reign_directory, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
	/* There are passwords in the configuration. */
	ck_assert_int_eq(
	    chmod(path, strcmp(name, "conf") == 0 ? 0600 : 0644), 0);
}

void
reign_configure(const char *mta, const char *paris, const char *end)
{
	char text[4096];

	snprintf(text, sizeof(text), CONFIGURATION, reign_port, reign_directory,
	    reign_directory, mta, paris, reign_directory, end);
	reign_write("conf", text);
}

uint16_t
reign_free_port(void)
{
	const int on = 1;
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	ck_assert_int_eq(
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	return ntohs(address.sin_port);
}

/* run_master - run the process of master; return its exit status */
static int
run_master(void)
{
	static struct master master;
	char conf_path[128], programs[128];
	struct conf *conf;
	struct diag diag = {0};
	int status;

	snprintf(conf_path, sizeof(conf_path), "%s/conf", reign_directory);
	snprintf(programs, sizeof(programs), "%s/bin", reign_directory);
	log_init("master", -1);
	if (conf_parse_file(conf_path, &conf, &diag) != 0) {
		fprintf(stderr, "%s\n", diag_text(&diag));
		return 78;
	}
	if (master_init(&master, conf, conf_path, programs, &diag) != 0) {
		fprintf(stderr, "%s\n", diag_text(&diag));
		return diag.code == ERR_EXISTS ? 3 : 2;
	}
	status = master_run(&master);
	master_fini(&master);
	return status;
}

pid_t
reign_start(void)
{
	char path[128];
	pid_t pid;

	fflush(NULL);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		int fd;

		snprintf(path, sizeof(path), "%s/log", reign_directory);
		fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
		dup2(fd, STDERR_FILENO);
		_exit(run_master());
	}
	return pid;
}

bool
reign_has_line(const char *name, const char *text)
{
	char path[256], line[1024];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", reign_directory, name);
	file = fopen(path, "r");
	if (file == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), file) != NULL)
		found = strstr(line, text) != NULL;
	fclose(file);
	return found;
}

int
reign_connect(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/run/%s",
	    reign_directory, name);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int
reign_connect_from(unsigned host)
{
	struct sockaddr_in from = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl((INADDR_LOOPBACK & ~0xffU) + host)};
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(reign_port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	ck_assert_int_eq(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

int
reign_connect_port(void)
{
	return reign_connect_from(1);
}

long
reign_serving_pid(int fd)
{
	char text[32] = "";
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	size_t len = 0;
	ssize_t n;

	while (len < sizeof(text) - 1 && strchr(text, '\n') == NULL) {
		if (poll(&pfd, 1, 60000) != 1)
			return 0;
		n = read(fd, text + len, sizeof(text) - 1 - len);
		if (n <= 0)
			return 0;
		len += (size_t)n;
		text[len] = '\0';
	}
	return atol(text);
}

/* add_row - add a row of status, as a line */
static void
add_row(struct reign_answer *answer, const struct ipc_row *row)
{
	size_t len = strlen(answer->rows);

	/* master's own has the release besides */
	ck_assert_uint_eq(row->field_count,
	    slice_equal_string(row->fields[1].octets, "master") ? 8 : 7);
	ck_assert(slice_equal_string(row->fields[0].octets, "worker"));
	snprintf(answer->rows + len, sizeof(answer->rows) - len,
	    "%.*s %lld %.*s %.*s\n", (int)row->fields[1].octets.len,
	    (const char *)row->fields[1].octets.data,
	    (long long)row->fields[2].number, (int)row->fields[3].octets.len,
	    (const char *)row->fields[3].octets.data,
	    (int)row->fields[6].octets.len,
	    (const char *)row->fields[6].octets.data);
}

struct reign_answer
reign_ask(const char *command, const char *argument)
{
	static struct reign_answer answer;
	const struct slice arguments[] = {
	    slice_of_string(argument != NULL ? argument : "")};
	struct ipc_record record = {.type = IPC_REQUEST,
	    .request = {slice_of_string(command), arguments, argument != NULL}};
	struct ipc_channel channel;
	struct worker tool;
	struct diag diag = {0};
	uint64_t soon = clock_after(60000);

	answer = (struct reign_answer){.status = -1};
	worker_init(&tool, "tool");
	ck_assert_int_eq(
	    ipc_channel_init(&channel, reign_connect("master")), 0);
	ck_assert_int_eq(
	    ipc_channel_hello(&channel, IPC_ROLE_TOOL, "test", 0), 0);
	ck_assert_int_eq(worker_send(&tool, &channel, &record, soon), 0);
	ck_assert_int_eq(
	    worker_receive(&tool, &channel, &record, soon, &diag), 0);
	ck_assert_int_eq(ipc_hello_check(&record, &diag), 0);
	for (;;) {
		ck_assert_int_eq(
		    worker_receive(&tool, &channel, &record, soon, &diag), 0);
		if (record.type != IPC_ROW)
			break;
		add_row(&answer, &record.row);
	}
	ck_assert_int_eq((int)record.type, IPC_DONE);
	answer.status = record.done.status;
	if (record.done.text.len != 0)
		memcpy(
		    answer.text, record.done.text.data, record.done.text.len);
	ipc_channel_fini(&channel);
	return answer;
}

/* find_row - find what follows the name in the row of a worker, or NULL */
static const char *
find_row(const char *name)
{
	static struct reign_answer answer;
	const char *place;
	size_t len = strlen(name);

	answer = reign_ask("status", NULL);
	place = answer.rows;
	while (place != NULL && *place != '\0') {
		if (strncmp(place, name, len) == 0 && place[len] == ' ')
			return place + len;
		place = strchr(place, '\n');
		if (place != NULL)
			place++;
	}
	return NULL;
}

long
reign_pid(const char *name)
{
	const char *row = find_row(name);

	return row != NULL ? atol(row) : 0;
}

bool
reign_state_is(const char *name, const char *state)
{
	const char *row = find_row(name);
	char word[64] = "";
	long pid;

	return row != NULL && sscanf(row, "%ld %63s", &pid, word) == 2 &&
	    strcmp(word, state) == 0;
}

bool
reign_is_gone(long pid)
{
	char path[64], state = 'X';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	file = fopen(path, "r");
	if (file == NULL)
		return true;
	/* "PID (NAME) STATE": our names hold no parenthesis */
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 'X';
	fclose(file);
	return state == 'Z' || state == 'X';
}

void
reign_setup(void)
{
	static const char *const programs[] = {
	    "qmgr", "x400in", "x400out", "msmi", "tracker"};
	char path[128];
	size_t i;

	snprintf(reign_directory, sizeof(reign_directory),
	    "/tmp/master_test.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(reign_directory));
	ck_assert_int_eq(chmod(reign_directory, 0755), 0);
	snprintf(path, sizeof(path), "%s/bin", reign_directory);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		snprintf(path, sizeof(path), "%s/bin/fourpost-%s",
		    reign_directory, programs[i]);
		ck_assert_int_eq(symlink(self, path), 0);
	}
	snprintf(path, sizeof(path), "%s/run", reign_directory);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	reign_port = reign_free_port();
	reign_configure("", "", "");
}

void
reign_setup_ready(void)
{
	reign_setup();
	reign_master = reign_start();
	until(reign_has_line("log", "open for business"));
}

void
reign_teardown(void)
{
	char command[128];

	if (reign_master > 0)
		kill(reign_master, SIGKILL);
	snprintf(command, sizeof(command), "rm -rf %s", reign_directory);
	ck_assert_int_eq(system(command), 0);
}

void
reign_prepare(int argc, char **argv)
{
	ssize_t len;

	dummy_play(argc, argv);
	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[len > 0 ? len : 0] = '\0';
	setenv("FOURPOST_TICK_MS", "50", 1);
}
