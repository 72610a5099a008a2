/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The kernel side: one compiled unit, made of a header for each topic. The filter
 * decides which processes are reported; the others report changes of their address
 * spaces (call, proof, conditions, compat, write, stack, range, path, who, lifecycle, fault,
 * snapshot, share) through lanes and rings (room, lane, emit). None judges.
 *
 * Nothing is read from a tracepoint's context: its layout is not what BTF says
 * on RHEL 9.3 and PREEMPT_LAZY kernels.
 */
#include "vmlinux.h"

#include <linux/errno.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "abi.h"
#include "control.h"
#include "wire.h"

#include "maps.bpf.h"
#include "kernel.bpf.h"
#include "regs.bpf.h"
#include "filter.bpf.h"
#include "room.bpf.h"
#include "lane.bpf.h"
#include "emit.bpf.h"
#include "path.bpf.h"
#include "range.bpf.h"
#include "who.bpf.h"
#include "stack.bpf.h"
#include "proof.bpf.h"
#include "conditions.bpf.h"
#include "lifecycle.bpf.h"
#include "call.bpf.h"
#include "write.bpf.h"
#include "compat.bpf.h"
#include "fault.bpf.h"
#include "snapshot.bpf.h"
#include "share.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
