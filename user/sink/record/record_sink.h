/* SPDX-License-Identifier: BSD-2-Clause */
/* The recorder as an output. */
#ifndef SINK_RECORD_SINK_H
#define SINK_RECORD_SINK_H

#include "core/sink.h"
#include "util/out.h"

struct pipeline;

struct record_config {
	const char *path;
	bool force;			 /* a file that is there is replaced */
	const char *arguments;		 /* of the program, for people */
	const struct run_info *run;	 /* borrowed */
	const struct pipeline *pipeline; /* borrowed: its mirrors go into key frames */
	/* Another file begins at this size or age (0: never); so many that are closed are kept (0: all). */
	uint64_t rotate_bytes, rotate_ns, keep;
	bool compress;	  /* closed ones */
	const char *sign; /* with this key (ssh-keygen(1) -Y sign -f); NULL: not */
};

/*
 * Makes the file: mode 0600, never through a symbolic link. 0, or -errno: -ENOKEY, the key does not
 * sign. It is whole when the
 * sink is freed, and readable before.
 */
int record_sink_new(const struct record_config *cfg, struct sink *ret);

#endif
