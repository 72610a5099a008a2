/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program on the exit of a system call is made for a tracepoint. libbpf is told to load it for a
 * function instead, where that is wanted: the body asks by_function where its result is. None of the
 * programs on writes is needed: where the kernel lacks the place, those writes are not seen.
 */
#include "source/live_hook.h"

#include <errno.h>
#include <stdio.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "source/live_attach.h"
#include "source/live_private.h"

#ifdef __x86_64__
#define FUNCTION_PREFIX "__x64_sys_"
#else
#define FUNCTION_PREFIX "__arm64_sys_"
#endif

static struct bpf_program *hook_program(const struct live *lv, enum hook_id h)
{
	switch ((int)h) {
#define CALL_PROGRAM(ID, name, ...) \
	case MPW_CALL_##ID:         \
		return lv->bpf->progs.exit_##name;
		MPW_CALLS(CALL_PROGRAM)
#undef CALL_PROGRAM
	case HOOK_LEAVE:
		return lv->bpf->progs.on_leave;
	case HOOK_VM_WRITEV:
		return lv->bpf->progs.exit_process_vm_writev;
	case HOOK_PTRACE:
		return lv->bpf->progs.exit_ptrace;
	case HOOK_OPENAT:
		return lv->bpf->progs.exit_openat;
	case HOOK_OPEN:
		return lv->bpf->progs.exit_open;
	case HOOK_OPENAT2:
		return lv->bpf->progs.exit_openat2;
	case HOOK_CREAT:
		return lv->bpf->progs.exit_creat;
#define COMPAT_PROGRAM(name, nr) \
	case HOOK_compat_##name: \
		return lv->bpf->progs.compat_##name;
		HOOKED_I386_FUNCTIONS(COMPAT_PROGRAM)
#undef COMPAT_PROGRAM
	}
	return NULL;
}

static bool is_call(int h)
{
	return h < MPW_NR_CALLS;
}

/* The name of the call, or of a 32-bit call's function. */
static const char *hook_name(enum hook_id h)
{
	static const char *const names[NR_HOOKS] = { [HOOK_LEAVE] = "exit_group",
						     [HOOK_VM_WRITEV] = "process_vm_writev",
						     [HOOK_PTRACE] = "ptrace",
						     [HOOK_OPENAT] = "openat",
						     [HOOK_OPEN] = "open",
						     [HOOK_OPENAT2] = "openat2",
						     [HOOK_CREAT] = "creat",
#define COMPAT_NAME(name, nr) [HOOK_compat_##name] = "__ia32_" #name,
						     HOOKED_I386_FUNCTIONS(COMPAT_NAME)
#undef COMPAT_NAME
	};

	return is_call(h) ? call_name((int)h) : names[h];
}

static bool hook_is_compat(enum hook_id h)
{
	return h > HOOK_CREAT;
}

/* They are the last ones. */
static bool hook_is_compat_write(int h)
{
#define ONE_MORE(name, nr) +1
	return h >= NR_HOOKS - (0 HOOKED_I386_WRITES(ONE_MORE));
#undef ONE_MORE
}

static bool hook_wanted(const struct live *lv, enum hook_id h)
{
	if (is_call(h) || h == HOOK_VM_WRITEV || h == HOOK_PTRACE)
		return true;
	if (h == HOOK_LEAVE)
		return lv->wants_leave;
	if (hook_is_compat(h))
		return lv->compat_by_call && !(lv->is_old && hook_is_compat_write(h));
	return !lv->sees_mem_write;
}

static bool hook_used(const struct live *lv, enum hook_id h)
{
	return lv->hooks[h].place && hook_wanted(lv, h);
}

static int find_function(const struct btf *btf, enum hook_id h, uint64_t *ret_place)
{
	char name[64];
	int id;

	snprintf(name, sizeof(name), "%s%s", hook_is_compat(h) ? "" : FUNCTION_PREFIX,
		 hook_name(h));
	id = btf__find_by_name_kind(btf, name, BTF_KIND_FUNC);
	*ret_place = id < 0 ? 0 : id;
	return id < 0 ? -ENOENT : 0;
}

static int find_tracepoint(const struct live *lv, enum hook_id h, uint64_t *ret_place)
{
	char name[64];

	snprintf(name, sizeof(name), "sys_%s_%s", h == HOOK_LEAVE ? "enter" : "exit", hook_name(h));
	return tracefs_syscall_id(lv->tracefs, name, ret_place);
}

int hooks_find(struct live *lv, const struct btf *btf)
{
	size_t nr_missing = 0;
	int h, err;

	for (h = 0; h < NR_HOOKS; h++) {
		uint64_t *place = &lv->hooks[h].place;

		*place = 0;
		if (!hook_wanted(lv, h))
			continue;
		err = lv->by_function ? find_function(btf, h, place) :
					find_tracepoint(lv, h, place);
		if (err == -ENOENT && is_call(h))
			lv->missing[nr_missing++] = hook_name(h);
		else if (err && err != -ENOENT)
			return err;
	}
	return nr_missing == MPW_NR_CALLS ? -ENOENT : 0;
}

/* Turn a program for a tracepoint into one for a function. */
static int hook_aim(const struct live *lv, enum hook_id h)
{
	struct bpf_program *prog = hook_program(lv, h);
	char name[64];

	if (hook_is_compat(h)) /* is made for a function */
		return 0;
	snprintf(name, sizeof(name), FUNCTION_PREFIX "%s", hook_name(h));
	bpf_program__set_type(prog, BPF_PROG_TYPE_TRACING);
	bpf_program__set_expected_attach_type(prog,
					      h == HOOK_LEAVE ? BPF_TRACE_FENTRY : BPF_TRACE_FEXIT);
	return bpf_program__set_attach_target(prog, 0, name);
}

int hooks_prepare(struct live *lv)
{
	int h, err = 0;

	for (h = 0; h < NR_HOOKS && !err; h++) {
		bool used = hook_used(lv, h);

		bpf_program__set_autoload(hook_program(lv, h), used);
		if (used && lv->by_function)
			err = hook_aim(lv, h);
	}
	/* not asked for, but the kernel compares a program with those in each map that it names */
	if (lv->by_function)
		bpf_map__set_type(lv->bpf->maps.readbacks, BPF_MAP_TYPE_ARRAY);
	return err;
}

static int hook_attach(struct live *lv, enum hook_id h)
{
	struct hook *k = &lv->hooks[h];

	if (!lv->by_function)
		return tracepoint_attach(hook_program(lv, h), k->place, &k->link);
	k->link = bpf_program__attach_trace(hook_program(lv, h));
	return k->link ? 0 : -errno;
}

int hooks_attach(struct live *lv)
{
	int h, err = 0;

	for (h = 0; h < NR_HOOKS && !err; h++)
		if (hook_used(lv, h))
			err = hook_attach(lv, h);
	return err;
}

int kernel_hooks_functions(const struct btf *btf)
{
	return fexit_probe(btf, FUNCTION_PREFIX "mprotect");
}

int kernel_sees_mem_write(const struct btf *btf)
{
	return fexit_probe(btf, "mem_write");
}
