/* SPDX-License-Identifier: BSD-2-Clause */
/* Who signed a recording, by ssh-keygen(1) and a list of keys that are known. */
#ifndef CMD_SIGNER_H
#define CMD_SIGNER_H

struct buf;
struct errand;
struct replay;

/* A process that checks signatures by the list of allowed signers in the file at allowed. */
struct errand *signer_new(const char *allowed);
/*
 * Puts a line of what the signature in r proves about its last seal (hex), by signer (NULL: no
 * signers are allowed). 0, or -EBADMSG: it is not what was signed, or is wanted and is not by one of
 * these.
 */
int signer_check(struct replay *r, const char *hex, struct errand *signer, struct buf *ret);

#endif
