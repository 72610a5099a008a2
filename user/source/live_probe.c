/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A table of questions. Their sum is not computed: a live trace of no process but our own (which is
 * never reported) is opened and closed again.
 */
#include "source/live_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "source/int80.h"
#include "source/live_attach.h"
#include "source/live_private.h"
#include "source/live_rights.h"
#include "source/procguards.h"
#include "util/caps.h"
#include "util/fence.h"

/* Facts that several questions rest on. */
struct probe_base {
	struct btf *btf; /* NULL: btf_err says why */
	int btf_err;
	int tracefs; /* or -errno */
};

#ifndef PR_GET_MDWE
#define PR_GET_MDWE 66 /* Linux 6.3 */
#endif

/*
 * 0: it is there; 1: there is something in its place; -errno: it is missing; or less than any
 * of those: the trial ended by a signal.
 */
#define BY_SIGNAL(sig) (-ABI_ERRNO_MAX - 1 - (sig))
typedef int probe_fn(const struct probe_base *a, int arg);

static int give_back(int fd)
{
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* A program that does nothing; attach_type and btf_id as its type needs them. */
static int load_noop(enum bpf_prog_type type, enum bpf_attach_type attach_type, int btf_id)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach_type,
		    .attach_btf_id = btf_id);

	if (type == BPF_PROG_TYPE_SYSCALL) /* only sleepable ones exist */
		opts.prog_flags = BPF_F_SLEEPABLE;
	return bpf_prog_load(type, "probe", "GPL", insns, 2, &opts);
}

static int probe_btf(const struct probe_base *a, int arg)
{
	(void)arg;
	return a->btf_err;
}

static int probe_ring(const struct probe_base *a, int arg)
{
	(void)a, (void)arg;
	return give_back(
		bpf_map_create(BPF_MAP_TYPE_RINGBUF, "probe", 0, 0, sysconf(_SC_PAGESIZE), NULL));
}

static int probe_program(const struct probe_base *a, int type)
{
	(void)a;
	return give_back(load_noop(type, 0, 0));
}

static int probe_tp_btf(const struct probe_base *a, int arg)
{
	int id, prog, err;

	(void)arg;
	if (!a->btf)
		return a->btf_err;
	id = btf__find_by_name_kind(a->btf, "btf_trace_sched_process_exec", BTF_KIND_TYPEDEF);
	if (id < 0)
		return -ENOENT;
	prog = load_noop(BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, id);
	if (prog < 0)
		return prog;
	err = give_back(bpf_raw_tracepoint_open(NULL, prog));
	close(prog);
	return err;
}

static int probe_fexit(const struct probe_base *a, int arg)
{
	(void)arg;
	return a->btf ? fexit_probe(a->btf, "ksys_mmap_pgoff") : a->btf_err;
}

static int probe_functions(const struct probe_base *a, int arg)
{
	(void)arg;
	return a->btf ? kernel_hooks_functions(a->btf) : a->btf_err;
}

static int probe_vma_iter(const struct probe_base *a, int arg)
{
	(void)arg;
	if (!a->btf)
		return a->btf_err;
	return kernel_has_vma_iter(a->btf) ? 0 : -EOPNOTSUPP;
}

/* libbpf reports every helper as there when programs of the type may not be loaded at all. */
static int probe_helper(const struct probe_base *a, int helper)
{
	int err = probe_program(a, BPF_PROG_TYPE_TRACEPOINT);

	if (err)
		return err;
	err = libbpf_probe_bpf_helper(BPF_PROG_TYPE_TRACEPOINT, helper, NULL);
	return err < 0 ? err : err ? 0 : -EOPNOTSUPP;
}

static int probe_tracefs(const struct probe_base *a, int arg)
{
	(void)arg;
	if (a->tracefs < 0)
		return a->tracefs;
	return tracefs_is_mounted() ? 0 : 1;
}

static int probe_syscalls(const struct probe_base *a, int arg)
{
	uint64_t id;

	(void)arg;
	return a->tracefs < 0 ? a->tracefs :
				tracefs_syscall_id(a->tracefs, "sys_exit_mprotect", &id);
}

static int probe_writes(const struct probe_base *a, int arg)
{
	uint64_t id;
	int err;

	(void)arg;
	if (a->tracefs < 0)
		return a->tracefs;
	err = tracefs_syscall_id(a->tracefs, "sys_exit_process_vm_writev", &id);
	return err ?: tracefs_syscall_id(a->tracefs, "sys_exit_ptrace", &id);
}

static int probe_mem_write(const struct probe_base *a, int arg)
{
	(void)arg;
	return a->btf ? kernel_sees_mem_write(a->btf) : a->btf_err;
}

static int probe_compat(const struct probe_base *a, int arg)
{
	(void)arg;
	return a->btf ? kernel_compat(a->btf) : a->btf_err;
}

#ifdef __x86_64__
static int probe_int80(const struct probe_base *a, int arg)
{
	int ret = int80_try();

	(void)a, (void)arg;
	return ret > 0 ? BY_SIGNAL(ret) : ret;
}
#endif

static int probe_lockdown(const struct probe_base *a, int arg)
{
	int fd = open("/sys/kernel/security/lockdown", O_RDONLY | O_CLOEXEC);
	char text[128];
	ssize_t n;

	(void)a, (void)arg;
	if (fd < 0) /* not part of this kernel, or not to be seen: BPF itself will show */
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return strstr(text, "[confidentiality]") ? -EPERM : 0;
}

static int probe_capability(const struct probe_base *a, int cap)
{
	(void)a;
	return caps_effective() & CAP_SET(cap) ? 0 : -EPERM;
}

/* Since Linux 5.11 BPF's memory is charged to the cgroup, and the limit is not looked at. */
static int probe_memlock(const struct probe_base *a, int arg)
{
	struct rlimit limit;

	(void)arg;
	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return -errno;
	if (limit.rlim_max == RLIM_INFINITY || !probe_capability(a, CAP_SYS_RESOURCE))
		return 0;
	return probe_helper(a, BPF_FUNC_ktime_get_coarse_ns) ? -EPERM : 1;
}

/* The kernel's table of calls that a thread's filters always allow (Linux 5.11, if configured). */
static int probe_filters(const struct probe_base *a, int arg)
{
	(void)arg;
	if (!a->btf)
		return a->btf_err;
	return btf__find_by_name_kind(a->btf, "action_cache", BTF_KIND_STRUCT) > 0 ? 0 :
										     -EOPNOTSUPP;
}

static int probe_guards(const struct probe_base *a, int arg)
{
	struct seen_list l = { 0 };
	struct event ev;
	int err = procguards_event(&l, NULL, getpid(), &ev);

	(void)a, (void)arg;
	seen_list_done(&l);
	return err;
}

static int probe_seccomp(const struct probe_base *a, int arg)
{
	const uint32_t action = SECCOMP_RET_TRAP;

	(void)a, (void)arg;
	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) ? -errno : 0;
}

static int probe_landlock(const struct probe_base *a, int arg)
{
	(void)a, (void)arg;
	return fence_version() ? 0 : -EOPNOTSUPP;
}

static int probe_mdwe(const struct probe_base *a, int arg)
{
	(void)a, (void)arg;
	return prctl(PR_GET_MDWE, 0, 0, 0, 0) < 0 ? -errno : 0;
}

static int probe_lanes(const struct probe_base *a, int arg)
{
	return LANES_NEED_ATOMICS ? probe_helper(a, BPF_FUNC_loop) : arg;
}

struct question {
	const char *name, *label;
	bool needed;
	probe_fn *fn;
	int arg;
	/* consequences: if it is there, if something else is in its place, if it is missing */
	const char *with, *instead, *without;
};

#ifdef __x86_64__
#define COMPAT_LABEL "32-bit calls, int 0x80"
#else
#define COMPAT_LABEL "32-bit calls"
#endif

static const struct question questions[] = {
	{ "btf", "kernel BTF", true, probe_btf, 0, "the kernel's types are known", NULL,
	  "needs CONFIG_DEBUG_INFO_BTF and /sys" },
	{ "ring_buffer", "BPF ring buffer", true, probe_ring, 0, "events can be sent", NULL,
	  "needs Linux 5.8 and the right to use BPF" },
	{ "tracepoint", "tracepoint programs", true, probe_program, BPF_PROG_TYPE_TRACEPOINT,
	  "system calls can be seen", NULL, "no system call can be seen" },
	{ "raw_tracepoint", "raw tracepoint programs", false, probe_program,
	  BPF_PROG_TYPE_RAW_TRACEPOINT, "not needed", NULL, "not needed" },
	{ "tp_btf", "tp_btf programs", true, probe_tp_btf, 0, "exec, fork and exit can be seen",
	  NULL, "exec, fork and exit cannot be seen" },
	{ "fexit", "fentry/fexit programs", false, probe_fexit, 0,
	  "32-bit calls can be seen at no cost to others", NULL,
	  "32-bit calls can be seen with --compat only" },
	{ "functions", "functions of calls", false, probe_functions, 0,
	  "--hook=function: other calls of the machine pay nothing", NULL,
	  "--hook=function cannot be used" },
	{ "syscall", "syscall programs", false, probe_program, BPF_PROG_TYPE_SYSCALL,
	  "the kernel can take snapshots on demand", NULL, "snapshots are taken from /proc" },
	{ "task_vma", "task_vma kfuncs", false, probe_vma_iter, 0,
	  "mappings are read back in the kernel: truth tier", NULL,
	  "changes are inferred: inference tier" },
	{ "bpf_loop", "bpf_loop helper", false, probe_helper, BPF_FUNC_loop,
	  "names of mapped files are told by the kernel", NULL,
	  "names of mapped files come from /proc" },
	{ "lanes", "lanes for records", false, probe_lanes, 0,
	  "short records have memory of each CPU", NULL, "all CPUs share the lock of one ring" },
	{ "tracefs", "tracefs", true, probe_tracefs, 0, "is mounted",
	  "is not mounted; a private mount does", "tracepoints cannot be found" },
	{ "syscall_tracepoints", "syscall tracepoints", true, probe_syscalls, 0,
	  "the calls can be found", NULL, "the calls cannot be found: CONFIG_FTRACE_SYSCALLS" },
	{ "writes", "vm_writev and ptrace", false, probe_writes, 0,
	  "writes into other processes are seen", NULL,
	  "writes into other processes are not seen" },
	{ "mem_write", "writes to /proc/PID/mem", false, probe_mem_write, 0, "are seen", NULL,
	  "are not seen, but that it is opened for writing" },
	{ "compat", COMPAT_LABEL, false, probe_compat, 0, "are seen, at no cost to others",
	  "this machine has none", "are seen with --compat only" },
#ifdef __x86_64__
	{ "int80", "int 0x80 entry", false, probe_int80, 0, "calls by int 0x80 can be made", NULL,
	  "calls by int 0x80 fail here: there are none to see" },
#endif
	{ "lockdown", "no kernel lockdown", true, probe_lockdown, 0, "BPF may read memory", NULL,
	  "confidentiality mode forbids tracing" },
	{ "cap_bpf", "CAP_BPF", false, probe_capability, CAP_BPF, "BPF may be used", NULL,
	  "CAP_SYS_ADMIN has to stand in for it" },
	{ "cap_perfmon", "CAP_PERFMON", false, probe_capability, CAP_PERFMON, "tracing may be done",
	  NULL, "CAP_SYS_ADMIN has to stand in for it" },
	{ "cap_dac_read_search", "CAP_DAC_READ_SEARCH", false, probe_capability,
	  CAP_DAC_READ_SEARCH, "tracefs and others' files may be read", NULL,
	  "tracefs must be readable; others' files are not" },
	{ "cap_sys_admin", "CAP_SYS_ADMIN", false, probe_capability, CAP_SYS_ADMIN,
	  "tracefs may be mounted", NULL, "tracefs must be mounted" },
	{ "cap_sys_ptrace", "CAP_SYS_PTRACE", false, probe_capability, CAP_SYS_PTRACE,
	  "mappings of all users may be read in /proc", NULL,
	  "--verify and inference see own processes only" },
	{ "memlock", "memory for BPF", false, probe_memlock, 0, "is not limited by RLIMIT_MEMLOCK",
	  "is charged to the cgroup", "ulimit -l may be too small for the ring" },
	{ "seccomp_cache", "seccomp's table of calls", false, probe_filters, 0,
	  "calls under a seccomp filter are proven at no cost", NULL,
	  "calls under a seccomp filter are read back, or stale" },
	{ "seccomp", "seccomp filters", false, probe_seccomp, 0,
	  "system calls that are needed no more are given up", NULL,
	  "mprotwatch keeps all system calls" },
	{ "landlock", "Landlock", false, probe_landlock, 0,
	  "who reads a recording gives up all other files", NULL,
	  "who reads a recording keeps all other files" },
	{ "mdwe", "PR_SET_MDWE", false, probe_mdwe, 0, "new code of mprotwatch itself is given up",
	  NULL, "seccomp alone keeps new code from mprotwatch itself" },
	{ "guards", "PAGEMAP_SCAN of guards", false, probe_guards, 0,
	  "guard regions from before are known, and verified", NULL,
	  "guard regions are known if their call was seen" },
};

_Static_assert(sizeof(questions) / sizeof(*questions) < LIVE_PROBES_MAX, "room for all answers");

static const char *why(int found)
{
	switch (found) {
	case BY_SIGNAL(SIGSEGV):
		return "it raises SIGSEGV";
	case BY_SIGNAL(SIGSYS):
		return "it raises SIGSYS";
	}
	return found > BY_SIGNAL(0) ? strerrordesc_np(-found) ?: "unknown error" :
				      "it ends in a signal";
}

static void question_ask(const struct probe_base *a, const struct question *q, struct probe *ret)
{
	int found = q->fn(a, q->arg);

	*ret = (struct probe){ .name = q->name, .label = q->label, .needed = q->needed };
	ret->error = found < 0 ? why(found) : NULL;
	ret->consequence = found < 0 ? q->without : found ? q->instead : q->with;
}

/* As they would be given up; the others are taken up again. */
static const char *try_rights(const struct live *lv)
{
	uint64_t before = caps_effective();
	struct live_rights rights;

	live_rights(lv, &rights);
	caps_use(before);
	if (rights.caps & CAP_SET(CAP_SYS_ADMIN))
		return "CAP_SYS_ADMIN is kept, too: this kernel asks for it";
	if (rights.caps & CAP_SET(CAP_BPF))
		return "CAP_BPF is kept, too: this kernel asks for it";
	return "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH are kept";
}

static void try_all(struct probe_result *r)
{
	uint32_t self = getpid();
	const struct whom whom = { .pids = { &self, 1 } };
	const struct live_config cfg = { .whom = &whom, .ring_bytes = 1 << 16 };
	struct object_table *objects = object_table_new();
	struct live *lv = NULL;

	r->fault = (struct live_fault){ .what = "cannot trace" };
	r->err = live_open(&cfg, objects, &lv, &r->fault);
	if (!r->err) {
		r->truth = lv->truth;
		r->v[r->nr++] = (struct probe){ .name = "rights",
						.label = "rights while tracing",
						.consequence = try_rights(lv) };
		live_close(lv);
	}
	object_table_free(objects);
}

void live_probe(struct probe_result *ret)
{
	struct probe_base a = { 0 };
	size_t i;

	memset(ret, 0, sizeof(*ret));
	libbpf_set_print(NULL);
	a.btf = kernel_btf();
	a.btf_err = a.btf ? 0 : errno == ESRCH ? -ENOENT : -errno; /* ESRCH: libbpf found none */
	a.tracefs = tracefs_open();
	for (i = 0; i < sizeof(questions) / sizeof(*questions); i++)
		question_ask(&a, &questions[i], &ret->v[ret->nr++]);
	btf__free(a.btf);
	if (a.tracefs >= 0)
		close(a.tracefs);
	try_all(ret);
}
