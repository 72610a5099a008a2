/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tracepoints by way of tracefs and perf_event_open(2). libbpf would look for
 * them at the usual mount points only, which on many machines are empty.
 */
#include "source/live_attach.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

static int open_mounted(const char *path)
{
	struct statfs fs;
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &fs) || fs.f_type != TRACEFS_MAGIC) {
		close(fd);
		return -ENOENT;
	}
	return fd;
}

static int mount_detached(void)
{
	int err = 0, fs = syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC), mnt = -1;

	if (fs < 0)
		return -errno;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		err = -errno;
	else if ((mnt = syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0)) < 0)
		err = -errno;
	close(fs);
	return err ? err : mnt;
}

static int open_anywhere(void)
{
	int fd = open_mounted("/sys/kernel/tracing");

	return fd < 0 ? open_mounted("/sys/kernel/debug/tracing") : fd;
}

int tracefs_open(void)
{
	int fd = open_anywhere();

	return fd < 0 ? mount_detached() : fd;
}

bool tracefs_is_mounted(void)
{
	int fd = open_anywhere();

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int tracefs_syscall_id(int tracefs_fd, const char *name, uint64_t *ret_id)
{
	char path[128], text[32];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "events/syscalls/%s/id", name);
	fd = openat(tracefs_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -EIO;
	text[n] = '\0';
	*ret_id = strtoull(text, NULL, 10);
	return 0;
}

int tracepoint_attach(struct bpf_program *prog, uint64_t id, struct bpf_link **ret)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = id,
	};
	/* One event on one CPU is enough: the program runs wherever the tracepoint fires. */
	int fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	struct bpf_link *link;
	int err;

	if (fd < 0)
		return -errno;
	link = bpf_program__attach_perf_event(prog, fd);
	if (!link) {
		err = -errno;
		close(fd);
		return err;
	}
	*ret = link;
	return 0;
}

struct btf *kernel_btf(void)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	struct btf *btf = NULL;
	struct stat st;
	void *at;

	if (fd >= 0 && !fstat(fd, &st) && st.st_size > 0) {
		at = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (at != MAP_FAILED) {
			btf = btf__new(at, st.st_size); /* a copy */
			munmap(at, st.st_size);
		}
	}
	if (fd >= 0)
		close(fd);
	return btf ?: btf__load_vmlinux_btf();
}

int fexit_probe(const struct btf *btf, const char *name)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_FEXIT);
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_FUNC), prog, link;

	if (id < 0)
		return -ENOENT;
	opts.attach_btf_id = id;
	prog = bpf_prog_load(BPF_PROG_TYPE_TRACING, "probe", "GPL", insns, 2, &opts);
	if (prog < 0)
		return prog;
	link = bpf_raw_tracepoint_open(NULL, prog);
	close(prog);
	if (link >= 0)
		close(link);
	return link < 0 ? link : 0;
}
