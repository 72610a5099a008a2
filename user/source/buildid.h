/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The GNU build-id of an ELF file (ld --build-id), by which debuginfod and debuggers find the very
 * file, whatever it is called and wherever it went.
 */
#ifndef SOURCE_BUILDID_H
#define SOURCE_BUILDID_H

#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

/* Bytes that are looked at: linkers put notes at the start of a file. */
#define BUILDID_FILE_BYTES 16384

/*
 * Adds the build-id to ret, in hexadecimal; nothing if there is none. data is the start of an ELF
 * file of this machine's byte order. Whatever the bytes are, none is read beyond len.
 */
void buildid_parse(const void *data, size_t len, struct buf *ret);

#endif
