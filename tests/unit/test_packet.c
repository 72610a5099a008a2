/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets with descriptors: whoever sends more than was asked for leaves none behind here. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/packet.h"

static size_t nr_open(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t nr = 0;

	assert_non_null(dir);
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

static void send_many(int fd, size_t nr)
{
	_Alignas(struct cmsghdr) char room[CMSG_SPACE(8 * sizeof(int))] = { 0 };
	struct iovec io = { "x", 1 };
	struct msghdr m = { .msg_iov = &io,
			    .msg_iovlen = 1,
			    .msg_control = room,
			    .msg_controllen = CMSG_SPACE(nr * sizeof(int)) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	size_t i;

	h->cmsg_len = CMSG_LEN(nr * sizeof(int));
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	for (i = 0; i < nr; i++)
		memcpy(CMSG_DATA(h) + i * sizeof(int), &fd, sizeof(fd));
	assert_int_equal(sendmsg(fd, &m, 0), 1);
}

static void one_comes_along(void **state)
{
	int ends[2], file;
	char got[8];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	assert_int_equal(packet_take(ends[1], got, sizeof(got), MSG_DONTWAIT, &file), -EAGAIN);
	assert_true(packet_send(ends[0], "abc", 3, -1, 0));
	assert_int_equal(packet_take(ends[1], got, sizeof(got), 0, &file), 3);
	assert_int_equal(file, -1);
	assert_true(packet_send(ends[0], "abcd", 4, ends[0], 0));
	assert_int_equal(packet_take(ends[1], got, sizeof(got), 0, &file), 4);
	assert_true(file >= 0);
	close(file);
	close(ends[0]);
	assert_int_equal(packet_take(ends[1], got, sizeof(got), 0, &file), 0);
	assert_false(packet_send(ends[1], "abc", 3, -1, 0));
	close(ends[1]);
}

static void more_than_one_are_none(void **state)
{
	int ends[2], file;
	size_t nr, before;
	char got[8];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	before = nr_open();
	for (nr = 2; nr <= 8; nr++) {
		send_many(ends[0], nr);
		assert_int_equal(packet_take(ends[1], got, sizeof(got), 0, &file), 1);
		assert_int_equal(file, -1);
		assert_int_equal(nr_open(), before);
	}
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_comes_along),
		cmocka_unit_test(more_than_one_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
