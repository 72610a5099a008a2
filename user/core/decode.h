/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of the ring buffer (include/wire.h) as events. */
#ifndef CORE_DECODE_H
#define CORE_DECODE_H

#include "core/event.h"
#include "core/object.h"
#include "wire.h"

struct decoder;

/* objects is borrowed: names of mappings are interned there. */
struct decoder *decoder_new(struct object_table *objects);
void decoder_free(struct decoder *d);

/*
 * One record of len bytes, 8-aligned, as an event. What ret points to is valid until the next call.
 * 0, or -EINVAL if the bytes are no whole, consistent record.
 */
int decode(struct decoder *d, const void *record, size_t len, struct event *ret);

#endif
