/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Constants that user space sets before loading (read-only, so that the verifier
 * drops code that is not needed), and the maps. All variables are initialized: they
 * lie in this order in both units (kernel.bpf.h), so that one skeleton serves both.
 */
#ifndef MAPS_BPF_H
#define MAPS_BPF_H

#define MAX_PROCS	 65536
#define WRITE_ONCE(x, v) (*(volatile typeof(x) *)&(x) = (v))
#define READ_ONCE(x)	 (*(volatile typeof(x) *)&(x))

/* Set where the task_vma kfuncs exist (Linux 6.7): mappings can be read. */
const volatile bool has_vma_iter = false;
/* Set for kernel truth: ranges that a call touched are read back. */
const volatile bool truth = false;
/*
 * Set where programs are on the exits of the calls' own functions: whatever they see was done. Else
 * they are on tracepoints, which also pass calls that somebody answered.
 */
const volatile bool by_function = false;
/* See abi.h. */
const volatile __u64 page_bytes = PAGE_BYTES_MIN;
/* Size of a kernel stack, for old kernels. */
const volatile __u32 stack_bytes = 0;
/* Set to verify mirrors at the exit of a process, where it still has its memory (Linux 6.16). */
const volatile bool check_at_exit = false;
/* FMODE_BACKING: the file lies below an overlay, and user_path is the opened one. 0: old kernel. */
const volatile __u32 fmode_backing = 0;
/* Set to send calls with the begin of the caller's stack. */
const volatile bool with_stack = false;
/* Set where the opening of /proc/PID/mem is seen, for want of writes to it. */
const volatile bool opens_of_mem = false;
/* Bytes of the ring that all records have in common, and of that for the life of processes. */
const volatile __u64 ring_bytes = 16 << 20;
const volatile __u64 life_bytes = 4 << 20;
/* Set where short records go into lanes. */
const volatile bool has_lanes = false;

/* The wanted processes. */
const volatile struct mpw_filter filter = {};
const volatile __u32 self_tgid = 0; /* the tool does not trace itself */
/* The tool's mount namespace: paths are the tool's own there. */
const volatile __u32 home_mnt_ns = 0;

/* Lanes, by CPU, and their slots, one lane's after the other's. User space sets the sizes. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mpw_lane);
} lanes SEC(".maps");

struct slot {
	__u8 bytes[MPW_SLOT_BYTES];
} __attribute__((aligned(8)));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MPW_LANE_SLOTS);
	__type(key, __u32);
	__type(value, struct slot);
} slots SEC(".maps");

/* Long records, and short ones that find their lane full. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} events SEC(".maps");

/* The life of processes, which no flood of calls shall keep out: exec, fork, exit, fault. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} life SEC(".maps");

/* A user of the rings: its bytes since the round of the reader in which it was last seen. */
struct use {
	__u32 who, round;
	__u64 bytes;
};

#define NR_USES 16384
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NR_USES);
	__type(key, __u32);
	__type(value, struct use);
} uses SEC(".maps");

/* The reader's: rounds that it began, in each of which it takes all that waits; not asleep. */
__u32 reader_round SEC(".data");
__u32 reader_awake SEC(".data");

/*
 * enum mpw_member bits by tgid: a table of all pids that there can be, because a look into it costs
 * nothing, and one into a hash 50 ns of every call. The section holds nothing else: it has the
 * largest size that 5.10 allows.
 */
__u8 members[MPW_NR_PIDS] = {};

/* tid -> 1, for filter.by_tid. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u32);
} tids SEC(".maps");

/* Who sent a process the latest of the signals that fault.bpf.h looks at, by the process's tgid. */
struct sender {
	__u32 tgid, uid, sig, pad;
	char comm[MPW_COMM_LEN];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct sender);
} senders SEC(".maps");

/* The start of a row of lossy: the stack, 512 bytes for all calls in a row, has no room for it. */
const volatile struct mpw_losses no_losses = {};

/* Records that found no room: in all, and by tgid. User space empties the map. */
__u64 lost SEC(".data");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_PROCS);
	__type(key, __u32);
	__type(value, struct mpw_losses);
} lossy SEC(".maps");

/*
 * Processes that unwanted ones made with the same memory: user space, which looks for those who
 * share a traced process's, looks again.
 */
__u64 unseen_shares SEC(".data");

/* The end of a readback. */
enum range_end {
	RANGE_AT_HI,	/* at hi */
	RANGE_VMA,	/* at hi, or at the end of the mapping that holds lo if that is above */
	RANGE_NEXT_VMA, /* at the first mapping above hi and the one that holds lo */
};

/* A readback: the wanted range, and the progress. */
struct walk {
	__u64 lo, hi; /* lo moves up as pieces are sent */
	enum range_end end;
	bool on_demand;	  /* set for a snapshot, which may take several runs */
	__u32 piece_vmas; /* mappings sent at once; 0: as many as fit */
	__u32 head_len;	  /* bytes before the range in the first record */
	__u64 stop;	  /* hi, or the address that "end" leads to */
	__u64 seq;	  /* lock_seq() before the open piece was read */
	__u64 sent;	  /* bytes */
};

/* Room to build a record of variable length in. */
#define SCRATCH_BYTES 16384
#define ENTRY_MAX     (sizeof(struct mpw_vma) + MPW_PATH_MAX + 8)

struct scratch {
	__u32 owner;	   /* tid of the user; 0: free */
	__u32 id;	   /* its key in the map */
	__u32 len;	   /* bytes of data in use; kept here, not in a register, so that the
			 * verifier sees one state at the head of each loop */
	__u64 vma;	   /* the mapping to write */
	__u64 file;	   /* file of the last mapping written: MPW_NAME_SAME */
	__u64 range_at;	   /* where the open range's header is in data */
	__u64 nr_vmas;	   /* in the open range */
	struct walk walk;  /* the current readback */
	struct walk then;  /* the next one; hi 0: none */
	__u64 dentry, mnt; /* the path walk's position */
	__u32 name_at;	   /* start in data of the name that is being written */
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
 * Scratches beside those of CPUs. The first is for snapshots on demand, of which user space runs
 * one at a time; the others are spares for programs on a CPU whose own is in use: since Linux 7.2
 * programs on system calls can be preempted, as those on fexit always could.
 */
#define NR_SCRATCHES 32
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NR_SCRATCHES);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/* The readback as a tail call: the verifier looks at it once, and not in each program. */
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
