/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rights that are given up: each of what is forbidden then is tried, in a process of its own, and so
 * is what has to work still. What this kernel has no means for is left out.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "cmd/request.h"
#include "cmd/rights.h"
#include "cmd/verb.h"
#include "source/live_rights.h"
#include "util/allow.h"
#include "util/caps.h"
#include "util/fence.h"
#include "util/out.h"

static char folder[] = "/tmp/mprotwatch-rights.XXXXXX",
	    elsewhere[] = "/tmp/mprotwatch-other.XXXXXX";
static char input[64], written[64];

/* ---- runs ---- */

/* A verb whose outputs make no files. */
static const struct verb plain_verb;

static void enter_live(void)
{
	static const struct allow_rule rules[] = { EQUAL(bpf, 0, 1) };
	const struct live_rights needs = { LIVE_PROC_CAPS, ALLOW_LIST(rules) };
	const struct request req = { .verb = &plain_verb };

	rights_live(&req, &needs, NULL);
}

static void enter_live_writing(void)
{
	static const struct allow_rule rules[] = { EQUAL(bpf, 0, 1) };
	const struct live_rights needs = { LIVE_PROC_CAPS, ALLOW_LIST(rules) };
	const struct request req = { .verb = &plain_verb };
	const struct out out = { .replaces = written };

	rights_live(&req, &needs, &out);
}

static void enter_scan(void)
{
	const char *const nothing[] = { NULL };
	const struct request req = { .verb = &plain_verb };

	rights_scan(&req, nothing, NULL);
}

static void enter_recording(void)
{
	const struct request req = { .verb = &plain_verb };
	const char *const inputs[] = { input, NULL };

	rights_recording(&req, inputs, NULL);
}

static void enter_recording_writing(void)
{
	const struct request req = { .verb = &plain_verb };
	const char *const inputs[] = { input, NULL };
	const struct out out = { .replaces = written };

	rights_recording(&req, inputs, &out);
}

static void enter_nothing(void)
{
	const struct request req = { .verb = &plain_verb, .keeps_rights = true };
	const char *const inputs[] = { input, NULL };

	rights_scan(&req, inputs, NULL);
	rights_recording(&req, inputs, NULL);
}

/* Runs probe in a process that has entered; how it ended, as wait(2) has it. */
static int end_of(void (*enter)(void), int (*probe)(void))
{
	pid_t pid = fork();
	int status, sig;

	if (!pid) {
		for (sig = 1; sig < NSIG; sig++) /* the tests' own would go on with the next test */
			signal(sig, SIG_DFL);
		enter();
		_exit(probe());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Likewise; what it returns. */
static int in(void (*enter)(void), int (*probe)(void))
{
	int status = end_of(enter, probe);

	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* ---- probes: 0 is right ---- */

static int denied(long ret)
{
	return ret >= 0 ? 1 : errno != EPERM && errno != EACCES && errno != ENOSYS ? 2 : 0;
}

static int probe_socket(void)
{
	return denied(socket(AF_INET, SOCK_STREAM, 0)) || denied(socket(AF_UNIX, SOCK_STREAM, 0)) ||
	       denied(socket(AF_NETLINK, SOCK_RAW, 0)) ||
	       denied(syscall(SYS_socketpair, AF_INET, SOCK_STREAM, 0, NULL));
}

static int probe_exec(void)
{
	char *const argv[] = { "true", NULL };

	return denied(execv("/bin/true", argv)) ||
	       denied(syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, argv, 0));
}

static int probe_bpf(void)
{
	char attr[128] = { 0 };
	int cmd;

	for (cmd = 0; cmd < 40; cmd++)
		if ((cmd == 0 || cmd == 5 || cmd == 6 ||
		     cmd == 18) && /* maps, programs, pins, BTF */
		    denied(syscall(SYS_bpf, cmd, attr, sizeof(attr))))
			return 1;
	return denied(syscall(SYS_perf_event_open, attr, 0, -1, -1, 0));
}

static int probe_code(void)
{
	const int how = MAP_PRIVATE | MAP_ANONYMOUS;
	char *data = mmap(NULL, 65536, PROT_READ | PROT_WRITE, how, -1, 0);

	return data == MAP_FAILED ||
	       denied((long)mmap(NULL, 65536, PROT_READ | PROT_EXEC, how, -1, 0)) ||
	       denied(mprotect(data, 65536, PROT_READ | PROT_EXEC)) ||
	       denied(syscall(SYS_pkey_mprotect, data, 65536, PROT_READ | PROT_EXEC, -1)) ||
	       denied(syscall(SYS_remap_file_pages, data, 4096, 0, 0, 0)) ||
	       denied(syscall(SYS_shmat, 0, NULL, 0100000 /* SHM_EXEC */)) ||
	       denied(syscall(SYS_memfd_create, "code", 0));
}

static int probe_others(void)
{
	return denied(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL)) || denied(kill(getppid(), 0)) ||
	       denied(syscall(SYS_tgkill, getppid(), getppid(), 0)) ||
	       denied(syscall(SYS_process_vm_writev, getppid(), NULL, 0, NULL, 0, 0)) ||
	       denied(syscall(SYS_pidfd_open, getppid(), 0)) ||
	       denied(syscall(SYS_prlimit64, getppid(), 0, NULL, NULL));
}

static int probe_system(void)
{
	return denied(unshare(CLONE_NEWNS)) || denied(syscall(SYS_mount, "a", "/", "b", 0, NULL)) ||
	       denied(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)) ||
	       denied(syscall(SYS_clone3, NULL, 0)) || denied(setuid(0)) ||
	       denied(syscall(SYS_io_uring_setup, 1, NULL)) ||
	       denied(syscall(SYS_userfaultfd, 0)) || denied(syscall(SYS_keyctl, 0, 0)) ||
	       denied(ioctl(0, TIOCSTI, "x")) || denied(syscall(SYS_setns, 0, 0)) ||
	       denied(prctl(PR_SET_DUMPABLE, 1)) || denied(chroot("/"));
}

static int probe_fork(void)
{
	return denied(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

static int probe_create(void)
{
	char name[128];

	snprintf(name, sizeof(name), "%s/new", elsewhere);
	return denied(open(name, O_WRONLY | O_CREAT, 0600)) || denied(open(input, O_RDWR)) ||
	       denied(open("/proc/self/mem", O_RDWR)) || denied(truncate(input, 0)) ||
	       denied(mkdir(name, 0700)) || denied(symlink("a", name)) ||
	       denied(open(elsewhere, O_TMPFILE | O_RDWR, 0600));
}

static int probe_remove(void)
{
	return denied(unlink(input)) || denied(rename(input, written)) || denied(chmod(input, 0)) ||
	       denied(link(input, written)) || denied(chown(input, 1, 1));
}

static int open_others_maps(void)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/%d/maps", getppid());
	return open(name, O_RDONLY);
}

static int probe_proc(void)
{
	return open_others_maps() < 0 || open("/proc", O_RDONLY | O_DIRECTORY) < 0;
}

static int probe_output(void)
{
	char name[128];
	int fd;

	snprintf(name, sizeof(name), "%s.part", written);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	return fd < 0 || write(fd, "x", 1) != 1 || fsync(fd) || ftruncate(fd, 0) ||
	       rename(name, written) || unlink(written);
}

static int probe_input(void)
{
	char c;
	int fd = open(input, O_RDONLY);

	return fd < 0 || read(fd, &c, 1) != 1;
}

/* Other files are not there, and no other process can be looked into. */
static int probe_elsewhere(void)
{
	char name[128];

	snprintf(name, sizeof(name), "%s/secret", elsewhere);
	return denied(open(name, O_RDONLY)) || denied(open("/etc/passwd", O_RDONLY)) ||
	       denied(open_others_maps()) || denied(open("/dev/null", O_RDWR));
}

static void *nothing(void *arg)
{
	return arg;
}

/* Memory, time, threads, children. */
static int probe_library(void)
{
	const struct timespec moment = { .tv_nsec = 1 };
	pthread_t thread;
	pid_t pid;
	int status;

	free(malloc(64 << 20));
	nanosleep(&moment, NULL);
	if (pthread_create(&thread, NULL, nothing, NULL) || pthread_join(thread, NULL))
		return 1;
	pid = fork();
	if (!pid)
		_exit(7);
	return waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 7;
}

/* A broken invariant of our own ends it as it does without. */
static int probe_abort(void)
{
	abort();
}

static int probe_status(void)
{
	char text[4096] = "";
	int fd = open("/proc/self/status", O_RDONLY);

	if (read(fd, text, sizeof(text) - 1) <= 0)
		return 1;
	return !strstr(text, "\nNoNewPrivs:\t1\n") || !strstr(text, "\nSeccomp:\t2\n");
}

static int probe_caps_of_proc(void)
{
	return (caps_permitted() & ~LIVE_PROC_CAPS) != 0 ||
	       (caps_effective() & ~LIVE_PROC_CAPS) != 0;
}

static int probe_caps(void)
{
	return caps_permitted() != 0;
}

/* A call that was refused is counted, and the process goes on. */
static int probe_counted(void)
{
	struct allow_refused before = allow_refused(), after;

	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM)
		return 1;
	after = allow_refused();
	return after.nr_times != before.nr_times + 1 || after.last != SYS_socket;
}

/* SIGSYS from elsewhere is not counted, and changes no result. */
static int probe_signal(void)
{
	struct allow_refused before = allow_refused();

	return syscall(SYS_tgkill, getpid(), gettid(), SIGSYS) ||
	       allow_refused().nr_times != before.nr_times;
}

/* One that no kernel has is not there, as a library expects; and is nothing to warn of. */
static int probe_unknown(void)
{
	struct allow_refused before = allow_refused();

	return syscall(9999) >= 0 || errno != ENOSYS || allow_refused().nr_times != before.nr_times;
}

#ifdef __x86_64__
static int probe_other_entry(void)
{
	return denied(syscall(0x40000000 | SYS_socket, AF_INET, SOCK_STREAM, 0));
}
#else
static int probe_other_entry(void)
{
	return 0;
}
#endif

static int probe_free(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	return fd < 0 || open(elsewhere, O_RDONLY) < 0;
}

/* ---- tests ---- */

static bool is_skipped(bool fence)
{
#ifdef __SANITIZE_ADDRESS__
	print_message("# SKIP: the sanitizer's own calls are refused, too\n");
	return true;
#endif
	if (fence && !fence_version())
		print_message("# SKIP: this kernel has no Landlock\n");
	return fence && !fence_version();
}

static int (*const always_denied[])(void) = { probe_socket,	probe_exec,    probe_bpf,
					      probe_code,	probe_others,  probe_system,
					      probe_counted,	probe_unknown, probe_signal,
					      probe_other_entry };

static void all_denied(void (*enter)(void))
{
	size_t i;

	for (i = 0; i < sizeof(always_denied) / sizeof(*always_denied); i++)
		if (in(enter, always_denied[i]))
			fail_msg("probe %zu gives %d", i, in(enter, always_denied[i]));
}

static void tracers_only_read(void **state)
{
	(void)state;
	if (is_skipped(false))
		return;
	all_denied(enter_live);
	assert_int_equal(in(enter_live, probe_status), 0);
	assert_int_equal(in(enter_live, probe_caps_of_proc), 0);
	assert_int_equal(in(enter_live, probe_create), 0);
	assert_int_equal(in(enter_live, probe_remove), 0);
	assert_int_equal(in(enter_live, probe_proc), 0);
	assert_int_equal(in(enter_live, probe_input), 0);
	assert_int_equal(in(enter_live, probe_library), 0);
	assert_int_equal(WTERMSIG(end_of(enter_live, probe_abort)), SIGABRT);
}

static void recorders_make_files(void **state)
{
	(void)state;
	if (is_skipped(false))
		return;
	all_denied(enter_live_writing);
	assert_int_equal(in(enter_live_writing, probe_output), 0);
	assert_int_equal(in(enter_live_writing, probe_proc), 0);
	assert_int_equal(in(enter_live_writing, probe_library), 0);
	assert_int_equal(WTERMSIG(end_of(enter_live_writing, probe_abort)), SIGABRT);
}

static void scans_only_read(void **state)
{
	(void)state;
	if (is_skipped(false))
		return;
	all_denied(enter_scan);
	assert_int_equal(in(enter_scan, probe_status), 0);
	assert_int_equal(in(enter_scan, probe_caps_of_proc), 0);
	assert_int_equal(in(enter_scan, probe_fork), 0);
	assert_int_equal(in(enter_scan, probe_create), 0);
	assert_int_equal(in(enter_scan, probe_remove), 0);
	assert_int_equal(in(enter_scan, probe_proc), 0);
}

static void recordings_are_read_alone(void **state)
{
	(void)state;
	if (is_skipped(false))
		return;
	all_denied(enter_recording);
	assert_int_equal(in(enter_recording, probe_caps), 0);
	assert_int_equal(in(enter_recording, probe_fork), 0);
	assert_int_equal(in(enter_recording, probe_create), 0);
	assert_int_equal(in(enter_recording, probe_remove), 0);
	assert_int_equal(in(enter_recording, probe_input), 0);
}

static void recordings_are_fenced(void **state)
{
	(void)state;
	if (is_skipped(true))
		return;
	assert_int_equal(in(enter_recording, probe_elsewhere), 0);
	assert_int_equal(in(enter_recording_writing, probe_elsewhere), 0);
	assert_int_equal(in(enter_recording_writing, probe_create), 0);
	assert_int_equal(in(enter_recording_writing, probe_input), 0);
	assert_int_equal(in(enter_recording_writing, probe_output), 0);
}

static void nothing_is_given_up_if_asked(void **state)
{
	(void)state;
	assert_int_equal(in(enter_nothing, probe_free), 0);
}

static int set_up(void **state)
{
	char name[128];
	int fd;

	(void)state;
	if (!mkdtemp(folder) || !mkdtemp(elsewhere))
		return -1;
	snprintf(input, sizeof(input), "%s/input", elsewhere);
	snprintf(written, sizeof(written), "%s/output", folder);
	fd = open(input, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || write(fd, "text", 4) != 4 || close(fd))
		return -1;
	snprintf(name, sizeof(name), "%s/secret", elsewhere);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
	char name[128];

	(void)state;
	snprintf(name, sizeof(name), "%s/secret", elsewhere);
	unlink(name);
	unlink(input);
	rmdir(elsewhere);
	return rmdir(folder); /* nothing else was made */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tracers_only_read),
		cmocka_unit_test(recorders_make_files),
		cmocka_unit_test(scans_only_read),
		cmocka_unit_test(recordings_are_read_alone),
		cmocka_unit_test(recordings_are_fenced),
		cmocka_unit_test(nothing_is_given_up_if_asked),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
