/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Fair shares of the rings. As long as a ring is half empty, anybody may write into it, and nobody
 * is looked up. Above that, a user may have written half of what is free since the reader began its
 * round, and a process a quarter of what is left of that: the more there are who flood the ring,
 * the less each of them gets, and something remains for those who write little. What finds no room
 * is counted.
 */
#ifndef ROOM_BPF_H
#define ROOM_BPF_H

/* The losses of a process; NULL: there is no room to count them apart from all others'. */
static __always_inline struct mpw_losses *losses_of(__u32 tgid)
{
	struct mpw_losses *l = bpf_map_lookup_elem(&lossy, &tgid);

	if (l)
		return l;
	bpf_map_update_elem(&lossy, &tgid, (const void *)&no_losses, BPF_NOEXIST);
	l = bpf_map_lookup_elem(&lossy, &tgid);
	if (l)
		l->ts_ns = bpf_ktime_get_boot_ns();
	return l;
}

__noinline int count_loss(__u32 tgid)
{
	struct mpw_losses *l = losses_of(tgid);

	if (l)
		__sync_fetch_and_add(&l->nr, 1);
	__sync_fetch_and_add(&lost, 1);
	return 0;
}

#define USE_TRIES   4
#define USER_SHARE  2
#define PROC_SHARE  4
#define use_half    (NR_USES / 2) /* the first half is for processes, the other for users */
#define use_hash(w) ((w)*0x9e3779b1u >> 19)
_Static_assert(1 << (32 - 19) == use_half, "the hash covers half of the table");

/* The use of a process or a user, begun anew with the reader's round; NULL: there is no room. */
static __always_inline struct use *use_of(__u32 who, bool is_user)
{
	__u32 now = reader_round, i, at;
	struct use *u;

	for (i = 0; i < USE_TRIES; i++) {
		at = (use_hash(who) + i) % use_half + (is_user ? use_half : 0);
		u = bpf_map_lookup_elem(&uses, &at);
		if (!u)
			return NULL;
		if (u->round == now && u->who == who)
			return u;
		if (u->round != now) {
			u->who = who;
			u->bytes = 0;
			u->round = now;
			return u;
		}
	}
	return NULL;
}

/* Take len bytes out of the shares of a process and its user. False if they are used up. */
static __always_inline bool share_take(__u32 tgid, __u32 len, __u64 left)
{
	struct use *user = use_of((__u32)bpf_get_current_uid_gid(), true), *proc;

	if (!user)
		return false;
	left /= USER_SHARE;
	left = left > user->bytes ? left - user->bytes : 0;
	proc = use_of(tgid, false);
	if (len + (proc ? proc->bytes : 0) > left / PROC_SHARE)
		return false;
	user->bytes += len;
	if (proc)
		proc->bytes += len;
	return true;
}

/* True if a record of len bytes may be written; used, size: bytes of the ring. */
__noinline bool has_share(__u32 tgid, __u32 len, __u64 used, __u64 size)
{
	struct mpw_losses *l;

	if ((__u32)(bpf_get_current_pid_tgid() >> 32) ==
	    self_tgid) /* a snapshot that was asked for */
		return true;
	if (share_take(tgid, len, size > used ? size - used : 0))
		return true;
	l = losses_of(tgid);
	if (l)
		__sync_fetch_and_add(&l->nr_over, 1);
	return false;
}

/* The two questions, each for one ring: a ring is a constant to the verifier. */
static __always_inline bool events_has_room(__u32 tgid, __u32 len)
{
	__u64 used = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA);

	return used <= ring_bytes / 2 || has_share(tgid, len, used, ring_bytes);
}

static __always_inline bool life_has_room(__u32 tgid, __u32 len)
{
	__u64 used = bpf_ringbuf_query(&life, BPF_RB_AVAIL_DATA);

	return used <= life_bytes / 2 || has_share(tgid, len, used, life_bytes);
}

/* Room in a ring for a record of a constant size; NULL: there is none. */
#define life_reserve(bytes, tgid) \
	(life_has_room(tgid, bytes) ? bpf_ringbuf_reserve(&life, bytes, 0) : NULL)
#define events_reserve(bytes, tgid) \
	(events_has_room(tgid, bytes) ? bpf_ringbuf_reserve(&events, bytes, 0) : NULL)

#endif
