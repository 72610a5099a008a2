/* SPDX-License-Identifier: BSD-2-Clause */
/* Does this machine have the entry of 32-bit programs, int 0x80? */
#ifndef SOURCE_INT80_H
#define SOURCE_INT80_H

/*
 * Makes a call by it, in a child. 0: it was answered; -errno: it was refused; or the signal
 * that it ended in. Only of x86-64: elsewhere -EOPNOTSUPP.
 */
int int80_try(void);

#endif
