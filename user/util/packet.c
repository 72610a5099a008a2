/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors go as messages of control, see cmsg(3). */
#include "util/packet.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for one descriptor. */
union control {
	struct cmsghdr h;
	char room[CMSG_SPACE(sizeof(int))];
};

bool packet_send(int fd, const void *data, size_t len, int file, int flags)
{
	union control control = { .h = { .cmsg_len = CMSG_LEN(sizeof(int)),
					 .cmsg_level = SOL_SOCKET,
					 .cmsg_type = SCM_RIGHTS } };
	struct iovec io = { (void *)data, len };
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1 };

	if (file >= 0) {
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
		memcpy(CMSG_DATA(&control.h), &file, sizeof(file));
	}
	return sendmsg(fd, &m, flags | MSG_NOSIGNAL) == (ssize_t)len;
}

/* The room is told without its padding, in which there would be place for a second descriptor. */
ssize_t packet_take(int fd, void *data, size_t len, int flags, int *ret_file)
{
	union control control;
	struct iovec io = { data, len };
	struct msghdr m = { .msg_iov = &io,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = CMSG_LEN(sizeof(int)) };
	ssize_t n = recvmsg(fd, &m, flags | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *h = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;

	*ret_file = -1;
	if (n < 0)
		return -errno;
	if (h && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS &&
	    h->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(ret_file, CMSG_DATA(h), sizeof(*ret_file));
	if (*ret_file >= 0 && m.msg_flags & MSG_CTRUNC) {
		close(*ret_file);
		*ret_file = -1;
	}
	return n;
}
