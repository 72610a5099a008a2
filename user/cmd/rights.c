/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of system calls are generous with what harms nobody, since libraries differ in the ones
 * that they make. A call that is on no list fails with EPERM and is counted, not fatal: a library that
 * tries something new has an answer to that, and the run goes on.
 */
#include "cmd/rights.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd/complain.h"
#include "cmd/request.h"
#include "cmd/verb.h"
#include "source/live_rights.h"
#include "source/unzst.h"
#include "util/allow.h"
#include "util/caps.h"
#include "util/fence.h"
#include "util/fmt.h"
#include "util/out.h"

#ifndef PR_SET_MDWE
#define PR_SET_MDWE		 65 /* Linux 6.3 */
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41 /* Linux 5.17: names of mappings, which glibc 2.39 can give */
#endif

/* ---- system calls ---- */

static const struct allow_rule always[] = {
	/* memory, but no new code */
	WITHOUT(mmap, 2, PROT_EXEC),
	WITHOUT(mprotect, 2, PROT_EXEC),
	ALLOW(munmap),
	ALLOW(mremap),
	ALLOW(madvise),
	ALLOW(brk),
	/* descriptors */
	ALLOW(read),
	ALLOW(pread64),
	ALLOW(readv),
	ALLOW(write),
	ALLOW(pwrite64),
	ALLOW(writev),
	ALLOW(lseek),
	ALLOW(close),
	ALLOW(close_range),
	ALLOW(dup),
	ALLOW(dup3),
	ALLOW(fcntl),
	ALLOW(fstat),
	ALLOW(fstatfs),
	ALLOW(ftruncate),
	ALLOW(fsync),
	ALLOW(fdatasync),
	ALLOW(ppoll),
	ALLOW(epoll_pwait),
	EQUAL(ioctl, 1, TCGETS),
	EQUAL(ioctl, 1, TIOCGWINSZ),
	ALLOW(eventfd2),
	/* errands */
	ALLOW(sendmsg),
	ALLOW(recvmsg),
	ALLOW(wait4),
	/* names of files */
	ALLOW(newfstatat),
	ALLOW(statx),
	ALLOW(statfs),
	ALLOW(faccessat),
	ALLOW(faccessat2),
	ALLOW(readlinkat),
	ALLOW(getdents64),
	ALLOW(getcwd),
#ifdef __x86_64__
	ALLOW(stat),
	ALLOW(lstat),
	ALLOW(access),
	ALLOW(readlink),
	ALLOW(poll),
	ALLOW(epoll_wait),
	ALLOW(dup2),
	ALLOW(time),
	ALLOW(arch_prctl),
#endif
	/* time, and this process itself */
	ALLOW(clock_gettime),
	ALLOW(clock_getres),
	ALLOW(clock_nanosleep),
	ALLOW(nanosleep),
	ALLOW(gettimeofday),
	ALLOW(getpid),
	ALLOW(gettid),
	ALLOW(getppid),
	ALLOW(getuid),
	ALLOW(geteuid),
	ALLOW(getgid),
	ALLOW(getegid),
	ALLOW(getrlimit),
	EQUAL(prlimit64, 0, 0),
	ALLOW(setrlimit),
	ALLOW(getrusage),
	ALLOW(sysinfo),
	ALLOW(uname),
	ALLOW(umask),
	ALLOW(getrandom),
	EQUAL(prctl, 0, PR_SET_NAME),
	EQUAL(prctl, 0, PR_SET_VMA),
	/* signals and threads */
	ALLOW(rt_sigaction),
	ALLOW(rt_sigprocmask),
	ALLOW(rt_sigreturn),
	ALLOW(rt_sigpending),
	ALLOW(sigaltstack),
	ALLOW(restart_syscall),
	ALLOW(futex),
	ALLOW(set_robust_list),
	ALLOW(set_tid_address),
	ALLOW(rseq),
	ALLOW(membarrier),
	ALLOW(sched_yield),
	ALLOW(sched_getaffinity),
	ALLOW(exit),
	ALLOW(exit_group),
};

/* Threads and processes; libraries turn to clone(2) where there is no clone3(2). */
#define NEW_NAMESPACES                                                                 \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
	 CLONE_NEWPID | CLONE_NEWNET)

static const struct allow_rule live[] = {
	WITHOUT(clone, 0, NEW_NAMESPACES),
	NEVER(clone3),
	ALLOW(waitid),
	ALLOW(setsid),
	ALLOW(chdir),
	ALLOW(epoll_create1),
	ALLOW(epoll_ctl),
	ALLOW(timerfd_create),
	ALLOW(timerfd_settime),
};

/* Whoever looks at processes asks the reader for their files. */
static const struct allow_rule reading[] = {
	EQUAL(socketpair, 0, AF_UNIX),
	ALLOW(sendto),
	ALLOW(recvfrom),
};

#define WRITES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY))

static const struct allow_rule files_read[] = { WITHOUT(openat, 2, WRITES) };

static const struct allow_rule files_written[] = {
	ALLOW(openat), ALLOW(unlinkat),	 ALLOW(renameat), ALLOW(renameat2),
	ALLOW(linkat), ALLOW(fallocate), ALLOW(fchmod),	  ALLOW(fchown),
#ifdef __x86_64__
	ALLOW(unlink), ALLOW(rename),	 ALLOW(link),
#endif
};

/* ---- all means ---- */

struct rights {
	const struct request *req;
	uint64_t caps; /* kept, of those that there are */
	struct allow_list calls[3];
	struct fence *fence; /* begun; NULL: none */
	bool writes;	     /* set if files are to be made, or replaced */
};

/* Said on -v only: nobody is worse off than without the attempt. */
static void note(const struct rights *r, const char *what, int err)
{
	if (err && r->req->about.verbose)
		complain_errno(what, err, NULL);
}

static int allow_calls(const struct rights *r)
{
	/* abort(3) sends its signal to this process by its number. */
	const struct allow_rule own[] = { EQUAL(tgkill, 0, (uint32_t)getpid()) };
	const struct allow_list read = ALLOW_LIST(files_read), written = ALLOW_LIST(files_written);
	const struct allow_list lists[] = {
		ALLOW_LIST(always), ALLOW_LIST(own), r->writes ? written : read,
		r->calls[0],	    r->calls[1],     r->calls[2]
	};

	return allow_only(lists, sizeof(lists) / sizeof(*lists), REST_COUNTED);
}

static void give_up(const struct rights *r)
{
	caps_keep(r->caps);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0);
	if (r->fence)
		note(r, "cannot shut files off", fence_close(r->fence));
	note(r, "cannot shut system calls off", allow_calls(r));
}

/* ---- files ---- */

/* The folder that a file at path is in; the file need not be there. */
static void folder_of(const char *path, char ret[PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	if (slash)
		snprintf(ret, PATH_MAX, "%.*s", (int)(slash == path ? 1 : slash - path), path);
	else
		strcpy(ret, ".");
}

/* A file that is still to be made, beside which others may be; NULL: there is none. */
static const char *file_to_make(const struct request *req, const struct out *out)
{
	const struct output_choice *c = request_output_options(req, "recording");

	return out && out->replaces ? out->replaces : c ? c->path : NULL;
}

/* Takes up a capability that was given up, and turns out to be needed. */
static void take_up(struct rights *r, unsigned int cap)
{
	r->caps |= CAP_SET(cap);
	caps_use(r->caps);
}

/* Root has rights on what is its own; a user's folder is written by CAP_DAC_OVERRIDE alone. */
static void expect_writes(struct rights *r, const char *folder)
{
	r->writes = true;
	if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS))
		take_up(r, CAP_DAC_OVERRIDE);
	if (r->fence)
		fence_write(r->fence, folder);
}

static void expect_file(struct rights *r, const char *path)
{
	char folder[PATH_MAX];

	if (!path)
		return;
	folder_of(path, folder);
	expect_writes(r, folder);
}

/* ---- recordings ---- */

#define WAL_AT	 18 /* a byte of SQLite's header: which journal there may be */
#define WAL_MODE 2

/* SQLite reads a -wal by way of a -shm, which it makes if it is not there. */
static bool has_wal(int fd, const char *path)
{
	char name[PATH_MAX], mode = 0;

	snprintf(name, sizeof(name), "%s-wal", path);
	return !access(name, F_OK) || (pread(fd, &mode, 1, WAL_AT) == 1 && mode == WAL_MODE);
}

static int open_input(struct rights *r, const char *path)
{
	const int how = O_RDONLY | O_NONBLOCK | O_CLOEXEC;
	int fd = open(path, how);

	if (fd >= 0 || errno != EACCES)
		return fd;
	take_up(r, CAP_DAC_READ_SEARCH);
	return open(path, how);
}

static void expect_input(struct rights *r, const char *name)
{
	int fd = open_input(r, name);
	char *path = fd >= 0 ? realpath(name, NULL) : NULL;

	if (path && r->fence)
		fence_read(r->fence, path);
	if (path && unzst_is_packed(fd))
		expect_writes(r, unzst_folder());
	else if (path && has_wal(fd, path))
		expect_file(r, path);
	if (fd >= 0)
		close(fd);
	free(path);
}

/* Names of times of day; the file may be named by its place. */
static void expect_time_zones(struct rights *r)
{
	const char *zone = getenv("TZ");

	if (!r->fence)
		return;
	fence_read(r->fence, "/etc/localtime");
	fence_read(r->fence, "/usr/share/zoneinfo");
	if (zone)
		fence_read(r->fence, zone + (*zone == ':'));
}

/* ---- kinds of runs ---- */

void rights_live(const struct request *req, const struct live_rights *needs, const struct out *out)
{
	struct rights r = { .req = req,
			    .caps = needs->caps,
			    .calls = { ALLOW_LIST(live), ALLOW_LIST(reading), needs->calls } };

	expect_file(&r, file_to_make(req, out));
	give_up(&r);
}

void rights_scan(const struct request *req, const char *const *inputs, const struct out *out)
{
	struct rights r = { .req = req, .caps = LIVE_PROC_CAPS, .calls = { ALLOW_LIST(reading) } };

	if (req->keeps_rights)
		return;
	caps_use(r.caps);
	for (; *inputs; inputs++)
		expect_input(&r, *inputs);
	expect_file(&r, file_to_make(req, out));
	give_up(&r);
}

void rights_recording(const struct request *req, const char *const *inputs, const struct out *out)
{
	struct rights r = { .req = req };
	struct fence fence;
	int err;

	if (req->keeps_rights)
		return;
	caps_use(r.caps);
	err = fence_begin(&fence);
	note(&r, "cannot shut files off", err);
	r.fence = err ? NULL : &fence;
	for (; *inputs; inputs++)
		expect_input(&r, *inputs);
	expect_time_zones(&r);
	expect_file(&r, file_to_make(req, out));
	give_up(&r);
}

void rights_report(void)
{
	struct allow_refused refused = allow_refused();
	struct buf b = { 0 };

	if (!refused.nr_times)
		return;
	fmt_count(&b, refused.nr_times, "system call");
	complain("%s of mprotwatch itself failed since it gave up rights, the last with number %d "
		 "(--no-drop keeps them)",
		 buf_str(&b), refused.last);
	buf_done(&b);
}
