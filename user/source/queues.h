/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel side's queues, lanes and rings, as one stream of records. The reader takes rounds: it
 * reads the clock, then looks into each queue, and gets in order what was written before that time.
 *
 * A record's time is read before it gets its place in a queue, so it and all before it in the queue
 * are older than whatever follows from it, in any queue. Taken by time, each queue in its own order,
 * no effect comes before its cause. A record that is not whole when the reader comes by has had no
 * effect yet: the others need not wait for it.
 */
#ifndef SOURCE_QUEUES_H
#define SOURCE_QUEUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

struct queues;

struct queues *queues_new(void);
void queues_free(struct queues *qs);

/*
 * Queues, whose memory is borrowed. Where times are equal, the queue that was added first comes
 * first. A lane has MPW_LANE_SLOTS slots. A ring is one of the kernel's, as bpf(2) maps it (Linux
 * 5.8): the positions of its reader and its writers, and its data twice, one after the other; size
 * is a power of two.
 */
void queues_add_lane(struct queues *qs, struct mpw_lane *lane, const void *slots);
void queues_add_ring(struct queues *qs, __u64 *consumer, const __u64 *producer, const void *data,
		     uint64_t size);

/* Begin a round with the records from before now_ns, after the one before was read to its end. */
void queues_begin(struct queues *qs, uint64_t now_ns);

/*
 * The round's next record, valid until the next call, which gives its place back. False: there is
 * no more.
 */
bool queues_next(struct queues *qs, const void **ret_data, size_t *ret_len);

#endif
