/* SPDX-License-Identifier: BSD-2-Clause */
/* Attaches one of the floor programs until stdin closes: "floor empty|record PID [PID]". */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "floor.skel.h"
#include "source/live_attach.h"

static int on_record(void *ctx, void *data, size_t len)
{
	(void)ctx, (void)data, (void)len;
	return 0;
}

int main(int argc, char **argv)
{
	struct pollfd in = { .fd = 0, .events = POLLIN };
	struct bpf_program *prog, *other;
	struct bpf_link *link = NULL;
	struct ring_buffer *ring;
	struct floor_bpf *bpf = floor_bpf__open();
	int fd = tracefs_open();
	uint64_t id;

	if (argc < 3 || !bpf || fd < 0)
		return 1;
	prog = !strcmp(argv[1], "empty") ? bpf->progs.floor_empty : bpf->progs.floor_record;
	other = prog == bpf->progs.floor_empty ? bpf->progs.floor_record : bpf->progs.floor_empty;
	bpf_program__set_autoload(other, false);
	bpf->rodata->wanted_tgid = atoi(argv[2]);
	bpf->rodata->wanted_tgid2 = argc > 3 ? atoi(argv[3]) : 0;
	if (floor_bpf__load(bpf) || tracefs_syscall_id(fd, "sys_exit_mprotect", &id) ||
	    tracepoint_attach(prog, id, &link))
		return 1;
	ring = ring_buffer__new(bpf_map__fd(bpf->maps.ring), on_record, NULL, NULL);
	if (!ring)
		return 1;
	fputs("ready\n", stderr);
	while (poll(&in, 1, 50) == 0)
		ring_buffer__consume(ring);
	ring_buffer__free(ring);
	bpf_link__destroy(link);
	floor_bpf__destroy(bpf);
	return 0;
}
