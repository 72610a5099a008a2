/* SPDX-License-Identifier: BSD-2-Clause */
/* One tracepoint for each program, but that on mem_write(), which replaces those on opening. */
#include "source/live_write.h"

#include <errno.h>

#include "source/live_attach.h"
#include "source/live_private.h"

static const char *const tracepoints[NR_WRITE_LINKS] = {
	[WRITE_LINK_VM] = "sys_exit_process_vm_writev", [WRITE_LINK_PTRACE] = "sys_exit_ptrace",
	[WRITE_LINK_OPENAT] = "sys_exit_openat",	[WRITE_LINK_OPEN] = "sys_exit_open",
	[WRITE_LINK_OPENAT2] = "sys_exit_openat2",	[WRITE_LINK_CREAT] = "sys_exit_creat",
};

static struct bpf_program *program_of(const struct live *lv, enum write_link link)
{
	switch (link) {
	case WRITE_LINK_VM:
		return lv->bpf->progs.exit_process_vm_writev;
	case WRITE_LINK_PTRACE:
		return lv->bpf->progs.exit_ptrace;
	case WRITE_LINK_OPENAT:
		return lv->bpf->progs.exit_openat;
	case WRITE_LINK_OPEN:
		return lv->bpf->progs.exit_open;
	case WRITE_LINK_OPENAT2:
		return lv->bpf->progs.exit_openat2;
	case WRITE_LINK_CREAT:
		return lv->bpf->progs.exit_creat;
	case NR_WRITE_LINKS:
		break;
	}
	return NULL;
}

int kernel_sees_mem_write(const struct btf *btf)
{
	return fexit_probe(btf, "mem_write");
}

int writes_find(struct live *lv)
{
	int i, err;

	for (i = 0; i < NR_WRITE_LINKS; i++) {
		lv->write_ids[i] = 0;
		if (i > WRITE_LINK_PTRACE && lv->sees_mem_write)
			continue;
		err = tracefs_syscall_id(lv->tracefs, tracepoints[i], &lv->write_ids[i]);
		if (err && err != -ENOENT)
			return err;
	}
	return 0;
}

void writes_autoload(struct live *lv)
{
	int i;

	for (i = 0; i < NR_WRITE_LINKS; i++)
		bpf_program__set_autoload(program_of(lv, i), lv->write_ids[i]);
	bpf_program__set_autoload(lv->bpf->progs.exit_mem_write, lv->sees_mem_write);
}

int writes_attach(struct live *lv)
{
	int i, err;

	for (i = 0; i < NR_WRITE_LINKS; i++) {
		if (!lv->write_ids[i])
			continue;
		err = tracepoint_attach(program_of(lv, i), lv->write_ids[i],
					&lv->links[LINK_WRITE + i]);
		if (err)
			return err;
	}
	if (!lv->sees_mem_write)
		return 0;
	lv->mem_link = bpf_program__attach(lv->bpf->progs.exit_mem_write);
	return lv->mem_link ? 0 : -errno;
}
