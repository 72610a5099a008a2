/* SPDX-License-Identifier: BSD-2-Clause */
/* Feeds one process at a time, so that a reader can stop it between any two. */
#include "source/scan.h"

#include <stdlib.h>

#include "source/boot.h"
#include "source/procmaps.h"
#include "util/clock.h"
#include "util/mem.h"

struct scan {
	const struct id_list *pids;
	struct object_table *objects;
	uint64_t start_ns; /* CLOCK_BOOTTIME */
	size_t nr_fed;
	struct procmaps maps;
};

static void scan_info(const void *priv, struct run_info *ret)
{
	boot_run_info(((const struct scan *)priv)->start_ns, ret);
}

static int scan_feed(void *priv, const struct source_reader *to)
{
	struct scan *sc = priv;
	struct event ev;
	uint32_t pid;
	int err;

	if (sc->nr_fed == sc->pids->nr) {
		sc->nr_fed = 0;
		return SOURCE_ENDED;
	}
	pid = sc->pids->id[sc->nr_fed++];
	err = procmaps_event(&sc->maps, sc->objects, pid, &ev);
	if (err)
		return err;
	procmaps_identity(pid, &ev);
	err = to->event(to->ctx, &ev);
	return err ? err : SOURCE_HAS_MORE;
}

static void scan_close(void *priv)
{
	struct scan *sc = priv;

	procmaps_done(&sc->maps);
	free(sc);
}

static const struct source_ops scan_ops = {
	.info = scan_info,
	.feed = scan_feed,
	.close = scan_close,
};

struct source scan_source(const struct id_list *pids, struct object_table *objects,
			  struct reader *r)
{
	struct scan *sc = mem_alloc(sizeof(*sc));

	*sc = (struct scan){ .pids = pids,
			     .objects = objects,
			     .maps.reader = r,
			     .start_ns = clock_ns(CLOCK_BOOTTIME) };
	return (struct source){ &scan_ops, sc };
}
