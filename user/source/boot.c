/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks, and the kernel's name for this boot (random(4)). */
#include "source/boot.h"

#include <fcntl.h>
#include <unistd.h>

#include "util/clock.h"

void boot_run_info(uint64_t start_ns, struct run_info *ret)
{
	const ssize_t len = sizeof(ret->boot_id) - 1;
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	uint64_t now_ns = clock_ns(CLOCK_BOOTTIME);

	*ret = (struct run_info){ .start_ns = start_ns,
				  .boot_to_wall_ns = clock_ns(CLOCK_REALTIME) - now_ns };
	if (fd < 0)
		return;
	if (read(fd, ret->boot_id, len) != len)
		ret->boot_id[0] = '\0';
	close(fd);
}
