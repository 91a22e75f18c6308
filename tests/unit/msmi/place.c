/* SPDX-License-Identifier: ISC */
/*
 * place.c - a postoffice in a temporary directory, for tests of msmi;
 * see place.h
 */
#include "tests/unit/msmi/place.h"

#define PLACE_SETTINGS                                              \
	"mta { name = \"MTA\" domain = \"C=DE;A=VIAT;P=ACME\" }\n"  \
	"msmail \"po1\" { postoffice = \"%s\" network = \"ACME\"\n" \
	"  name = \"PO1\" address-space = {\"C=DE;A=VIAT;P=ACME;O=PO1\"} }\n"

#define PLACE_MAP                                             \
	"S=Alice;O=PO1;P=ACME;A=VIAT;C=DE = ACME/PO1/ALICE\n" \
	"S=Carol;O=PO1;P=ACME;A=VIAT;C=DE = ACME/PO1/CAROL\n" \
	"S=Bob;P=BETA;A=ATLAS;C=FR = OTHER/PO2/BOB\n"

void
place_init(struct place *place, struct msmi *msmi)
{
	struct diag diag = {0};
	char settings[1024], p1[80];

	snprintf(place->dir, sizeof(place->dir), "/tmp/fourpost-msmi-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(place->dir));
	snprintf(place->sent, sizeof(place->sent), "%s/sent", place->dir);
	ck_assert_int_eq(mkdir(place->sent, 0700), 0);
	snprintf(p1, sizeof(p1), "%s/P1", place->dir);
	ck_assert_int_eq(mkdir(p1, 0700), 0);
	msmi->map_fd = -1;
	log_init("test", open("/dev/null", O_WRONLY | O_CLOEXEC));
	worker_init(&msmi->worker, "msmi-in/po1");
	snprintf(settings, sizeof(settings), PLACE_SETTINGS, place->dir);
	ck_assert_msg(conf_parse_text(slice_of_string(settings), "test",
			  CONF_HANDED, &msmi->conf, &diag) == 0,
	    "%s", diag_text(&diag));
	msmi->msmail = conf_msmail_find(msmi->conf, "po1");
	map_init(&msmi->map);
	ck_assert_int_eq(
	    map_parse(&msmi->map, slice_of_string(PLACE_MAP), "map", &diag), 0);
	msmi->addressing =
	    (struct addressing){msmi->conf, msmi->msmail, &msmi->map};
	ck_assert_int_eq(
	    postoffice_open(&msmi->postoffice, place->dir, &diag), 0);
}

void
place_fini(struct place *place, struct msmi *msmi)
{
	char command[128];

	postoffice_close(&msmi->postoffice);
	map_fini(&msmi->map);
	conf_free(msmi->conf);
	snprintf(command, sizeof(command), "rm -rf '%s'", place->dir);
	ck_assert_int_eq(system(command), 0);
}

void
place_put(const struct place *place, const char *name, struct slice octets)
{
	const struct timespec old[2] = {
	    {time(NULL) - 100, 0}, {time(NULL) - 100, 0}};
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", place->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert_msg(fd >= 0, "%s", path);
	ck_assert_int_eq(
	    write(fd, octets.data, octets.len), (ssize_t)octets.len);
	ck_assert_int_eq(futimens(fd, old), 0);
	close(fd);
}

bool
place_has(const struct place *place, const char *name)
{
	struct stat st;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", place->dir, name);
	return lstat(path, &st) == 0;
}

struct slice
place_get(const struct place *place, const char *name, struct arena *arena)
{
	char path[512];
	struct stat st;
	uint8_t *data;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", place->dir, name);
	fd = open(path, O_RDONLY);
	ck_assert_msg(fd >= 0, "%s is not there", path);
	ck_assert_int_eq(fstat(fd, &st), 0);
	data = arena_alloc(arena, (size_t)st.st_size + 1);
	ck_assert_ptr_nonnull(data);
	ck_assert_int_eq(read(fd, data, (size_t)st.st_size), st.st_size);
	close(fd);
	return slice_of(data, (size_t)st.st_size);
}

size_t
place_count(const struct place *place, const char *name)
{
	char path[512];
	DIR *dir;
	size_t count = 0;
	const struct dirent *entry;

	snprintf(path, sizeof(path), "%s/%s", place->dir, name);
	dir = opendir(path);
	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}
