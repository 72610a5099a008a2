/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file system that does not answer, as any user can make one: FUSE in namespaces of his own,
 * below an overlay, which others may enter. Whoever reads its file "f" or looks for a perf map in
 * it waits until this program ends. DEVICE is /dev/fuse.
 *   silent code DEVICE   maps "f" as code, again and again
 *   silent lock DEVICE   holds its mmap lock, in mmap(2) of a file that can't be written back
 *   silent map DEVICE    has its /tmp there, and calls by code made at run time
 * It prints "armed" once it is all that, and "asked" when somebody waits. Exit status 77: not here.
 */
#pragma GCC optimize("omit-frame-pointer")
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "made.h"

#define FILE_BYTES 65536
#define DIRTY	   3 /* the node of the file "dirty" */

static void must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(77);
}

/* ---- the file system ---- */

static void reply(int fd, uint64_t unique, int err, const void *data, size_t len)
{
	char room[8192];
	struct fuse_out_header h = { .len = sizeof(h) + len, .error = -err, .unique = unique };

	memcpy(room, &h, sizeof(h));
	if (len)
		memcpy(room + sizeof(h), data, len);
	if (write(fd, room, h.len) < 0 && errno != ENOENT)
		_exit(1);
}

static struct fuse_attr attr_of(uint64_t node)
{
	return (struct fuse_attr){ .ino = node,
				   .nlink = 1,
				   .blksize = 4096,
				   .mode = node == 1 ? S_IFDIR | 0755 : S_IFREG | 0755,
				   .size = node == 1 ? 0 : FILE_BYTES };
}

static void answer(int fd, const struct fuse_in_header *h)
{
	const struct fuse_init_out init = { .major = 7,
					    .minor = 31,
					    .max_write = 65536,
					    .max_readahead = 4096 };
	const struct fuse_attr_out attr = { .attr_valid = 1000, .attr = attr_of(h->nodeid) };
	const struct fuse_entry_out entry = { .nodeid = 2,
					      .attr_valid = 1000,
					      .entry_valid = 1000,
					      .attr = attr_of(2) };
	const struct fuse_statfs_out fs = {
		.st = { .bsize = 4096, .frsize = 4096, .namelen = 255 }
	};
	const struct fuse_entry_out dirty = { .nodeid = DIRTY,
					      .attr_valid = 1000,
					      .entry_valid = 1000,
					      .attr = attr_of(DIRTY) };
	const struct fuse_open_out opened = { .fh = 1 };
	/* The first time it is read and written by pages, then not. */
	static unsigned int nr_opened;
	const struct fuse_open_out direct = {
		.fh = 2,
		.open_flags = FOPEN_KEEP_CACHE | (nr_opened ? FOPEN_DIRECT_IO : 0),
	};
	static const char zeros[4096];

	nr_opened += h->opcode == FUSE_OPEN && h->nodeid == DIRTY;

	if (h->opcode == FUSE_INIT)
		reply(fd, h->unique, 0, &init, sizeof(init));
	else if (h->opcode == FUSE_GETATTR)
		reply(fd, h->unique, 0, &attr, sizeof(attr));
	else if (h->opcode == FUSE_STATFS)
		reply(fd, h->unique, 0, &fs, sizeof(fs));
	else if (h->opcode == FUSE_OPEN && h->nodeid == DIRTY)
		reply(fd, h->unique, 0, &direct, sizeof(direct));
	else if (h->opcode == FUSE_READ && h->nodeid == DIRTY)
		reply(fd, h->unique, 0, zeros, sizeof(zeros));
	else if (h->opcode == FUSE_OPEN || h->opcode == FUSE_OPENDIR)
		reply(fd, h->unique, 0, &opened, sizeof(opened));
	else if (h->opcode == FUSE_RELEASE || h->opcode == FUSE_FLUSH)
		reply(fd, h->unique, 0, NULL, 0);
	else if (h->opcode == FUSE_LOOKUP && !strcmp((const char *)(h + 1), "f"))
		reply(fd, h->unique, 0, &entry, sizeof(entry));
	else if (h->opcode == FUSE_LOOKUP && !strcmp((const char *)(h + 1), "dirty"))
		reply(fd, h->unique, 0, &dirty, sizeof(dirty));
	else if (h->opcode == FUSE_LOOKUP && !strncmp((const char *)(h + 1), "perf-", 5))
		puts("asked");
	else if (h->opcode == FUSE_LOOKUP)
		reply(fd, h->unique, ENOENT, NULL, 0);
	else if (h->opcode == FUSE_READ || h->opcode == FUSE_WRITE)
		puts("asked");
	else if (h->opcode != FUSE_FORGET && h->opcode != FUSE_BATCH_FORGET &&
		 h->opcode != FUSE_INTERRUPT)
		reply(fd, h->unique, ENOSYS, NULL, 0);
}

static void serve(int fd)
{
	static union {
		struct fuse_in_header h;
		char room[1 << 18];
	} in;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		if (read(fd, &in, sizeof(in)) > 0)
			answer(fd, &in.h);
		else if (errno != EINTR)
			_exit(0);
	}
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	must(fd >= 0 && write(fd, text, strlen(text)) > 0, path);
	close(fd);
}

/* The overlay is at /tmp then, for us alone; without it, if it is to be bare, FUSE at /tmp/fuse. */
static void mount_silence(const char *device, int is_bare)
{
	char map[64], options[128];
	uid_t uid = getuid();
	gid_t gid = getgid();
	int fd;

	must(!unshare(CLONE_NEWUSER | CLONE_NEWNS), "user namespace");
	put("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	put("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	put("/proc/self/gid_map", map);
	fd = open(device, O_RDWR);
	must(fd >= 0, device);
	must(!mount("none", "/tmp", "tmpfs", 0, NULL), "tmpfs");
	must(!mkdir("/tmp/fuse", 0755) && !mkdir("/tmp/empty", 0755), "mkdir");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	must(!mount("none", "/tmp/fuse", "fuse", MS_NOSUID | MS_NODEV, options), "fuse");
	if (!fork())
		serve(fd);
	close(fd);
	if (is_bare)
		return;
	must(!mount("overlay", "/tmp", "overlay", MS_RDONLY, "lowerdir=/tmp/fuse:/tmp/empty"),
	     "overlay");
}

/* ---- what it is good for ---- */

static void map_code(int file)
{
	if (mmap(NULL, FILE_BYTES, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0) == MAP_FAILED)
		abort();
}

/* The kernel writes the page back before it maps the file anew, with the lock held: for ever. */
static void hold_lock(void)
{
	int file = open("/tmp/fuse/dirty", O_RDWR);
	char *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

	must(at != MAP_FAILED, "/tmp/fuse/dirty");
	at[0] = 1;
	file = open("/tmp/fuse/dirty", O_RDWR);
	must(file >= 0, "/tmp/fuse/dirty");
	puts("armed");
	mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);
	exit(77); /* this kernel does not wait there */
}

static char *page;

static void back(void)
{
	static int nr;

	if (mprotect(page, getpagesize(), nr++ % 2 ? PROT_READ : PROT_NONE))
		abort();
}

static void call_by_code(void)
{
	static void (*code)(void (*)(void));

	if (!code) {
		page = mmap(NULL, getpagesize(), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		code = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE | PROT_EXEC,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		make((void *)code);
	}
	code(back);
}

int main(int argc, char **argv)
{
	int file;

	if (argc != 3)
		return 1;
	setlinebuf(stdout);
	mount_silence(argv[2], !strcmp(argv[1], "lock"));
	if (!strcmp(argv[1], "lock"))
		hold_lock();
	file = open("/tmp/f", O_RDONLY);
	must(file >= 0, "/tmp/f");
	puts("armed");
	for (;;) {
		if (!strcmp(argv[1], "code"))
			map_code(file);
		else
			call_by_code();
		usleep(100000);
	}
}
