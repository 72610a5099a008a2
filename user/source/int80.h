/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether this machine has the entry of 32-bit programs, int 0x80. */
#ifndef SOURCE_INT80_H
#define SOURCE_INT80_H

/*
 * Makes a call by int 0x80, in a child. 0: it was answered; -errno: it was refused; or the signal
 * that it ended in. Only on x86-64: elsewhere -EOPNOTSUPP.
 */
int int80_try(void);

#endif
