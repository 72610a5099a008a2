/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All detectors, one file each. Order counts in one way: jit is first, so that the
 * others know what is part of its verdict.
 */
#ifndef DETECT_DETECTORS_H
#define DETECT_DETECTORS_H

#include "core/detector.h"

/* Ends with NULL. */
extern const struct detector *const all_detectors[];

/* Does a rule have this id? */
bool detectors_have(const char *id);

extern const struct detector detector_jit, detector_wx, detector_w_to_x, detector_x_to_w,
	detector_anon_exec, detector_data_exec, detector_origin, detector_alias, detector_stomp,
	detector_relro, detector_guard, detector_traced, detector_denied, detector_unpack,
	detector_map_limit, detector_fault, detector_compat;

#endif
