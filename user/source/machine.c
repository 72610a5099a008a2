/* SPDX-License-Identifier: BSD-2-Clause */
/* Sysctls, meminfo and the list of security modules: files of the kernel alone. */
#include "source/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/clock.h"

#define KEEP_NS 100000000ULL

/* The begin of a small file, NUL-ended. Empty if there is none. */
static void read_begin(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, text, size - 1);

	text[len > 0 ? len : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

static void read_number(const char *path, enum condition id, struct conditions *ret)
{
	char text[32], *end;
	uint64_t value;

	read_begin(path, text, sizeof(text));
	value = strtoull(text, &end, 10);
	if (end != text)
		conditions_set(ret, id, value);
}

/* Bytes of a row of meminfo; 0: there is none. */
static uint64_t row_of(const char *meminfo, const char *name)
{
	const char *at = strstr(meminfo, name);

	return at ? strtoull(at + strlen(name), NULL, 10) << 10 : 0;
}

static void read_meminfo(struct conditions *ret)
{
	char text[4096];

	read_begin("/proc/meminfo", text, sizeof(text));
	conditions_set(ret, CONDITION_MEMORY,
		       row_of(text, "MemTotal:") + row_of(text, "SwapTotal:"));
	conditions_set(ret, CONDITION_COMMIT_LIMIT, row_of(text, "CommitLimit:"));
	conditions_set(ret, CONDITION_COMMITTED, row_of(text, "Committed_AS:"));
	conditions_set(ret, CONDITION_HUGE_PAGE, row_of(text, "Hugepagesize:"));
}

static void read_modules(struct conditions *ret)
{
	static const enum condition ids[] = { CONDITION_SELINUX, CONDITION_APPARMOR,
					      CONDITION_SMACK, CONDITION_IPE, CONDITION_BPF_LSM };
	char text[256], *rest = text, *name;
	size_t i;

	read_begin("/sys/kernel/security/lsm", text, sizeof(text));
	while ((name = strsep(&rest, ",\n")))
		for (i = 0; i < sizeof(ids) / sizeof(*ids); i++)
			if (!strcmp(name, condition_name(ids[i])))
				conditions_set(ret, ids[i], 1);
}

static void machine_read(struct machine *m)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	if (m->read_ns && now - m->read_ns < KEEP_NS)
		return;
	m->read_ns = now;
	m->known.has = 0;
	read_number("/proc/sys/vm/max_map_count", CONDITION_MAX_MAP_COUNT, &m->known);
	read_number("/proc/sys/vm/overcommit_memory", CONDITION_OVERCOMMIT, &m->known);
	read_number("/proc/sys/vm/mmap_min_addr", CONDITION_MIN_ADDR, &m->known);
	read_meminfo(&m->known);
	read_modules(&m->known);
}

static void copy(const struct machine *m, enum condition id, struct conditions *ret)
{
	if (conditions_have(&m->known, id))
		conditions_set(ret, id, m->known.value[id]);
}

/* Huge pages of the size that an mmap asks for, in its flags or as the default. */
static void add_huge(const struct machine *m, const struct event_call *c, struct conditions *ret)
{
	unsigned int log = c->arg[3] >> ABI_MAP_HUGE_SHIFT & ABI_MAP_HUGE_MASK;
	char path[96];
	uint64_t bytes;

	if (log)
		conditions_set(ret, CONDITION_HUGE_PAGE, 1ULL << log);
	else
		copy(m, CONDITION_HUGE_PAGE, ret);
	bytes = conditions_have(ret, CONDITION_HUGE_PAGE) ? ret->value[CONDITION_HUGE_PAGE] : 0;
	snprintf(path, sizeof(path),
		 "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/nr_hugepages", bytes >> 10);
	read_number(path, CONDITION_HUGE_TOTAL, ret);
	snprintf(path, sizeof(path),
		 "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/free_hugepages", bytes >> 10);
	read_number(path, CONDITION_HUGE_FREE, ret);
}

void machine_add(struct machine *m, const struct event *ev, struct conditions *c)
{
	const struct event_call *call = &ev->call;
	bool is_denied = call->ret == -EACCES || call->ret == -EPERM;
	bool is_short = call->ret == -ENOMEM || call->ret == -EAGAIN || call_is_refused(call);
	int id;

	if (!is_denied && !is_short && !(call->id == MPW_CALL_MMAP && call->ret == -EINVAL))
		return;
	machine_read(m);
	if (call->id == MPW_CALL_MMAP && call->arg[3] & ABI_MAP_HUGETLB)
		add_huge(m, call, c);
	if (is_short)
		for (id = CONDITION_MAX_MAP_COUNT; id <= CONDITION_COMMITTED; id++)
			copy(m, id, c);
	if (is_denied && call->id == MPW_CALL_MMAP)
		copy(m, CONDITION_MIN_ADDR, c);
	if (is_denied)
		for (id = CONDITION_SELINUX; id < NR_CONDITIONS; id++)
			copy(m, id, c);
}
