/* SPDX-License-Identifier: BSD-2-Clause */
/* The begin of a file that a traced process has mapped: an ELF file, maybe. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/show.h"
#include "source/buildid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf id = { 0 };
	char *begin;

	len = len < BUILDID_FILE_BYTES ? len : BUILDID_FILE_BYTES;
	begin = malloc(len ? len : 1); /* of its own: so that reading beyond it is seen */
	memcpy(begin, data, len);
	buildid_parse(begin, len, &id);
	assert(id.len <= 128 && strspn(buf_str(&id), "0123456789abcdef") == id.len);
	buf_done(&id);
	free(begin);
	return 0;
}
