/* SPDX-License-Identifier: BSD-2-Clause */
/* zlib and base64 over util/out; see html_pack.h. */
#include "sink/html/html_pack.h"

#include <errno.h>

#define CHUNK_BYTES 16384

void base64_put(struct buf *b, const uint8_t *data, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	for (i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t v = data[i] << 16 | (n > 1 ? data[i + 1] << 8 : 0) |
			     (n > 2 ? data[i + 2] : 0);

		buf_putc(b, digits[v >> 18]);
		buf_putc(b, digits[v >> 12 & 63]);
		buf_putc(b, n > 1 ? digits[v >> 6 & 63] : '=');
		buf_putc(b, n > 2 ? digits[v & 63] : '=');
	}
}

/* Only whole groups of three are written; up to two bytes wait in rest. */
static int put(struct html_pack *p, const uint8_t *data, size_t len)
{
	size_t whole;

	while (p->nr_rest && p->nr_rest < 3 && len) {
		p->rest[p->nr_rest++] = *data++;
		len--;
	}
	if (p->nr_rest == 3) {
		base64_put(&p->out->buf, p->rest, 3);
		p->nr_rest = 0;
	}
	whole = len / 3 * 3;
	base64_put(&p->out->buf, data, whole);
	for (; whole < len; whole++)
		p->rest[p->nr_rest++] = data[whole];
	return out_commit(p->out);
}

static int deflate_all(struct html_pack *p, int flush)
{
	uint8_t chunk[CHUNK_BYTES];
	int err = 0;

	do {
		p->z.next_out = chunk;
		p->z.avail_out = sizeof(chunk);
		deflate(&p->z, flush);
		err = put(p, chunk, sizeof(chunk) - p->z.avail_out);
	} while (!err && !p->z.avail_out);
	return err;
}

int html_pack_begin(struct html_pack *p, struct out *out)
{
	*p = (struct html_pack){ .out = out };
	return deflateInit(&p->z, Z_DEFAULT_COMPRESSION) == Z_OK ? 0 : -ENOMEM;
}

int html_pack_add(struct html_pack *p, const void *data, size_t len)
{
	const uint8_t *at = data;
	int err = 0;

	while (len && !err) { /* avail_in has 32 bits */
		size_t n = len < 1 << 30 ? len : 1 << 30;

		p->z.next_in = (uint8_t *)at;
		p->z.avail_in = n;
		err = deflate_all(p, Z_NO_FLUSH);
		at += n;
		len -= n;
	}
	return err;
}

int html_pack_end(struct html_pack *p)
{
	int err = deflate_all(p, Z_FINISH);

	deflateEnd(&p->z);
	if (err)
		return err;
	base64_put(&p->out->buf, p->rest, p->nr_rest);
	return out_commit(p->out);
}
