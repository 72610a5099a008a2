/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loading and attaching. The kernel is asked for what it lacks, which becomes a fault or is listed
 * as missing; nothing is printed here.
 */
#include "source/live_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "mprotwatch_old.skel.h"
#include "source/live_attach.h"
#include "source/procfacts.h"
#include "util/caps.h"
#include "util/clock.h"
#include "util/mem.h"

/* Constants are set before loading in either unit by equal names: see bpf/maps.bpf.h. */
_Static_assert(sizeof(struct mprotwatch_bpf__rodata) == sizeof(struct mprotwatch_old_bpf__rodata) &&
		       offsetof(struct mprotwatch_bpf__rodata, filter) ==
			       offsetof(struct mprotwatch_old_bpf__rodata, filter),
	       "the BPF units lay their constants out in different ways");

static int fault(struct live_fault *f, const char *what, const char *try, int err)
{
	f->what = what;
	f->try = try;
	f->unsupported = true;
	return err;
}

bool kernel_has_vma_iter(const struct btf *btf)
{
	static const char *const needed[] = { "bpf_iter_task_vma_new", "bpf_iter_task_vma_next",
					      "bpf_iter_task_vma_destroy", "bpf_task_from_pid",
					      "bpf_task_release" };
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (btf__find_by_name_kind(btf, needed[i], BTF_KIND_FUNC) < 0)
			return false;
	return true;
}

/*
 * True if a process still has its memory at sched_process_exit: since Linux 6.16, where the
 * tracepoint got one more argument. (BTF's prototypes have the context before the arguments.)
 */
static bool kernel_exit_has_mm(const struct btf *btf)
{
	const struct btf_type *t;
	int id = btf__find_by_name_kind(btf, "btf_trace_sched_process_exit", BTF_KIND_TYPEDEF);

	if (id < 0)
		return false;
	t = btf__type_by_id(btf, btf__type_by_id(btf, id)->type); /* pointer */
	t = btf__type_by_id(btf, t->type);
	return btf_is_func_proto(t) && btf_vlen(t) == 3;
}

/*
 * FMODE_BACKING of include/linux/fs.h is no part of BTF: bit 25 when it came with Linux 6.5,
 * bit 24 since 6.14.
 */
static uint32_t fmode_backing(void)
{
	unsigned int major = 0, minor = 0;
	struct utsname u;

	if (uname(&u) || sscanf(u.release, "%u.%u", &major, &minor) != 2 || major < 6)
		return 0;
	if (major > 6 || minor >= 14)
		return 1 << 24;
	return minor >= 5 ? 1 << 25 : 0;
}

/* A function that all kernels with a 32-bit entry have; and the one of exit_compat(). */
#ifdef __x86_64__
#define COMPAT_SIGN	 "__ia32_sys_mprotect"
#define COMPAT_ENTRY	 "ia32_sys_call"
#define HAS_COMPAT_HOOKS true
#else
#define COMPAT_SIGN	 "compat_arm_syscall"
#define COMPAT_ENTRY	 "do_el0_svc_compat"
#define HAS_COMPAT_HOOKS false
#endif

/* True for an arm64 processor that runs no 32-bit programs: no process may look like one there. */
static bool machine_lacks_32bit(void)
{
	int was = personality(0xffffffff);
	bool lacks = personality(PER_LINUX32) < 0 && errno == EINVAL;

	personality(was);
	return lacks;
}

int kernel_compat(const struct btf *btf)
{
	if (btf__find_by_name_kind(btf, COMPAT_SIGN, BTF_KIND_FUNC) < 0 || machine_lacks_32bit())
		return 1;
	return fexit_probe(btf, COMPAT_ENTRY);
}

static void choose_compat(struct live *lv, const struct live_config *cfg, const struct btf *btf)
{
	int err = kernel_compat(btf);

	lv->compat_alone = !err;
	lv->compat_by_call = err < 0 && lv->by_function && HAS_COMPAT_HOOKS;
	lv->compat = err == 1				       ? LIVE_COMPAT_NONE :
		     !err || lv->compat_by_call || cfg->compat ? LIVE_COMPAT_SEEN :
								 LIVE_COMPAT_UNSEEN;
}

/* The one program that sees compat calls; NULL: none does, or one for each call. */
static struct bpf_program *compat_program(const struct live *lv)
{
	if (lv->compat != LIVE_COMPAT_SEEN || lv->compat_by_call)
		return NULL;
	return lv->compat_alone ? lv->bpf->progs.exit_compat : lv->bpf->progs.exit_any;
}

static void set_whom(struct mprotwatch_bpf__rodata *ro, const struct live_config *cfg)
{
	struct mpw_filter f;

	whom_filter(cfg->whom, &f);
	f.cgroup_id = cfg->cgroup_id;
	f.cgroup_level = cfg->cgroup_level;
	memcpy((void *)&ro->filter, &f, sizeof(f));
}

static void configure(struct live *lv, const struct live_config *cfg)
{
	struct mprotwatch_bpf__rodata *ro = lv->bpf->rodata;
	long page = sysconf(_SC_PAGESIZE);
	uint64_t ring = page;
	uint32_t cpus = libbpf_num_possible_cpus();

	while (ring < cfg->ring_bytes && ring < 1ULL << 30)
		ring <<= 1;
	bpf_map__set_max_entries(lv->bpf->maps.events, ring);
	ro->ring_bytes = ring;
	ro->life_bytes = bpf_map__max_entries(lv->bpf->maps.life);
	ro->has_lanes = lv->has_lanes;
	if (lv->has_lanes) {
		bpf_map__set_max_entries(lv->bpf->maps.lanes, cpus);
		bpf_map__set_max_entries(lv->bpf->maps.slots, cpus * MPW_LANE_SLOTS);
	}
	ro->by_function = lv->by_function;
	ro->page_bytes = page;
	ro->fmode_backing = fmode_backing();
	ro->has_vma_iter = lv->has_vma_iter;
	ro->truth = lv->truth;
	ro->check_at_exit = cfg->verify && lv->exit_has_mm;
	ro->with_stack = cfg->stack;
	ro->opens_of_mem = !lv->sees_mem_write;
	ro->stack_bytes = page > 16384 ? page : 16384; /* THREAD_SIZE, without KASAN */
	ro->self_tgid = getpid();
	ro->home_mnt_ns = procfacts_mnt_ns(0);
	set_whom(ro, cfg);
}

/* The unit for new kernels, or the one for old kernels, in which all has equal names. */
static struct mprotwatch_bpf *unit_open(bool old)
{
	struct mprotwatch_bpf *bpf = calloc(1, sizeof(*bpf));
	int err;

	if (!bpf)
		return NULL;
	err = mprotwatch_bpf__create_skeleton(bpf);
	if (!err) {
		if (old)
			bpf->skeleton->data =
				(void *)mprotwatch_old_bpf__elf_bytes(&bpf->skeleton->data_sz);
		err = bpf_object__open_skeleton(bpf->skeleton, NULL);
	}
	if (!err)
		return bpf;
	mprotwatch_bpf__destroy(bpf);
	errno = -err;
	return NULL;
}

static int link_readback(struct live *lv)
{
	const uint32_t zero = 0;
	int fd = bpf_program__fd(lv->bpf->progs.readback);

	return bpf_map__update_elem(lv->bpf->maps.readbacks, &zero, sizeof(zero), &fd, sizeof(fd),
				    BPF_ANY);
}

static int load(struct live *lv, const struct live_config *cfg)
{
	int err;

	lv->bpf = unit_open(lv->is_old);
	if (!lv->bpf)
		return -errno;
	configure(lv, cfg);
	bpf_program__set_autoload(lv->bpf->progs.snapshot, lv->has_vma_iter);
	bpf_program__set_autoload(lv->bpf->progs.readback, lv->has_vma_iter && !lv->by_function);
	bpf_program__set_autoload(lv->bpf->progs.exit_mem_write, lv->sees_mem_write);
	bpf_program__set_autoload(lv->bpf->progs.exit_compat, false);
	bpf_program__set_autoload(lv->bpf->progs.exit_any, false);
	if (compat_program(lv))
		bpf_program__set_autoload(compat_program(lv), true);
	err = hooks_prepare(lv) ?: mprotwatch_bpf__load(lv->bpf);
	if (!err && lv->has_vma_iter && !lv->by_function)
		err = link_readback(lv);
	if (err) {
		mprotwatch_bpf__destroy(lv->bpf);
		lv->bpf = NULL;
	}
	return err;
}

static int name_members(struct live *lv, const struct whom *w)
{
	const uint32_t one = 1;
	size_t i;
	int err = 0;

	for (i = 0; i < w->pids.nr; i++)
		lv->bpf->bss->members[w->pids.id[i]] = MPW_MEMBER_NAMED;
	for (i = 0; i < w->tids.nr && !err; i++)
		err = bpf_map__update_elem(lv->bpf->maps.tids, &w->tids.id[i], sizeof(uint32_t),
					   &one, sizeof(one), BPF_ANY);
	return err;
}

/* Lifecycle comes first: no fork or exec of a traced process may pass unseen. */
static int attach(struct live *lv)
{
	struct bpf_program *const programs[NR_PLAIN_LINKS] = {
		lv->bpf->progs.on_exit,	 lv->bpf->progs.on_exec,
		lv->bpf->progs.on_fork,	 lv->bpf->progs.on_signal,
		lv->bpf->progs.on_fault, lv->bpf->progs.on_rename,
		compat_program(lv),	 lv->sees_mem_write ? lv->bpf->progs.exit_mem_write : NULL
	};
	size_t i;

	for (i = 0; i < NR_PLAIN_LINKS; i++) {
		if (!programs[i])
			continue;
		lv->links[i] = bpf_program__attach(programs[i]);
		if (!lv->links[i])
			return -errno;
	}
	return hooks_attach(lv);
}

/* Each was tried without the others: tests/live/rights.sh. */
static const char root_hint[] =
	"run as root, or with CAP_BPF, CAP_PERFMON, CAP_DAC_READ_SEARCH and, for others' processes, "
	"CAP_SYS_PTRACE; kernel lockdown also forbids it";
/* Debian's 5.10 has a perf_event_paranoid of 3, which knows no CAP_PERFMON. */
static const char attach_hint[] =
	"run as root, or with CAP_PERFMON; some kernels ask for CAP_SYS_ADMIN (perf_event_paranoid); "
	"kernel lockdown also forbids it";
static const char mount_hint[] =
	"run as root, or with CAP_SYS_ADMIN, too, or mount it at /sys/kernel/tracing";

/* libbpf looks for functions that the kernel lacks in its modules, and takes a refusal for an error. */
static const char *load_hint(int err)
{
	if (err == -EPERM || err == -EACCES)
		return root_hint;
	return caps_effective() & CAP_SET(CAP_SYS_ADMIN) ?
		       "the kernel must be Linux 5.10 or newer; -vv shows what it says" :
		       "run as root, or with CAP_SYS_ADMIN, too, before Linux 6.7; -vv shows what the "
		       "kernel says";
}

/*
 * The first namespace has a fixed inode number, PROC_PID_INIT_INO of linux/proc_ns.h (Linux 3.8).
 */
static bool is_first_pid_ns(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) || st.st_ino == 0xEFFFFFFC;
}

/* Find the places for programs on calls: tracepoints, or functions. */
static int find_places(struct live *lv, const struct btf *btf, struct live_fault *f)
{
	int err;

	if (lv->by_function) {
		err = kernel_hooks_functions(btf) ?: hooks_find(lv, btf);
		return err ? fault(f, "cannot hook into the functions of system calls",
				   "--hook=function needs a kernel with fexit programs; leave it out",
				   err) :
			     0;
	}
	lv->tracefs = tracefs_open();
	if (lv->tracefs < 0)
		return fault(f, "cannot open or mount tracefs", mount_hint, lv->tracefs);
	err = hooks_find(lv, btf);
	return err ? fault(f, "cannot find the system call tracepoints",
			   err == -ENOENT ? "the kernel must be built with CONFIG_FTRACE_SYSCALLS" :
					    root_hint,
			   err) :
		     0;
}

/* Look at what this kernel has, and choose what to use of it. */
static int look(struct live *lv, const struct live_config *cfg, const struct btf *btf,
		struct live_fault *f)
{
	lv->has_vma_iter = kernel_has_vma_iter(btf);
	if (cfg->tier == LIVE_TIER_TRUTH && !lv->has_vma_iter)
		return fault(f, "cannot read mappings in this kernel",
			     "--tier=truth needs Linux 6.7; leave it out", -EOPNOTSUPP);
	lv->truth = lv->has_vma_iter && cfg->tier != LIVE_TIER_INFERENCE;
	lv->exit_has_mm = kernel_exit_has_mm(btf);
	lv->wants_leave = cfg->verify && lv->has_vma_iter && !lv->exit_has_mm;
	lv->is_old = libbpf_probe_bpf_helper(BPF_PROG_TYPE_TRACEPOINT, BPF_FUNC_loop, NULL) == 0;
	lv->has_lanes = !LANES_NEED_ATOMICS || !lv->is_old;
	lv->by_function = cfg->hook == LIVE_HOOK_FUNCTION;
	choose_compat(lv, cfg, btf);
	lv->sees_mem_write = !kernel_sees_mem_write(btf);
	return find_places(lv, btf, f);
}

static int open_kernel(struct live *lv, const struct live_config *cfg, struct live_fault *f)
{
	struct btf *btf = kernel_btf();
	uint64_t looked_ns, loaded_ns;
	int err;

	if (!is_first_pid_ns()) {
		btf__free(btf);
		return fault(f, "cannot trace from inside a pid namespace",
			     "its process ids are not the kernel's: run it on the host, or in the "
			     "host's pid namespace",
			     -EOPNOTSUPP);
	}
	if (!btf)
		return fault(
			f, "cannot read the kernel's BTF at /sys/kernel/btf/vmlinux",
			"the kernel must be built with CONFIG_DEBUG_INFO_BTF, and /sys be mounted",
			errno == ESRCH ? -ENOENT : -errno); /* libbpf's word for "nowhere" */
	err = look(lv, cfg, btf, f);
	btf__free(btf);
	if (err)
		return err;
	looked_ns = clock_ns(CLOCK_BOOTTIME);
	err = load(lv, cfg);
	if (err && lv->has_vma_iter && cfg->tier != LIVE_TIER_TRUTH && err != -EPERM) {
		lv->truth_refused = lv->truth ? err : 0;
		lv->has_vma_iter = lv->truth = lv->wants_leave = false;
		err = load(lv, cfg);
	}
	if (err)
		return fault(f, "cannot load the BPF programs", load_hint(err), err);
	loaded_ns = clock_ns(CLOCK_BOOTTIME);
	err = name_members(lv, cfg->whom);
	if (err)
		return fault(f, "cannot set the filter", NULL, err);
	err = attach(lv);
	if (err)
		return fault(f, "cannot attach the BPF programs", attach_hint, err);
	lv->start = (struct live_start){ looked_ns - lv->start_ns, loaded_ns - looked_ns,
					 clock_ns(CLOCK_BOOTTIME) - loaded_ns };
	return 0;
}

static int print_nothing(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level, (void)fmt, (void)ap;
	return 0;
}

int live_open(const struct live_config *cfg, struct object_table *objects, struct live **ret,
	      struct live_fault *ret_fault)
{
	struct live *lv = mem_alloc(sizeof(*lv));
	int err;

	if (!cfg->verbose)
		libbpf_set_print(print_nothing);
	lv->start_ns = lv->round_ns = clock_ns(CLOCK_BOOTTIME);
	lv->tracefs = -1;
	lv->objects = objects;
	lv->decoder = decoder_new(objects);
	lv->queue_fd = -1;
	lv->reader = cfg->reader;
	err = open_kernel(lv, cfg, ret_fault);
	if (!err) {
		err = live_queues_open(lv);
		if (err)
			fault(ret_fault, "cannot map the kernel side's queues", NULL, err);
	}
	if (err) {
		live_close(lv);
		return err;
	}
	if (cfg->stack)
		lv->symbols = symbols_new(cfg->reader, objects);
	*ret = lv;
	return 0;
}

struct live_start live_start(const struct live *lv)
{
	return lv->start;
}

int live_truth_refused(const struct live *lv)
{
	return lv->truth_refused;
}

enum live_compat live_compat(const struct live *lv)
{
	return lv->compat;
}

bool live_has_lanes(const struct live *lv)
{
	return lv->has_lanes;
}

const char *const *live_missing(const struct live *lv)
{
	return lv->missing;
}
