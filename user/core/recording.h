/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Constants that the writer and the reader of recordings share, beside the schema
 * (sink/record/record_schema.sql, mprotwatch-recording(5)).
 */
#ifndef CORE_RECORDING_H
#define CORE_RECORDING_H

#define RECORDING_APPLICATION 0x6d707772 /* "mpwr", in SQLite's application_id */
#define RECORDING_VERSION     4		 /* in SQLite's user_version */

/* The last version of which some recordings have no seals (seal.h). */
#define RECORDING_WITHOUT_SEALS 3

/* Bytes of a block's events, uncompressed: the writer ends a block at the first limit, the reader
 * refuses a block above the second. */
#define RECORDING_BLOCK_BYTES (256u << 10)
#define RECORDING_BLOCK_MAX   (128u << 20) /* a snapshot is one event */

/* block.key */
enum recording_key {
	RECORDING_EVENTS,    /* the stream */
	RECORDING_KEY_FIRST, /* a key frame: all mirrors as they are at this place */
	RECORDING_KEY_MORE,  /* its continuation */
};

#endif
