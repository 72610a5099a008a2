/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What user space sets before loading (read-only constants, so that the
 * verifier drops the code that is not wanted), and the maps. Variables are
 * initialized: so they lie in this order in both units (kernel.bpf.h), whatever
 * is used first in each, and one skeleton serves both.
 */
#ifndef MAPS_BPF_H
#define MAPS_BPF_H

#define MAX_PROCS	 65536
#define WRITE_ONCE(x, v) (*(volatile typeof(x) *)&(x) = (v))

/* The task_vma kfuncs exist (Linux 6.7): mappings can be read here. */
const volatile bool has_vma_iter = false;
/* Kernel truth: ranges that a call touched are read back. */
const volatile bool truth = false;
/* The size of a kernel stack, for old kernels. */
const volatile __u32 stack_bytes = 0;
/* Mirrors are to be verified when a process has left, which then still has its memory. */
const volatile bool check_at_exit = false;
/* FMODE_BACKING: the file lies below an overlay, its user_path is what was opened. 0: not there. */
const volatile __u32 fmode_backing = 0;
/* Calls are told with the begin of the caller's stack. */
const volatile bool with_stack = false;
/* Bytes waiting in the ring above which the reader is woken, instead of at its next look. */
const volatile __u64 wake_bytes = 1 << 20;

/* Who is traced. */
const volatile struct mpw_filter filter = {};
const volatile __u32 self_tgid = 0; /* the tool does not trace itself */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} events SEC(".maps");

/*
 * enum mpw_member bits by tgid: a table of all that there can be, because a look into it costs
 * nothing, and one into a hash 50 ns of every call. Nothing else is in its section: in 5.10 that is as large as one may be.
 */
__u8 members[MPW_NR_PIDS] = {};

/* tid -> 1, for filter.by_tid. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u32);
} tids SEC(".maps");

/* Records that found no room in the ring: all, and by tgid. User space takes the latter out. */
__u64 lost SEC(".data");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_PROCS);
	__type(key, __u32);
	__type(value, __u64);
} lossy SEC(".maps");

/* Where a readback ends. */
enum range_end {
	RANGE_AT_HI,	/* at hi */
	RANGE_VMA,	/* at hi, and with all of the mapping that holds lo */
	RANGE_NEXT_VMA, /* at the first mapping at or above hi */
};

/* A readback: what is wanted, and how far that got. */
struct walk {
	__u64 lo, hi; /* lo goes up with what was sent */
	enum range_end end;
	bool on_demand;	  /* a snapshot: in several runs, if need be */
	__u32 piece_vmas; /* mappings sent at once; 0: as many as fit */
	__u32 head_len;	  /* bytes before the range in the first record */
	__u64 stop;	  /* hi, or where "end" says */
	__u64 seq;	  /* lock_seq() before the open piece was read */
	__u64 sent;	  /* bytes */
};

/* Room to build a record of variable length in. */
#define SCRATCH_BYTES 16384
#define ENTRY_MAX     (sizeof(struct mpw_vma) + MPW_PATH_MAX + 8)

struct scratch {
	__u32 owner;	   /* the thread that uses it; 0: nobody */
	__u32 id;	   /* which it is */
	__u32 len;	   /* bytes of data in use; kept here, not in a register, so that the
			 * verifier sees one state at the head of each loop */
	__u64 vma;	   /* the mapping to write */
	__u64 file;	   /* of the last mapping written: its name need not be sent again */
	__u64 range_at;	   /* where the open range's header is in data */
	__u64 nr_vmas;	   /* in the open range */
	struct walk walk;  /* of the readback that is going on */
	struct walk then;  /* another one, after it: then.hi is not 0 */
	__u64 dentry, mnt; /* the path walk's position */
	__u32 name_at;	   /* where the name being written began */
	__u32 cut;
	__u32 pad;
	__u8 data[SCRATCH_BYTES + ENTRY_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratch_cpu SEC(".maps");

/*
 * The first is for snapshots on demand: user space runs one at a time. The others are for programs
 * on a CPU whose own is in use: since Linux 7.2 those on system calls can be preempted, as those
 * on fexit always could.
 */
#define NR_SCRATCHES 32
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NR_SCRATCHES);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/* Programs run a readback as a tail call: so the verifier looks at it once, not in each. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} readbacks SEC(".maps");

enum scratch_id { SCRATCH_SNAPSHOT, SCRATCH_SPARE, SCRATCH_CPU = NR_SCRATCHES };

static __always_inline struct scratch *scratch_get(__u32 id)
{
	__u32 zero = 0;

	if (id == SCRATCH_CPU)
		return bpf_map_lookup_elem(&scratch_cpu, &zero);
	return bpf_map_lookup_elem(&scratches, &id);
}

#endif
