/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets between processes of ours: a socket that keeps them whole (unix(7), SOCK_SEQPACKET), with
 * one descriptor along if need be. flags are those of send(2) and recv(2).
 */
#ifndef UTIL_PACKET_H
#define UTIL_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* file -1: none goes along. False if the packet was not taken. */
bool packet_send(int fd, const void *data, size_t len, int file, int flags);

/*
 * Bytes, 0 if the other end is closed, or -errno. *ret_file is the caller's, and close-on-exec; -1:
 * none came, or more than one, of which none is kept.
 */
ssize_t packet_take(int fd, void *data, size_t len, int flags, int *ret_file);

#endif
