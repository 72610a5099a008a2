/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by live.c, which opens the kernel side, and others, which read from it. */
#ifndef SOURCE_LIVE_PRIVATE_H
#define SOURCE_LIVE_PRIVATE_H

#include "control.h" /* types of the skeleton */
#include "core/decode.h"
#include "mprotwatch.skel.h"
#include "source/live.h"
#include "source/machine.h"
#include "source/procmaps.h"
#include "source/queues.h"
#include "source/symbols.h"

/* The tracepoints of live_write.c. */
enum write_link {
	WRITE_LINK_VM,
	WRITE_LINK_PTRACE,
	WRITE_LINK_OPENAT,
	WRITE_LINK_OPEN,
	WRITE_LINK_OPENAT2,
	WRITE_LINK_CREAT,
	NR_WRITE_LINKS
};

/*
 * Links to tracepoints of system calls: one for each traced call, by its id, that of on_leave(), and
 * those of enum write_link.
 */
enum { LINK_LEAVE = MPW_NR_CALLS, LINK_WRITE, NR_LINKS = LINK_WRITE + NR_WRITE_LINKS };

/* Records of a process that found no room. */
struct loss {
	uint32_t pid; /* 0: anybody's */
	struct mpw_losses of;
};

/* Lanes need an order of writes, which x86 has by itself, and BPF on arm64 since Linux 5.18. */
#ifdef __x86_64__
#define LANES_NEED_ATOMICS false
#else
#define LANES_NEED_ATOMICS true
#endif

struct live {
	struct mprotwatch_bpf *bpf;
	struct queue_maps *queue_maps;
	struct queues *queues;
	int queue_fd;	   /* readable when the rings are not empty */
	uint64_t round_ns; /* CLOCK_BOOTTIME when the round began */
	bool in_round;
	uint64_t nr_fed; /* records */
	bool has_lanes;
	struct decoder *decoder;
	struct object_table *objects;
	struct bpf_link *links[NR_LINKS];
	const char *missing[MPW_NR_CALLS + 1];
	bool has_vma_iter, exit_has_mm, truth;
	bool is_old;	   /* set if the unit for old kernels is loaded */
	int truth_refused; /* -errno */
	enum live_compat compat;
	bool compat_alone; /* set if compat calls are seen where nothing else passes */
	int tracefs;
	struct bpf_link *compat_link, *mem_link;
	uint64_t write_ids[NR_WRITE_LINKS]; /* of tracepoints; 0: not used */
	bool sees_mem_write;
	/* losses */
	struct loss *losses; /* of the round, by time */
	size_t nr_losses, next_loss;
	uint64_t lost_reported; /* part of the kernel's count */
	uint64_t misses_reported, misses_checked_ns;
	struct machine machine;
	struct buf conditions; /* of the failed call at hand */
	uint64_t last_ts_ns;
	uint64_t start_ns; /* CLOCK_BOOTTIME */
	struct live_start start;
	struct mpw_shared *spaces; /* of all processes when live_share() last looked; by mm */
	size_t nr_spaces;
	struct symbols *symbols; /* NULL: no stacks are wanted */
	/* while records are fed */
	const struct source_reader *to;
	struct procmaps maps;  /* of snapshots from /proc */
	struct reader *reader; /* borrowed */
	struct seen_list guards;
	bool names_no_guards; /* set when the kernel does not */
};

/* True if this kernel offers all that the truth tier needs. */
bool kernel_has_vma_iter(const struct btf *btf);

/*
 * 0 if calls by the 32-bit entry can be seen where nothing else passes, 1 if this kernel has no
 * such calls. -errno: they are seen, if at all, where every call of the machine exits.
 */
int kernel_compat(const struct btf *btf);

/* The close of struct source_ops: priv is the struct live. */
void live_close(void *priv);

/* Map the queues of the loaded programs. 0, or -errno; live_queues_close() in either case. */
int live_queues_open(struct live *lv);
void live_queues_close(struct live *lv);

/* The share of struct source_ops. */
int live_share(void *priv, const struct id_list *wanted, struct id_list *ret);
/* The key of pid's address space, as live_share() saw it; 0: not known. */
uint64_t live_space_of(const struct live *lv, uint32_t pid);

#endif
