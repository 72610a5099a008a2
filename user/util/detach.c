/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/detach.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

static int keep_one_fd(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), i;

	if (null < 0)
		return -1;
	for (i = 0; i < 3; i++)
		if (fd != i)
			dup2(null, i);
	if (fd != 3 && dup2(fd, 3) < 0)
		return -1;
	return syscall(SYS_close_range, 4, ~0U, 0) ? -1 : 3;
}

int detach(int fd)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXFSZ, SIGTSTP };
	size_t i;

	for (i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
	setsid();
	return keep_one_fd(fd);
}
