#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Who may include whom, from the #include lines. The table is the architecture:
# folder, the own headers it may include, the system headers it must not.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh

wire='(abi|calls|control|facts|wire)\.h'
kernel_only='bpf/|linux/bpf\.h'
generated='((json|record)_schema|html_[a-z]+)\.inc|perfetto\.pb-c\.h'
rules=$(
	cat <<TABLE
include       $wire                                   (?!linux/types\.h|stdint\.h)
bpf           (vmlinux|$wire|[a-z]+\.bpf)(\.h)?       (?!bpf/|linux/)
user/util     util/                                   $kernel_only
user/core     core/|util/|$wire                       $kernel_only|stdio\.h|time\.h|sys/|unistd\.h|fcntl\.h|dirent\.h
user/source   source/|core/|util/|$wire               $kernel_only
user/detect   detect/|core/|util/                     $kernel_only|stdio\.h|time\.h|sys/(?!tree\.h)|unistd\.h|fcntl\.h
user/sink     sink/[a-z_]+\.h|core/|util/|$wire       $kernel_only
user/cmd      cmd/|sink/|detect/|source/|core/|util/|$wire $kernel_only
user          cmd/|util/                              $kernel_only
$(for wing in user/sink/*/; do # an output's own folder: no other output's
	wing=${wing%/}
	echo "$wing sink/(${wing##*/}/)?[a-z_]+\.h|core/|util/|$wire|$generated $kernel_only"
done)
TABLE
)

# The include lines of a folder's own files: file:line:include
includes() {
	grep -nHE '^[[:space:]]*#[[:space:]]*include' "$1"/*.[ch] 2>/dev/null
}

while read -r folder own system; do
	[[ -d $folder ]] || continue
	found=$(includes "$folder")
	if [[ $folder == user/source ]]; then
		# libbpf and the programs have one home
		found=$(grep -vE '^user/source/live[a-z_]*\.[ch]:.*(<bpf/|"mprotwatch(_old)?\.skel\.h")' <<<"$found")
	fi
	holds "$folder/ includes nothing that the table does not name" "$(
		grep '"' <<<"$found" | grep -vP "include\s+\"($own)"
		grep '<' <<<"$found" | grep -P "include\s+<($system)"
	)"
done <<<"$rules"

holds "no file but main.c and those of cmd/ includes cmd/" "$(
	grep -rnE '#include "cmd/' user --include='*.[ch]' | grep -vE '^user/(main\.c|cmd/)'
)"
holds "core knows no clock, environment, file or output" "$(
	grep -nwE '(getenv|clock_gettime|time|gettimeofday|fopen|openat?|read|write|f?printf|puts|errno)[[:space:]]*\(' \
		user/core/*.[ch] | grep -vE ':[[:space:]]*(/?\*|//)|/\*.*\*/$|buf_printf'
)"
holds "the kernel's and the user's code meet in include/ only" "$(
	grep -rnE '#include "(\.\./)*(bpf|vmlinux)/' user include --include='*.[ch]'
)"
holds "who opens a recording gives up rights" "$(
	grep -lE '= input_open\(' user/cmd/*.c | xargs grep -LE '^\s*rights_recording\('
)"
exit $failed
