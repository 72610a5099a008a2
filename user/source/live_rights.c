/* SPDX-License-Identifier: BSD-2-Clause */
/* All is loaded and attached: maps are looked into, and programs of our own are run. */
#include "source/live_rights.h"

#include <errno.h>
#include <linux/perf_event.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "source/live_private.h"
#include "util/caps.h"

/* Before Linux 5.19, a sysctl refuses each command of bpf(2) to who lacks the capability. */
static bool is_refused(const struct live *lv)
{
	uint32_t pid;
	int err = bpf_map_get_next_key(bpf_map__fd(lv->bpf->maps.lossy), NULL, &pid);

	return err == -EPERM || (err && errno == EPERM);
}

static uint64_t caps_of(const struct live *lv)
{
	uint64_t caps = LIVE_PROC_CAPS;

	caps_use(caps);
	if (is_refused(lv)) {
		caps |= CAP_SET(CAP_BPF);
		caps_use(caps);
	}
	if (is_refused(lv)) { /* which stands in for it */
		caps |= CAP_SET(CAP_SYS_ADMIN);
		caps_use(caps);
	}
	return caps;
}

/* Detaching from tracepoints closes them, but before Linux 5.15 libbpf disables them first. */
void live_rights(const struct live *lv, struct live_rights *ret)
{
	static const struct allow_rule rules[] = {
		EQUAL(bpf, 0, BPF_MAP_LOOKUP_ELEM),
		EQUAL(bpf, 0, BPF_MAP_UPDATE_ELEM),
		EQUAL(bpf, 0, BPF_MAP_DELETE_ELEM),
		EQUAL(bpf, 0, BPF_MAP_GET_NEXT_KEY),
		EQUAL(bpf, 0, BPF_MAP_LOOKUP_AND_DELETE_ELEM),
		EQUAL(bpf, 0, BPF_OBJ_GET_INFO_BY_FD),
		EQUAL(bpf, 0, BPF_PROG_TEST_RUN),
		EQUAL(bpf, 0, BPF_LINK_CREATE), /* live_share() lists processes */
		EQUAL(bpf, 0, BPF_ITER_CREATE),
		EQUAL(ioctl, 1, PERF_EVENT_IOC_DISABLE),
	};

	*ret = (struct live_rights){ caps_of(lv), ALLOW_LIST(rules) };
}
