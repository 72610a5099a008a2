/* SPDX-License-Identifier: BSD-2-Clause */
/* A handler that sets a flag, and wakes the loop that waits: see signal-safety(7). */
#include "cmd/stop.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
#define NR_SIGNALS (sizeof(signals) / sizeof(*signals))

static volatile sig_atomic_t caught;
static volatile sig_atomic_t wake_fd = -1;

static void on_signal(int sig)
{
	const uint64_t one = 1;
	int saved = errno;
	ssize_t n;

	caught = sig;
	n = write(wake_fd, &one, sizeof(one));
	(void)n; /* without it the run looks at the flag a moment later */
	errno = saved;
}

void stop_catch(bool always)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND }, old;
	size_t i;

	caught = 0;
	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	for (i = 0; i < NR_SIGNALS; i++)
		if (!sigaction(signals[i], NULL, &old) &&
		    (old.sa_handler != SIG_IGN || (always && signals[i] != SIGHUP)))
			sigaction(signals[i], &sa, NULL);
}

void stop_leave(void)
{
	struct sigaction old;
	size_t i;

	for (i = 0; i < NR_SIGNALS; i++)
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler == on_signal)
			signal(signals[i], SIG_DFL);
	if (wake_fd >= 0)
		close(wake_fd);
	wake_fd = -1;
}

const volatile sig_atomic_t *stop_signal(void)
{
	return &caught;
}

int stop_fd(void)
{
	return wake_fd;
}
