/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Fair shares of the rings. As long as a ring is half empty, anybody may write into it, and nobody
 * is looked up. Above that, a process may have written an eighth of what is free, and a user half of
 * it, since the reader began its round: the more there are who flood the ring, the less each of them
 * gets, and something remains for those who write little.
 */
#ifndef ROOM_BPF_H
#define ROOM_BPF_H

#define USE_TRIES   4
#define USER_SHARE  2
#define PROC_SHARE  8
#define use_half    (NR_USES / 2) /* the first half is for processes, the other for users */
#define use_hash(w) ((w)*0x9e3779b1u >> 19)
_Static_assert(1 << (32 - 19) == use_half, "the hash covers half of the table");

/* Add len bytes to who's use if it is below "most" then. False if it is not, or there is no room. */
__noinline bool use_add(__u32 who, bool is_user, __u32 len, __u64 most)
{
	__u32 now = reader_round, i, at;
	struct use *u;

	for (i = 0; i < USE_TRIES; i++) {
		at = (use_hash(who) + i) % use_half + (is_user ? use_half : 0);
		u = bpf_map_lookup_elem(&uses, &at);
		if (!u)
			return false;
		if (u->round != now) {
			u->who = who;
			u->bytes = 0;
			u->round = now;
		} else if (u->who != who) {
			continue;
		}
		if (u->bytes + len > most)
			return false;
		u->bytes += len;
		return true;
	}
	return !is_user; /* more processes than are told apart: their user's share holds */
}

/* True if a record of len bytes may be written; used, size: bytes of the ring. */
__noinline bool has_share(__u32 tgid, __u32 len, __u64 used, __u64 size)
{
	__u64 left = size > used ? size - used : 0;

	if ((__u32)(bpf_get_current_pid_tgid() >> 32) ==
	    self_tgid) /* a snapshot that was asked for */
		return true;
	return use_add((__u32)bpf_get_current_uid_gid(), true, len, left / USER_SHARE) &&
	       use_add(tgid, false, len, left / PROC_SHARE);
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
