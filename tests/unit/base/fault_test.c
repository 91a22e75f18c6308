/* SPDX-License-Identifier: ISC */
/*
 * fault_test.c - base/fault: the nth pass acts, no other
 */
#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/log.h"
#include "tests/unit/test.h"

/* passes - find the number of the pass of name that fails, of 10; 0 for none */
static int
failing(const char *name)
{
	int i, at = 0;

	for (i = 1; i <= 10; i++) {
		if (FAULT_POINT(name)) {
			ck_assert_int_eq(at, 0);
			at = i;
		}
	}
	return at;
}

START_TEST(unset)
{
	ck_assert_int_eq(unsetenv("FOURPOST_FAULT"), 0);
	ck_assert_int_eq(failing("commit"), 0);
	ck_assert_int_eq(fault_state, FAULT_OFF);
}
END_TEST

START_TEST(environment)
{
	ck_assert_int_eq(setenv("FOURPOST_FAULT", "commit:3:fail", 1), 0);
	ck_assert_int_eq(failing("other"), 0);
	ck_assert_int_eq(failing("commit"), 3);
	ck_assert_int_eq(failing("commit"), 0);
	ck_assert_int_eq(fault_state, FAULT_OFF);
}
END_TEST

START_TEST(arm)
{
	ck_assert_int_eq(fault_arm("a:1:fail"), 0);
	ck_assert_int_eq(failing("a"), 1);
	ck_assert_int_eq(fault_arm("*:12:fail"), 0);
	ck_assert_int_eq(failing("a"), 0);
	ck_assert_int_eq(failing("b"), 2);
	ck_assert_int_eq(fault_arm(NULL), 0);
	ck_assert_int_eq(failing("a"), 0);
	ck_assert_int_eq(fault_state, FAULT_OFF);
}
END_TEST

START_TEST(malformed)
{
	static const char *const bad[] = {"a", "a:1", ":1:fail", "a::fail",
	    "a:0:fail", "a:-1:fail", "a:x:fail", "a:1:", "a:1:explode",
	    "a:1:fail:", "a:99999999999999999999:fail"};
	int status;
	pid_t pid;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(fault_arm(bad[i]), ERR_SYNTAX);
	/* A test that armed nothing must not pass. */
	setenv("FOURPOST_FAULT", "nonsense", 1);
	pid = fork();
	if (pid == 0) {
		(void)close(2);
		fault_state = FAULT_UNKNOWN;
		(void)FAULT_POINT("a");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 64);
}
END_TEST

/* end_of - return how a process ends that passes a point so armed */
static int
end_of(const char *spec)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (fault_arm(spec) != 0)
			_exit(1);
		(void)failing("a");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

START_TEST(ends)
{
	int status;
	pid_t pid;

	status = end_of("a:10:crash");
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	status = end_of("a:11:crash");
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	status = end_of("a:2:abort");
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	pid = fork();
	if (pid == 0) {
		if (fault_arm("a:1:hang") != 0)
			_exit(1);
		(void)alarm(1);
		(void)signal(SIGALRM, SIG_DFL);
		(void)failing("a");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
}
END_TEST

TEST_MAIN("base/fault", TEST(unset), TEST(environment), TEST(arm),
    TEST(malformed), TEST(ends))
