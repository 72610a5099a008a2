/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Detectors, one line each: X(name) stands for detector_name. jit comes first, so that the others
 * know which changes are part of its verdict.
 */
#ifndef DETECT_LIST_H
#define DETECT_LIST_H

#define DETECTORS(X) \
	X(jit)       \
	X(wx)        \
	X(w_to_x)    \
	X(x_to_w)    \
	X(anon_exec) \
	X(data_exec) \
	X(origin)    \
	X(alias)     \
	X(stomp)     \
	X(relro)     \
	X(guard)     \
	X(traced)    \
	X(foreign)   \
	X(denied)    \
	X(refused)   \
	X(unpack)    \
	X(map_limit) \
	X(fault)     \
	X(compat)

#endif
