/* SPDX-License-Identifier: BSD-2-Clause */
/* Who signed a recording, by ssh-keygen(1) and a list of keys that are known. */
#ifndef CMD_SIGNER_H
#define CMD_SIGNER_H

struct buf;
struct replay;

/*
 * Puts a line of what the signature in r proves about its last seal (hex), by the list of allowed
 * signers in the file at allowed (NULL: there is none). 0, or -EBADMSG: it is not what was signed,
 * or is wanted and is not by one of these.
 */
int signer_check(struct replay *r, const char *hex, const char *allowed, struct buf *ret);

#endif
