/* SPDX-License-Identifier: BSD-2-Clause */
/* PAGEMAP_SCAN in the kernel's words: Documentation/admin-guide/mm/pagemap.rst of Linux 6.18. */
#include "source/procguards.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "source/reader.h"
#include "util/clock.h"

/* include/uapi/linux/fs.h; Debian 12's headers are older */
struct scan_region {
	uint64_t start, end, categories;
};

struct scan_arg {
	uint64_t size, flags, start, end;
	uint64_t walk_end; /* out */
	uint64_t vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define SCAN	 _IOWR('f', 16, struct scan_arg)
#define IS_GUARD (1 << 8) /* Linux 6.15 */

#define NR_REGIONS  512	       /* read at once */
#define REGIONS_MAX (1u << 17) /* of a process, for which the kernel has no limit */

/* Ends of a user's addresses that a kernel may have; the kernel refuses one that is too high. */
static const unsigned int address_bits[] = { 56, 52, 48, 47 };

static int scan_up_to(int fd, uint64_t end, struct seen_list *l)
{
	struct scan_region r[NR_REGIONS];
	struct scan_arg arg = { .size = sizeof(arg),
				.end = end,
				.vec = (uintptr_t)r,
				.vec_len = NR_REGIONS,
				.category_mask = IS_GUARD,
				.return_mask = IS_GUARD };
	int nr, i;

	while (arg.start < end && l->nr < REGIONS_MAX) {
		nr = ioctl(fd, SCAN, &arg);
		if (nr < 0)
			return errno == EINVAL || errno == ENOTTY ? -EOPNOTSUPP : -errno;
		for (i = 0; i < nr; i++)
			seen_list_add(l,
				      &(struct vma_seen){ .start = r[i].start, .end = r[i].end });
		if (arg.walk_end <= arg.start)
			break;
		arg.start = arg.walk_end;
	}
	return 0;
}

int procguards_scan(struct seen_list *l, uint32_t pid)
{
	char path[64];
	size_t i;
	int fd, err = -EFAULT;

	snprintf(path, sizeof(path), "/proc/%u/pagemap", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	for (i = 0; i < sizeof(address_bits) / sizeof(*address_bits) && err == -EFAULT; i++)
		err = scan_up_to(fd, (1ULL << address_bits[i]) - page_bytes, l);
	close(fd);
	return err;
}

/* Regions as the reader has them, as far as they are in order. */
static int ask_reader(struct seen_list *l, struct reader *r, uint32_t pid)
{
	struct buf text = { 0 };
	int err = reader_proc(r, READ_GUARDS, pid, &text);
	uint64_t above = 0, pair[2];
	size_t at;

	for (at = 0; !err && at + sizeof(pair) <= text.len; at += sizeof(pair)) {
		memcpy(pair, text.data + at, sizeof(pair));
		if (pair[0] < above || pair[0] >= pair[1] || l->nr >= REGIONS_MAX + NR_REGIONS)
			break;
		above = pair[1];
		seen_list_add(l, &(struct vma_seen){ .start = pair[0], .end = pair[1] });
	}
	buf_done(&text);
	return err;
}

int procguards_event(struct seen_list *l, struct reader *r, uint32_t pid, struct event *ret)
{
	int err;

	l->nr = 0;
	err = r ? ask_reader(l, r, pid) : procguards_scan(l, pid);
	if (err)
		return err;
	event_clear(ret);
	ret->type = EVENT_GUARDS;
	ret->pid = ret->tid = pid;
	ret->ts_ns = clock_ns(CLOCK_BOOTTIME);
	ret->hi = l->nr < REGIONS_MAX ? MPW_TASK_MAX : l->v[l->nr - 1].end;
	ret->seen = l->v;
	ret->nr_seen = l->nr;
	return 0;
}
