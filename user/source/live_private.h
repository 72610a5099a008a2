/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by live.c, which opens the kernel side, and others, which read from it. */
#ifndef SOURCE_LIVE_PRIVATE_H
#define SOURCE_LIVE_PRIVATE_H

#include "control.h" /* types of the skeleton */
#include "core/decode.h"
#include "mprotwatch.skel.h"
#include "source/live.h"
#include "source/live_hook.h"
#include "source/machine.h"
#include "source/procmaps.h"
#include "source/queues.h"
#include "source/symbols.h"

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

#define NR_PLAIN_LINKS 8

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
	bool by_function; /* set if hooks are functions, else they are tracepoints */
	struct hook hooks[NR_HOOKS];
	struct bpf_link *links[NR_PLAIN_LINKS]; /* of programs with one place for ever */
	const char *missing[MPW_NR_CALLS + 1];
	bool has_vma_iter, exit_has_mm, truth;
	bool is_old;	   /* set if the unit for old kernels is loaded */
	int truth_refused; /* -errno */
	enum live_compat compat;
	bool compat_alone;   /* set if compat calls are seen where nothing else passes */
	bool compat_by_call; /* set if they are seen at each one's own function */
	bool wants_leave;    /* set if on_leave() verifies mirrors for the last time */
	int tracefs;	     /* -1: not needed */
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
