/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes as a page can hold them: deflated (zlib's format), in base64, bit by bit. */
#ifndef SINK_HTML_PACK_H
#define SINK_HTML_PACK_H

#include <zlib.h>

#include "util/out.h"

struct html_pack {
	struct out *out; /* borrowed */
	z_stream z;
	uint8_t rest[3]; /* deflated bytes that make no group of three yet */
	unsigned int nr_rest;
};

void base64_put(struct buf *b, const uint8_t *data, size_t len);

/* Allocates, until html_pack_end(). 0, or -ENOMEM. */
int html_pack_begin(struct html_pack *p, struct out *out);
/* 0, or -errno of out. */
int html_pack_add(struct html_pack *p, const void *data, size_t len);
/* Write the rest; frees what html_pack_begin() allocated, always. 0, or -errno of out. */
int html_pack_end(struct html_pack *p);

#endif
