/* SPDX-License-Identifier: BSD-2-Clause */
/* All detectors, one file each; list.h names them. */
#ifndef DETECT_DETECTORS_H
#define DETECT_DETECTORS_H

#include "core/detector.h"
#include "detect/list.h"

/* Detectors in the order of list.h; ends with NULL. */
extern const struct detector *const all_detectors[];

/* True if a detector has a rule with this id. */
bool detectors_have(const char *id);

#define DECLARE(name) extern const struct detector detector_##name;
DETECTORS(DECLARE)
#undef DECLARE

#endif
