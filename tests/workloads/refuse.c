/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * refuse CAUSE [FOLDER]: makes a call that is refused for this cause, as its last one. Prints the
 * call's error. Exits with 77 and a reason if this machine cannot refuse so. "refuse list" prints
 * the causes.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#define K	    1024UL
#define M	    (1024 * K)
#define G	    (1024 * M)
#define RW	    (PROT_READ | PROT_WRITE)
#define RX	    (PROT_READ | PROT_EXEC)
#define PRIVATE	    (MAP_PRIVATE | MAP_ANONYMOUS)
#define PAGE	    ((unsigned long)getpagesize())
#define NOBODY	    65534
#define SET_MDWE    65 /* prctl(2); Linux 6.3 */
#define SYS_MSEAL   462
#define NOREPLACE   0x100000
#define GUARD	    102 /* madvise(2): MADV_GUARD_INSTALL */
#define SEAL_FUTURE 0x0010

static const char *folder;

static void skip(const char *why)
{
	printf("%s\n", why);
	exit(77);
}

/* The result of a call that must be good for the refusal to be reached. */
static void *must(void *p)
{
	if (p == MAP_FAILED)
		skip(strerror(errno));
	return p;
}

static char *map(unsigned long len, int prot)
{
	return must(mmap(NULL, len, prot, PRIVATE | MAP_NORESERVE, -1, 0));
}

static void limit(int which, unsigned long bytes)
{
	if (setrlimit(which, &(struct rlimit){ bytes, bytes }))
		skip("setrlimit");
}

static void be_nobody(void)
{
	if (setresuid(NOBODY, NOBODY, NOBODY))
		skip("this needs root");
}

static int file(const char *name, int flags)
{
	static char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder ? folder : ".", name);
	close(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		skip("no file");
	return fd;
}

static void rlimit_as(void)
{
	limit(RLIMIT_AS, 256 * M);
	mmap(NULL, G, PROT_NONE, PRIVATE | MAP_NORESERVE, -1, 0);
}

static void rlimit_data(void)
{
	limit(RLIMIT_DATA, 64 * M);
	mmap(NULL, 128 * M, RW, PRIVATE, -1, 0);
}

static void rlimit_data_protect(void)
{
	char *p = map(128 * M, PROT_NONE);

	limit(RLIMIT_DATA, 64 * M);
	mprotect(p, 128 * M, RW);
}

static void rlimit_data_mremap(void)
{
	char *p = map(PAGE, RW);

	limit(RLIMIT_DATA, 64 * M);
	p = mremap(p, PAGE, 128 * M, MREMAP_MAYMOVE);
}

static void rlimit_memlock(void)
{
	limit(RLIMIT_MEMLOCK, 64 * K);
	be_nobody();
	mmap(NULL, 256 * K, RW, PRIVATE | MAP_LOCKED, -1, 0);
}

static void rlimit_memlock_future(void)
{
	be_nobody();
	limit(RLIMIT_MEMLOCK, 64 * K);
	if (mlockall(MCL_FUTURE))
		skip("mlockall");
	mmap(NULL, 256 * K, RW, PRIVATE, -1, 0);
}

static void rlimit_as_shmat(void)
{
	int id = shmget(IPC_PRIVATE, 64 * M, 0600);

	limit(RLIMIT_AS, 32 * M);
	if (id < 0)
		skip("no shared memory");
	shmat(id, NULL, 0);
}

static void max_map_count(void)
{
	char *p = map(1024 * M, PROT_NONE);
	unsigned long i;

	for (i = 0; i < 1024 * M / PAGE; i += 2)
		if (mprotect(p + i * PAGE, PAGE, PROT_READ))
			return;
	skip("vm.max_map_count is not reached");
}

static void max_map_count_madvise(void)
{
	char *p = map(1024 * M, PROT_NONE);
	unsigned long i;

	for (i = 0; i < 1024 * M / PAGE; i += 2)
		if (madvise(p + i * PAGE, PAGE, MADV_DONTFORK))
			return;
	skip("vm.max_map_count is not reached");
}

static void overcommit(void)
{
	char *p = must(mmap(NULL, 64 * 1024 * G, PROT_NONE, PRIVATE, -1, 0));

	mprotect(p, 64 * 1024 * G, RW);
}

static void no_room(void)
{
	mmap(NULL, 1UL << 50, PROT_NONE, PRIVATE | MAP_NORESERVE, -1, 0);
}

static void hole(void)
{
	char *p = map(8 * PAGE, RW);

	munmap(p + 3 * PAGE, PAGE);
	mprotect(p, 8 * PAGE, PROT_READ);
}

static void hole_mremap(void)
{
	char *p = map(PAGE, RW);

	munmap(p, PAGE);
	p = mremap(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
}

static void in_the_way(void)
{
	char *p = map(PAGE, RW);

	mmap(p, PAGE, RW, PRIVATE | NOREPLACE, -1, 0);
	if (errno != EEXIST)
		skip("no MAP_FIXED_NOREPLACE");
}

static void in_the_way_mremap(void)
{
	char *p = map(2 * PAGE, RW);

	mprotect(p + PAGE, PAGE, PROT_READ);
	p = mremap(p, PAGE, 2 * PAGE, 0);
}

static void no_huge_page(void)
{
	mmap(NULL, 64 * G, RW, PRIVATE | MAP_HUGETLB, -1, 0);
}

static void huge_size(void)
{
	mmap(NULL, 8 * M, RW, PRIVATE | MAP_HUGETLB | 15U << 26, -1, 0);
}

static void huge_align(void)
{
	char *p = must(mmap(NULL, 2 * M, RW, PRIVATE | MAP_HUGETLB, -1, 0));

	mprotect(p, 4096, PROT_READ);
}

static void alignment(void)
{
	mprotect(map(PAGE, RW) + 1, PAGE, PROT_READ);
}

static void empty(void)
{
	mmap(NULL, 0, RW, PRIVATE, -1, 0);
}

static void file_mode(void)
{
	mmap(NULL, PAGE, RW, MAP_SHARED, file("plain", O_RDONLY), 0);
}

static void file_mode_read(void)
{
	mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file("plain", O_WRONLY), 0);
}

static void file_mode_protect(void)
{
	char *p = must(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file("plain", O_RDONLY), 0));

	mprotect(p, PAGE, RW);
}

static void file_append(void)
{
	int fd = file("log", O_RDWR), flags = FS_APPEND_FL, was = 0, err;

	if (ioctl(fd, FS_IOC_GETFLAGS, &was) || ioctl(fd, FS_IOC_SETFLAGS, &flags))
		skip("this file system has no append-only files");
	mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	err = errno;
	ioctl(fd, FS_IOC_SETFLAGS, &was);
	errno = err;
}

static void file_seal(void)
{
	int fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, PAGE) || fcntl(fd, F_ADD_SEALS, SEAL_FUTURE))
		skip("no F_SEAL_FUTURE_WRITE");
	mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
}

static int noexec_file(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", folder, "tmpfs", MS_NOEXEC, NULL))
		skip("nothing can be mounted here");
	return file("code", O_RDONLY);
}

static void noexec(void)
{
	mmap(NULL, PAGE, RX, MAP_PRIVATE, noexec_file(), 0);
}

static void noexec_protect(void)
{
	char *p = must(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, noexec_file(), 0));

	mprotect(p, PAGE, RX);
}

static void set_mdwe(void)
{
	if (prctl(SET_MDWE, 1, 0, 0, 0))
		skip("no PR_SET_MDWE (Linux 6.3)");
}

static void mdwe(void)
{
	set_mdwe();
	mmap(NULL, PAGE, RW | PROT_EXEC, PRIVATE, -1, 0);
}

static void mdwe_protect(void)
{
	char *p = map(PAGE, RW);

	set_mdwe();
	mprotect(p, PAGE, RX);
}

static char *sealed(void)
{
	char *p = map(4 * PAGE, RW);

	if (syscall(SYS_MSEAL, p + PAGE, PAGE, 0))
		skip("no mseal (Linux 6.10)");
	return p;
}

static void mseal(void)
{
	munmap(sealed(), 4 * PAGE);
}

static void mseal_map(void)
{
	mmap(sealed(), 4 * PAGE, RW, PRIVATE | MAP_FIXED, -1, 0);
}

static void min_addr(void)
{
	be_nobody();
	if (mmap(NULL, PAGE, RW, PRIVATE | MAP_FIXED, -1, 0) != MAP_FAILED)
		skip("vm.mmap_min_addr is 0");
}

static void locked(void)
{
	char *p = map(PAGE, RW);

	if (madvise(map(PAGE, RW), PAGE, GUARD) || mlock(p, PAGE))
		skip("no guard regions (Linux 6.13)");
	madvise(p, PAGE, GUARD);
}

static void descriptor(void)
{
	mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, -5, 0);
}

static void driver(void)
{
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
}

static const struct {
	const char *name;
	void (*run)(void);
} causes[] = {
	{ "rlimit-as", rlimit_as },
	{ "rlimit-as.shmat", rlimit_as_shmat },
	{ "rlimit-data", rlimit_data },
	{ "rlimit-data.mprotect", rlimit_data_protect },
	{ "rlimit-data.mremap", rlimit_data_mremap },
	{ "rlimit-memlock", rlimit_memlock },
	{ "rlimit-memlock.future", rlimit_memlock_future },
	{ "max-map-count", max_map_count },
	{ "max-map-count.madvise", max_map_count_madvise },
	{ "overcommit", overcommit },
	{ "no-room", no_room },
	{ "hole", hole },
	{ "hole.mremap", hole_mremap },
	{ "in-the-way", in_the_way },
	{ "in-the-way.mremap", in_the_way_mremap },
	{ "no-huge-page", no_huge_page },
	{ "huge-size", huge_size },
	{ "huge-align", huge_align },
	{ "alignment", alignment },
	{ "empty", empty },
	{ "file-mode", file_mode },
	{ "file-mode.read", file_mode_read },
	{ "file-mode.mprotect", file_mode_protect },
	{ "file-append", file_append },
	{ "file-seal", file_seal },
	{ "noexec", noexec },
	{ "noexec.mprotect", noexec_protect },
	{ "mdwe", mdwe },
	{ "mdwe.mprotect", mdwe_protect },
	{ "mseal", mseal },
	{ "mseal.mmap", mseal_map },
	{ "min-addr", min_addr },
	{ "locked", locked },
	{ "descriptor", descriptor },
	{ "driver", driver },
};

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	static char room[256];
	size_t i;

	folder = argc > 2 ? argv[2] : ".";
	setvbuf(stdout, room, _IOFBF, sizeof(room)); /* no memory is asked for behind the call */
	for (i = 0; i < sizeof(causes) / sizeof(*causes); i++) {
		if (!strcmp(name, "list"))
			printf("%s\n", causes[i].name);
		if (strcmp(name, causes[i].name) != 0)
			continue;
		errno = 0;
		causes[i].run();
		printf("%s\n", strerrorname_np(errno));
		fflush(stdout);
		_exit(errno ? 0 : 1);
	}
	return strcmp(name, "list") != 0;
}
