/* SPDX-License-Identifier: BSD-2-Clause */
/* A file of rules: read, or refused with a sentence. */
#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmd/rules_file.h"
#include "core/rules.h"
#include "fuzz/show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static int fd = -1;
	static char path[32];
	struct rules rules;

	if (fd < 0) {
		fd = memfd_create("rules", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	assert(!ftruncate(fd, 0) && pwrite(fd, data, len, 0) == (ssize_t)len);
	if (!rules_file_read(&rules, path))
		rules_file_report(&rules, path, false);
	rules_done(&rules);
	return 0;
}
