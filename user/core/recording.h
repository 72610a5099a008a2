/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the writer and the reader of recordings agree on beside the schema
 * (sink/record/record_schema.sql, mprotwatch-recording(5)).
 */
#ifndef CORE_RECORDING_H
#define CORE_RECORDING_H

#define RECORDING_APPLICATION 0x6d707772 /* "mpwr", in SQLite's application_id */
#define RECORDING_VERSION     3		 /* in SQLite's user_version */

/* A block's events, unpacked: a writer ends a block at the first, a reader refuses above the second. */
#define RECORDING_BLOCK_BYTES (256u << 10)
#define RECORDING_BLOCK_MAX   (128u << 20) /* a snapshot is one event */

/* block.key */
enum recording_key {
	RECORDING_EVENTS,    /* what happened */
	RECORDING_KEY_FIRST, /* a key frame: all mirrors as they are here */
	RECORDING_KEY_MORE,  /* its continuation */
};

#endif
