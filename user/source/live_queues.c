/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory of the kernel side's lanes and rings. */
#include "source/live_private.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "util/mem.h"

/* Mapped memory. */
struct mapped {
	void *at; /* NULL: none */
	size_t len;
};

/* A ring is mapped in two parts: its reader's position, and all else. */
struct queue_maps {
	struct mapped lanes, slots, events[2], life[2];
};

static int map_memory(struct mapped *p, const struct bpf_map *map, size_t len, int prot, off_t off)
{
	size_t page = sysconf(_SC_PAGESIZE);
	void *at;

	len = (len + page - 1) & ~(page - 1);
	at = mmap(NULL, len, prot, MAP_SHARED, bpf_map__fd(map), off);
	if (at == MAP_FAILED)
		return -errno;
	*p = (struct mapped){ at, len };
	return 0;
}

static void unmap_memory(const struct mapped *p)
{
	if (p->at)
		munmap(p->at, p->len);
}

static int add_lanes(struct live *lv, struct queue_maps *m)
{
	const struct bpf_map *lanes = lv->bpf->maps.lanes, *slots = lv->bpf->maps.slots;
	size_t nr = bpf_map__max_entries(lanes), lane = MPW_LANE_SLOTS * MPW_SLOT_BYTES, i;
	int err = map_memory(&m->lanes, lanes, nr * sizeof(struct mpw_lane), PROT_READ | PROT_WRITE,
			     0);

	if (!err)
		err = map_memory(&m->slots, slots, nr * lane, PROT_READ, 0);
	for (i = 0; !err && i < nr; i++)
		queues_add_lane(lv->queues, (struct mpw_lane *)m->lanes.at + i,
				(char *)m->slots.at + i * lane);
	return err;
}

static int add_ring(struct live *lv, const struct bpf_map *map, struct mapped p[2])
{
	struct epoll_event ev = { .events = EPOLLIN };
	size_t page = sysconf(_SC_PAGESIZE), size = bpf_map__max_entries(map);
	int err = map_memory(&p[0], map, page, PROT_READ | PROT_WRITE, 0);

	if (!err)
		err = map_memory(&p[1], map, page + 2 * size, PROT_READ, page);
	if (err)
		return err;
	queues_add_ring(lv->queues, p[0].at, p[1].at, (char *)p[1].at + page, size);
	return epoll_ctl(lv->queue_fd, EPOLL_CTL_ADD, bpf_map__fd(map), &ev) ? -errno : 0;
}

/* A process's exec comes before the rest of its mappings: so its ring is the first. */
int live_queues_open(struct live *lv)
{
	struct queue_maps *m = lv->queue_maps = mem_alloc(sizeof(*m));
	int err;

	lv->queues = queues_new();
	lv->queue_fd = epoll_create1(EPOLL_CLOEXEC);
	if (lv->queue_fd < 0)
		return -errno;
	err = add_ring(lv, lv->bpf->maps.life, m->life);
	if (!err)
		err = add_ring(lv, lv->bpf->maps.events, m->events);
	return err || !lv->has_lanes ? err : add_lanes(lv, m);
}

void live_queues_close(struct live *lv)
{
	const struct queue_maps *m = lv->queue_maps;

	queues_free(lv->queues);
	if (lv->queue_fd >= 0)
		close(lv->queue_fd);
	if (!m)
		return;
	unmap_memory(&m->lanes);
	unmap_memory(&m->slots);
	unmap_memory(&m->events[0]);
	unmap_memory(&m->events[1]);
	unmap_memory(&m->life[0]);
	unmap_memory(&m->life[1]);
	free(lv->queue_maps);
}
