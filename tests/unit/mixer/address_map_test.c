/* SPDX-License-Identifier: ISC */
/*
 * address_map_test.c - files of pairs and of users, and which pair holds
 */
#include "mixer/address_map.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/mixer/mixer_map.h"
#include "tests/unit/test.h"

#define ARENA (1 << 20)

/* put - write a file of one text; its path */
static const char *
put(char path[32], const char *text)
{
	FILE *file;
	int fd;

	strcpy(path, "/tmp/mixer-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	file = fdopen(fd, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
	return path;
}

/* refuse - check why a file is refused: "FILE:LINE: REASON" */
static void
refuse(const char *setting, const char *text, const char *reason)
{
	char path[32], expected[256];
	struct conf_mixer mixer = {
	    .mail_domain = "a.b", .map_file = "", .users = ""};
	struct address_map map;
	struct diag diag = {0};

	put(path, text);
	if (strcmp(setting, "users") == 0)
		mixer.users = path;
	else
		mixer.map_file = path;
	ck_assert_int_lt(address_map_read(&map, &mixer, &diag), 0);
	(void)snprintf(expected, sizeof(expected), "%s:%s", path, reason);
	ck_assert_str_eq(diag_text(&diag), expected);
	(void)unlink(path);
}

START_TEST(wrong_pairs)
{
	refuse("map", "# c\n\na.b\n",
	    "3: neither DOMAIN#O/R ADDRESS# nor a record PX");
	refuse("map", "a.b IN PX x a.b. C-de.\n",
	    "1: neither DOMAIN#O/R ADDRESS# nor a record PX");
	refuse("map", "a.b IN PX 10 a.b.\n",
	    "1: neither DOMAIN#O/R ADDRESS# nor a record PX");
	refuse("map", "a.b#C$DE", "1: no # at its end");
	refuse("map", "a.b#C$DE# x", "1: no # at its end");
	refuse("map", "b#C$DE#", "1: \"b\" is no domain of two labels or more");
	refuse("map", "a.b#C$@#", "1: no country");
	refuse("map", "a.b#O$X#", "1: no country");
	refuse("map", "a.b##",
	    "1: \"\" is no C, ADMD, PRMD, O or OU at its place");
	refuse("map", "a.b#S$X.C$DE#",
	    "1: \"S$X\" is no C, ADMD, PRMD, O or OU at its place");
	refuse("map", "a.b#C$DE.ADMD$X#",
	    "1: \"C$DE\" is no C, ADMD, PRMD, O or OU at its place");
	refuse("map", "a.b#OU$5.OU$4.OU$3.OU$2.OU$1.O$x.ADMD$V.C$DE#",
	    "1: \"OU$5\" is no C, ADMD, PRMD, O or OU at its place");
	refuse("map", "a.b#O$\xc3\xbc.C$DE#", "1: \"O$\xc3\xbc\" is not ASCII");
}
END_TEST

START_TEST(wrong_users)
{
	refuse("users", "a@b.c\n", "1: not ADDRESS = O/R ADDRESS");
	refuse("users", "a@b.c=C=DE;A=V;S=X\n", "1: not ADDRESS = O/R ADDRESS");
	refuse("users", "a = C=DE;A=V;S=X\n",
	    "1: no address: no @ behind the local part");
	refuse("users", "a@b.c = S=X\n", "1: ADMD: missing");
}
END_TEST

START_TEST(missing_file)
{
	struct conf_mixer mixer = {
	    .mail_domain = "a.b", .map_file = "/nonexistent", .users = ""};
	struct address_map map;
	struct diag diag = {0};

	ck_assert_int_eq(address_map_read(&map, &mixer, &diag), ERR_IO);
	ck_assert_str_eq(
	    diag_text(&diag), "/nonexistent: No such file or directory");
}
END_TEST

/* domain_of - find the domain of the pair that covers an O/R address, or "" */
static const char *
domain_of(const struct address_map *map, const char *text, struct arena *arena)
{
	struct or_address address;
	const struct address_pair *pair;

	ck_assert_int_eq(
	    or_address_parse(slice_of_string(text), arena, &address, NULL), 0);
	pair = address_map_value(map, &address);
	return pair == NULL ? "" : arena_string(arena, pair->domain);
}

/* The first of two pairs keeps its partner; the other holds one way. */
START_TEST(which_holds)
{
	char path[32], more[256];
	struct address_map map;
	struct arena arena;
	struct conf *conf;
	const struct address_pair *pair;

	put(path,
	    "new.example#O$X.PRMD$P.ADMD$V.C$DE#\n"
	    "old.example#O$X.PRMD$P.ADMD$V.C$DE#\n"
	    "new.example#O$Y.PRMD$P.ADMD$V.C$DE#\n"
	    "none.example#PRMD$@.ADMD$V.C$DE#\n"
	    "below.new.example#OU$u.O$X.PRMD$P.ADMD$V.C$DE#\n"
	    "tail.example#ADMD$W.C$DE#\n");
	(void)snprintf(more, sizeof(more), "map-file = \"%s\"", path);
	conf = mixer_map_read(&map, more);
	arena_init(&arena, ARENA);
	ck_assert_str_eq(
	    domain_of(&map, "C=de;A=v;P=p;O=x;S=s", &arena), "new.example");
	ck_assert_str_eq(
	    domain_of(&map, "C=DE;A=V;P=P;O=Y;S=s", &arena), "new.example");
	ck_assert_str_eq(domain_of(&map, "C=DE;A=V;P=P;O=X;OU1=U;S=s", &arena),
	    "below.new.example");
	ck_assert_str_eq(
	    domain_of(&map, "C=DE;A=V;O=Z;S=s", &arena), "none.example");
	ck_assert_str_eq(domain_of(&map, "C=DE;A=V;P=Q;O=Z;S=s", &arena), "");
	ck_assert_str_eq(
	    domain_of(&map, "C=DE;A=W;P=Q;S=s", &arena), "tail.example");
	ck_assert_str_eq(domain_of(&map, "C=FR;A=V;P=P;S=s", &arena), "");
	pair = address_map_domain(&map, slice_of_string("A.NEW.example"));
	ck_assert_ptr_nonnull(pair);
	ck_assert(slice_equal_string(pair->value[3], "X"));
	ck_assert_ptr_nonnull(
	    address_map_domain(&map, slice_of_string("old.example")));
	ck_assert_ptr_null(
	    address_map_domain(&map, slice_of_string("example")));
	ck_assert_ptr_null(
	    address_map_domain(&map, slice_of_string("xnew.example")));
	arena_fini(&arena);
	address_map_fini(&map);
	conf_free(conf);
	(void)unlink(path);
}
END_TEST

TEST_MAIN("mixer/address_map", TEST(wrong_pairs); TEST(wrong_users);
	  TEST(missing_file); TEST(which_holds))
