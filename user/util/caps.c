/* SPDX-License-Identifier: BSD-2-Clause */
/* capget(2) and capset(2), which can always give up. */
#include "util/caps.h"

#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool get(struct __user_cap_data_struct d[2])
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return !syscall(SYS_capget, &h, d);
}

static void set(struct __user_cap_data_struct d[2])
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };

	syscall(SYS_capset, &h, d);
}

uint64_t caps_permitted(void)
{
	struct __user_cap_data_struct d[2] = { 0 };

	return get(d) ? d[0].permitted | (uint64_t)d[1].permitted << 32 : 0;
}

uint64_t caps_effective(void)
{
	struct __user_cap_data_struct d[2] = { 0 };

	return get(d) ? d[0].effective | (uint64_t)d[1].effective << 32 : 0;
}

void caps_use(uint64_t wanted)
{
	struct __user_cap_data_struct d[2] = { 0 };

	if (!get(d))
		return;
	d[0].effective = d[0].permitted & wanted;
	d[1].effective = d[1].permitted & wanted >> 32;
	set(d);
}

void caps_keep(uint64_t wanted)
{
	struct __user_cap_data_struct d[2] = { 0 };
	int i;

	if (!get(d))
		return;
	for (i = 0; i < 2; i++) {
		d[i].permitted &= wanted >> 32 * i;
		d[i].effective = d[i].permitted;
		d[i].inheritable = 0;
	}
	set(d);
}
