#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The BPF unit for old kernels is opened by the skeleton of the one for new kernels: both need the
# same sections of data. A constant that clang moves into .rodata.cst32 of one of them breaks the other,
# on a kernel that no quick test boots.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
O=${O:-build}

sections() {
	readelf -SW "$1" | grep -oE ' \.(rodata|data|bss|maps|kconfig)[a-z0-9._]*' | sort
}

equals "both BPF units have the same sections of data" "$(sections "$O/bpf/mprotwatch_old.o")" \
	"$(sections "$O/bpf/mprotwatch.o")"
holds "there are some" "$([[ $(sections "$O/bpf/mprotwatch.o") == *.rodata* ]] || echo none)"
exit $failed
