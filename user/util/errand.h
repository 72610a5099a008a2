/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that does one thing for this one: it is forked before this one gives up the rights that
 * it takes, and has them still. It ends when this one does.
 */
#ifndef UTIL_ERRAND_H
#define UTIL_ERRAND_H

#include "util/buf.h"

#define ERRAND_BYTES 65536 /* of a question, and of an answer */

struct errand;

/*
 * The thing, done in the other process for the text of a question: fills ret with the answer, and
 * *ret_fd, which is -1, if there is to be a descriptor. 0 or more, or -errno. It has no terminal,
 * and no descriptors of ours but what ctx opens there.
 */
typedef int errand_fn(void *ctx, const char *text, struct buf *ret, int *ret_fd);

/* Forks; ctx is copied so. Never NULL: where nothing can be forked, nothing is done. */
struct errand *errand_new(errand_fn *fn, void *ctx);
/*
 * Has it done, and waits: what fn returns, or -EPIPE. Adds to ret; ret_fd may be NULL, or *ret_fd is
 * the caller's (-1: none).
 */
int errand_run(struct errand *e, const char *text, struct buf *ret, int *ret_fd);
void errand_free(struct errand *e); /* may be NULL */

#endif
