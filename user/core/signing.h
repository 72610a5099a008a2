/* SPDX-License-Identifier: BSD-2-Clause */
/* Signatures on a recording's last seal, as ssh-keygen(1) -Y makes and checks them. */
#ifndef CORE_SIGNING_H
#define CORE_SIGNING_H

#include "core/seal.h"

#define SIGNING_NAMESPACE "mprotwatch-recording"

/* Put the text that is signed: the hash of a recording. */
static inline void signing_text(struct buf *b, const char *hex)
{
	buf_puts(b, "mprotwatch recording ");
	buf_puts(b, hex);
	buf_putc(b, '\n');
}

#endif
