/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader of others' files: its answers are those that the file itself would give, its workers can do
 * nothing but read, and one that is lost is replaced.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/stack.h"
#include "source/buildid.h"
#include "source/demangle.h"
#include "source/elfcopy.h"
#include "source/module.h"
#include "source/reader.h"
#include "source/reader_jail.h"
#include "util/mem.h"

#define PLENTY (1ULL << 30)

/* This program as the object of a mapping; name has PATH_MAX bytes. */
static struct object self_object(char *name)
{
	ssize_t len = readlink("/proc/self/exe", name, PATH_MAX - 1);
	struct stat st;

	assert_true(len > 0);
	name[len] = '\0';
	assert_int_equal(stat(name, &st), 0);
	return (struct object){ .kind = OBJECT_FILE,
				.dev = dev_make(major(st.st_dev), minor(st.st_dev)),
				.ino = st.st_ino,
				.name = name,
				.name_len = len };
}

static const char *symbol_at(int fd, const void *code)
{
	static char name[256];
	uint64_t budget = PLENTY, addr, start;
	struct module *m = module_read(fd, &budget, NULL);
	const char *s = NULL;
	uint64_t off;

	/* Segments of this program stand in the file where they stand in memory, page by page. */
	for (off = 0; m && !s && off < 64 << 20; off += 4096)
		if (module_address(m, off + (uintptr_t)code % 4096, &addr))
			s = module_symbol(m, addr, &start);
	snprintf(name, sizeof(name), "%s", s ? s : "");
	module_free(m);
	return name;
}

static void answers_are_the_files(void **state)
{
	char name[PATH_MAX], begin[BUILDID_FILE_BYTES];
	const struct object obj = self_object(name);
	const struct reader_file f = { .pid = getpid(), .uid = getuid(), .obj = &obj };
	struct reader *r = reader_new(10 * READER_PATIENT_NS, NULL, NULL);
	struct buf id = { 0 }, own = { 0 };
	struct elf_facts elf;
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), copy;
	char *wanted;

	(void)state;
	buildid_parse(begin, pread(self, begin, sizeof(begin), 0), &own);
	assert_int_equal(reader_build_id(r, &f, &id), 0);
	assert_string_equal(buf_str(&id), buf_str(&own));
	assert_int_equal(reader_elf(r, &f, &elf), 0);
	assert_true(elf.has_relro);
	assert_false(elf.wants_exec_stack);
	copy = reader_module(r, &f);
	assert_true(copy >= 0);
	wanted = strdup(symbol_at(self, (const void *)answers_are_the_files));
	assert_string_not_equal(wanted, "");
	assert_string_equal(symbol_at(copy, (const void *)answers_are_the_files), wanted);
	assert_int_equal(write(copy, "x", 1), -1);
	free(wanted);
	close(copy);
	close(self);
	buf_done(&id);
	buf_done(&own);
	reader_free(r);
}

static void another_file_is_not_read(void **state)
{
	char name[PATH_MAX];
	struct object obj = self_object(name);
	const struct reader_file f = { .pid = getpid(), .uid = getuid(), .obj = &obj };
	struct reader *r = reader_new(10 * READER_PATIENT_NS, NULL, NULL);
	struct buf id = { 0 };

	(void)state;
	obj.ino++;
	assert_int_equal(reader_build_id(r, &f, &id), -ENOENT);
	assert_int_equal(reader_module(r, &f), -ENOENT);
	assert_int_equal(id.len, 0);
	reader_free(r);
}

/* ---- names of functions ---- */

static const char *plain(struct reader *r, uint32_t pid, const char *name)
{
	static char ret[1024];
	struct buf b = { 0 };
	int err = reader_demangle(r, pid, 1000 + pid, name, &b);

	snprintf(ret, sizeof(ret), "%s", err == -ENOENT ? "none" : err ? "error" : buf_str(&b));
	buf_done(&b);
	return ret;
}

static void names_are_demangled(void **state)
{
	static const char *const names[][2] = {
		{ "_ZN5Cache4growEm", "Cache::grow" },
		{ "_Z4emitI4CodeEvT_i.constprop.0", "emit<Code>" },
		{ "_RNvMNtCs1234_3jit4codeNtB2_4Code4emit", "<jit::code::Code>::emit" },
		{ "_ZN3jit4code4emit17h0123456789abcdefE", "jit::code::emit" }, /* Rust's old way */
		{ "_ZN", "none" },
		{ "_Ready", "none" },
		{ "main", "none" },
		{ "", "none" },
	};
	struct reader *r = reader_new(10 * READER_PATIENT_NS, NULL, NULL);
	char longest[DEMANGLE_MAX + 2] = "_ZN1a", many[256] = "_Z1fI1a1pIS0_S0_E";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_string_equal(plain(r, 1, names[i][0]), names[i][1]);
	memset(longest + 5, 'x', sizeof(longest) - 6);
	assert_string_equal(plain(r, 1, longest), "none");
	for (i = 2; i < 10; i++) /* some kilobytes */
		sprintf(many + strlen(many), "S1_IS%zu_S%zu_E", i, i);
	strcat(many, "Evv");
	assert_int_equal(strlen(plain(r, 1, many)), STACK_SYMBOL_MAX);
	reader_free(r);
}

static void report_name(void *ctx, uint32_t pid, const char *name, int err)
{
	int *ret = ctx;

	(void)pid, (void)name;
	*ret = err;
}

/* A name of which each part stands for two of the one before it: it would be printed for years. */
static void endless_name_is_given_up(void **state)
{
	static const char digits[] = "23456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char name[512] = "_Z1fI1a1pIS0_S0_E";
	int err = 0;
	struct reader *r = reader_new(READER_WAIT_NS, report_name, &err);
	const char *d, *other;

	(void)state;
	for (d = digits; *d; d++)
		sprintf(name + strlen(name), "S1_IS%c_S%c_E", *d, *d);
	strcat(name, "Evv");
	assert_string_equal(plain(r, 1, name), "error");
	do /* of another process, and another user, when a worker is there for it */
		other = plain(r, 2, "_ZN5Cache4growEm");
	while (!strcmp(other, "error"));
	assert_string_equal(other, "Cache::grow");
	reader_free(r);
	assert_int_equal(err, -ENAMETOOLONG);
}

/* ---- what a copy holds ---- */

static int memory_of(const char *data, size_t len)
{
	int fd = memfd_create("elf", MFD_CLOEXEC);

	assert_int_equal(write(fd, data, len), len);
	return fd;
}

static void damaged_files_are_copied_in_bounds(void **state)
{
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), in, out;
	size_t len = lseek(self, 0, SEEK_END), i;
	char *data = mem_alloc(len);
	struct stat st;

	(void)state;
	assert_int_equal(pread(self, data, len, 0), len);
	for (i = 16; i < 64; i++) { /* each byte of the header */
		char was = data[i];

		data[i] = (char)0xff;
		in = memory_of(data, len);
		out = memfd_create("copy", MFD_CLOEXEC);
		elfcopy(in, out);
		assert_int_equal(fstat(out, &st), 0);
		assert_int_equal(st.st_size, len);
		symbol_at(out, (const void *)memory_of);
		close(in);
		close(out);
		data[i] = was;
	}
	in = memory_of(data, 63);
	out = memfd_create("copy", MFD_CLOEXEC);
	assert_int_equal(elfcopy(in, out), -ENOEXEC);
	close(in);
	close(out);
	close(self);
	free(data);
}

/* ---- what a worker can do ---- */

/* Runs probe in a process of the reader's rights; what it returns. */
static int in_jail(int (*probe)(void))
{
	int ends[2], status;
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	pid = fork();
	if (!pid) {
		if (reader_jail_enter(ends[1]) < 0)
			_exit(100);
		reader_jail_lock();
		_exit(probe());
	}
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int failed_with(long ret, int err)
{
	return ret >= 0 ? 1 : errno != err ? 2 : 0;
}

static int probe_read(void)
{
	return open("/proc/self/maps", O_RDONLY) < 0;
}

static int probe_write(void)
{
	return failed_with(open("/dev/null", O_WRONLY), EPERM);
}

static int probe_create(void)
{
	return failed_with(open("/tmp/mprotwatch-jail", O_CREAT | O_EXCL, 0600), EPERM);
}

static int probe_socket(void)
{
	return failed_with(socket(AF_INET, SOCK_STREAM, 0), EPERM);
}

static int probe_exec(void)
{
	return failed_with(execl("/bin/true", "true", NULL), EPERM);
}

static int probe_fork(void)
{
	return failed_with(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), EPERM);
}

static int probe_kill(void)
{
	return failed_with(syscall(SYS_kill, getppid(), 0), EPERM);
}

static int probe_code(void)
{
	return failed_with((long)mmap(NULL, 4096, PROT_READ | PROT_EXEC,
				      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
			   EPERM);
}

static int probe_bpf(void)
{
	return failed_with(syscall(SYS_bpf, 0, NULL, 0), EPERM);
}

static int probe_unlink(void)
{
	return failed_with(unlink("/tmp/mprotwatch-jail"), EPERM);
}

static int probe_caps(void)
{
	const unsigned long long may = 1ULL << CAP_DAC_READ_SEARCH | 1ULL << CAP_SYS_PTRACE |
				       1ULL << 40 /* CAP_CHECKPOINT_RESTORE */;
	char text[4096] = "";
	int fd = open("/proc/self/status", O_RDONLY);
	unsigned long long has;
	const char *line;

	if (read(fd, text, sizeof(text) - 1) <= 0)
		return 1;
	line = strstr(text, "CapPrm:");
	return !line || sscanf(line, "CapPrm: %llx", &has) != 1 || has & ~may;
}

static void workers_can_only_read(void **state)
{
	(void)state;
#ifdef __SANITIZE_ADDRESS__
	print_message("# SKIP: the sanitizer's own calls are refused, too\n");
	return;
#endif
	assert_int_equal(in_jail(probe_caps), 0);
	assert_int_equal(in_jail(probe_read), 0);
	assert_int_equal(in_jail(probe_write), 0);
	assert_int_equal(in_jail(probe_create), 0);
	assert_int_equal(in_jail(probe_socket), 0);
	assert_int_equal(in_jail(probe_exec), 0);
	assert_int_equal(in_jail(probe_fork), 0);
	assert_int_equal(in_jail(probe_kill), 0);
	assert_int_equal(in_jail(probe_code), 0);
	assert_int_equal(in_jail(probe_bpf), 0);
	assert_int_equal(in_jail(probe_unlink), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_the_files),
		cmocka_unit_test(names_are_demangled),
		cmocka_unit_test(endless_name_is_given_up),
		cmocka_unit_test(another_file_is_not_read),
		cmocka_unit_test(damaged_files_are_copied_in_bounds),
		cmocka_unit_test(workers_can_only_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
