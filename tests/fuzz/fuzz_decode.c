/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records as the kernel side sends them, each behind its length in 8 bytes as two
 * bytes. Whatever they hold, the decoder refuses it or makes events that can be shown.
 */
#include <stdlib.h>
#include <string.h>

#include "core/decode.h"
#include "fuzz/show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct show s;
	struct decoder *d;
	struct event ev;

	show_init(&s);
	d = decoder_new(s.objects);
	while (len >= 2) {
		size_t n = (data[0] | data[1] << 8) * 8UL;
		void *record;

		data += 2;
		len -= 2;
		n = n < len ? n : len;
		record = malloc(n + 1); /* of its own: so that reading beyond it is seen */
		memcpy(record, data, n);
		if (!decode(d, record, n, &ev))
			show_feed(&s, &ev);
		free(record);
		data += n;
		len -= n;
	}
	decoder_free(d);
	show_done(&s);
	return 0;
}
