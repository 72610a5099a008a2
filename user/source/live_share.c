/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who shares memory with whom, before tracing begins: the kernel lists each process with the key of
 * its address space. Those who share a wanted one become members of the filter.
 */
#include "source/live_private.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "util/mem.h"

/*
 * A process can share its memory with a new one while the list is read. The kernel side counts such
 * forks, and makes the children of members members: so the list is read until it has nothing new
 * and no such fork came between. That takes as many rounds on a machine with many vfork(2).
 */
#define SHARE_ROUNDS 1000

static int by_mm(const void *a, const void *b)
{
	const struct mpw_shared *x = a, *y = b;

	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	return x->tgid < y->tgid ? -1 : x->tgid > y->tgid;
}

/* Appends all of fd to lv->spaces. 0, or -errno. */
static int read_all(struct live *lv, int fd)
{
	struct mpw_shared some[256];
	ssize_t n;

	while ((n = read(fd, some, sizeof(some))) > 0) {
		size_t i, nr = n / sizeof(*some);

		lv->spaces = mem_grow(lv->spaces, lv->nr_spaces + nr, sizeof(*some));
		for (i = 0; i < nr; i++)
			lv->spaces[lv->nr_spaces++] = some[i];
	}
	return n < 0 ? -errno : 0;
}

/* Lists all processes anew, those with one address space together. */
static int read_spaces(struct live *lv)
{
	struct bpf_link *link = bpf_program__attach_iter(lv->bpf->progs.spaces, NULL);
	int fd, err;

	if (!link)
		return -errno;
	lv->nr_spaces = 0;
	fd = bpf_iter_create(bpf_link__fd(link));
	err = fd < 0 ? fd : read_all(lv, fd);
	if (fd >= 0)
		close(fd);
	bpf_link__destroy(link);
	if (!err && lv->nr_spaces)
		qsort(lv->spaces, lv->nr_spaces, sizeof(*lv->spaces), by_mm);
	return err;
}

/* Makes pid a member, unless it is one. True if it was none. */
static bool member_add(struct live *lv, uint32_t pid)
{
	uint8_t *member = &lv->bpf->bss->members[pid % MPW_NR_PIDS];

	if (*member & MPW_MEMBER_YES)
		return false;
	*member = (*member & (MPW_MEMBER_NAMED | MPW_MEMBER_EMULATED)) | MPW_MEMBER_YES |
		  MPW_MEMBER_SHARED;
	return true;
}

/* Makes all of one address space members if one of them is wanted. True if one was none. */
static bool space_add(struct live *lv, const struct mpw_shared *s, size_t nr,
		      const struct id_list *wanted)
{
	bool is_new = false;
	size_t i;

	for (i = 0; i < nr && !id_list_has(wanted, s[i].tgid); i++)
		;
	if (i == nr)
		return false;
	for (i = 0; i < nr; i++)
		if (s[i].tgid != (uint32_t)getpid() && !id_list_has(wanted, s[i].tgid))
			is_new |= member_add(lv, s[i].tgid);
	return is_new;
}

/* How many entries there are of the address space of s, its first; some processes may have several. */
static size_t nr_of_space(const struct live *lv, const struct mpw_shared *s)
{
	const struct mpw_shared *end = lv->spaces + lv->nr_spaces, *p = s;

	while (p < end && p->mm == s->mm)
		p++;
	return p - s;
}

static bool add_all(struct live *lv, const struct id_list *wanted)
{
	bool is_new = false;
	size_t i, nr;

	for (i = 0; i < lv->nr_spaces; i += nr) {
		nr = nr_of_space(lv, &lv->spaces[i]);
		if (nr > 1)
			is_new |= space_add(lv, &lv->spaces[i], nr, wanted);
	}
	return is_new;
}

/* Lists members by sharing that live. */
static void list_sharers(const struct live *lv, struct id_list *ret)
{
	size_t i;

	for (i = 0; i < lv->nr_spaces; i++) {
		uint32_t pid = lv->spaces[i].tgid;

		if (lv->bpf->bss->members[pid % MPW_NR_PIDS] & MPW_MEMBER_SHARED &&
		    !id_list_has(ret, pid))
			id_list_add(ret, pid);
	}
}

int live_share(void *priv, const struct id_list *wanted, struct id_list *ret)
{
	struct live *lv = priv;
	const volatile __u64 *unseen = &lv->bpf->data->unseen_shares;
	uint64_t before;
	int err, rounds;

	if (!wanted && lv->truth) /* all are fed, and their records have the keys */
		return 0;

	for (rounds = 0; rounds < SHARE_ROUNDS; rounds++) {
		before = *unseen;
		err = read_spaces(lv);
		if (err || !wanted)
			return err;
		if (!add_all(lv, wanted) && *unseen == before) {
			list_sharers(lv, ret);
			return 0;
		}
	}
	list_sharers(lv, ret);
	return -EAGAIN;
}

uint64_t live_space_of(const struct live *lv, uint32_t pid)
{
	size_t i;

	for (i = 0; i < lv->nr_spaces && lv->spaces[i].tgid != pid; i++)
		;
	return i < lv->nr_spaces ? lv->spaces[i].mm : 0;
}
