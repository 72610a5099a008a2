/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of the kernel side. A program on a tracepoint is detached by the last close of its link,
 * which waits until no CPU runs it any more: tens of milliseconds, for one after the other. Nobody
 * shall wait for that, so a child does, which has nothing but the links.
 */
#include "source/live_private.h"

#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#define LINKS_MAX (NR_HOOKS + NR_PLAIN_LINKS)

struct fd_list {
	unsigned int fd[LINKS_MAX];
	size_t nr;
};

static void link_add(struct fd_list *l, const struct bpf_link *link)
{
	if (link && l->nr < LINKS_MAX)
		l->fd[l->nr++] = bpf_link__fd(link);
}

static int fd_compare(const void *a, const void *b)
{
	unsigned int x = *(const unsigned int *)a, y = *(const unsigned int *)b;

	return (x > y) - (x < y);
}

static struct fd_list links_of(const struct live *lv)
{
	struct fd_list l = { 0 };
	int i;

	for (i = 0; i < NR_HOOKS; i++)
		link_add(&l, lv->hooks[i].link);
	for (i = 0; i < NR_PLAIN_LINKS; i++)
		link_add(&l, lv->links[i]);
	qsort(l.fd, l.nr, sizeof(*l.fd), fd_compare);
	return l;
}

static void fds_close(unsigned int from, unsigned int to)
{
	if (from <= to)
		syscall(SYS_close_range, from, to, 0);
}

/*
 * Only calls that a child of a process with threads may make. Readers of our outputs see their end;
 * the terminal, the process group and the working directory are not kept in use.
 */
static _Noreturn void keep_links(const struct fd_list *l)
{
	unsigned int from = 0;
	int err = setsid() < 0 || chdir("/");
	size_t i;

	for (i = 0; i < l->nr; i++) {
		if (l->fd[i])
			fds_close(from, l->fd[i] - 1);
		from = l->fd[i] + 1;
	}
	fds_close(from, ~0U);
	_exit(err);
}

/* Without a child, the close of the links waits. */
static void leave_links(const struct live *lv)
{
	const struct fd_list l = links_of(lv);

	if (l.nr && !fork())
		keep_links(&l);
}

static void links_close(struct live *lv)
{
	int i;

	for (i = 0; i < NR_HOOKS; i++)
		bpf_link__destroy(lv->hooks[i].link);
	for (i = 0; i < NR_PLAIN_LINKS; i++)
		bpf_link__destroy(lv->links[i]);
}

void live_close(void *priv)
{
	struct live *lv = priv;

	leave_links(lv);
	links_close(lv);
	live_queues_close(lv);
	mprotwatch_bpf__destroy(lv->bpf);
	if (lv->tracefs >= 0)
		close(lv->tracefs);
	decoder_free(lv->decoder);
	procmaps_done(&lv->maps);
	seen_list_done(&lv->guards);
	symbols_free(lv->symbols);
	free(lv->spaces);
	free(lv->losses);
	buf_done(&lv->conditions);
	free(lv);
}
