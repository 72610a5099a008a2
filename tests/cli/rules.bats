#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The file of --rules: what is refused names file and line; what it does is told.

bats_require_minimum_version 1.5.0
load lib.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# refuses LINE TEXT: the rules on stdin are refused there, with that.
refuses() {
	cat >rules
	mpw findings --rules rules -- true
	complains 2 "rules:$1: "
	[[ $output == *"$2"* ]] || { echo "does not say \"$2\": $output"; return 1; }
}

@test "errors name file and line" {
	refuses 1 "no such rule: nonsense" <<<$'[rule nonsense]\nenabled = no'
	refuses 3 "neither yes nor no" <<<$'# why\n[rule wx]\nenabled = perhaps'
	refuses 2 "low, medium, high: awful" <<<$'[rule wx]\nseverity = awful'
	refuses 2 "no such setting" <<<$'[rule wx]\ncolour = red'
	refuses 2 "no such threshold" <<<$'[thresholds]\nwx = 1'
	refuses 2 "not a value" <<<$'[thresholds]\nanon-exec-after = soon'
	refuses 1 "neither [rule ID]" <<<$'[rules]\na = b'
	refuses 1 "no such rule: nosuch" <<<'[rule nosuch]'
	refuses 1 "neither [rule ID], [thresholds] nor [suppress NAME]: supress y" <<<'[supress y]'
	refuses 2 "neither [section] nor name = value" <<<$'[rule wx]\nenabled'
	refuses 1 "neither" <<<$'[rule wx\nenabled = no'
}

@test "a suppression needs a reason and a condition" {
	refuses 2 "needs a reason" <<<$'[suppress it]\nexe = *'
	refuses 2 "needs a condition" <<<$'[suppress it]\nreason = because'
	refuses 3 "no such rule" <<<$'[suppress it]\nreason = because\nrule = w'
	refuses 2 "no such condition" <<<$'[suppress it]\ncomm = x'
}

@test "lines and names that would be cut are refused, hostile bytes are escaped" {
	refuses 2 "too long" < <(printf '[suppress a]\nexe = %0300d\n' 0)
	refuses 2 "too long" < <(printf '[suppress %060d]\nexe = a\n' 0)
	printf '[rule \e[2J]\nenabled = no\n' >rules
	mpw findings --rules rules -- true
	complains 2 "rules:1: "
	[[ $output != *$'\e'* ]]
	head -c 4096 /dev/urandom >rules
	mpw findings --rules rules -- true
	[ "$status" -eq 2 ]
	mpw findings --rules /no/such/file -- true
	complains 2 "No such file"
}

@test "--severity and --fail-on take a severity" {
	mpw --severity awful -- true
	complains 2 "high"
	mpw --fail-on awful -- true
	complains 2 "high"
}

@test "--fail-on passes on a command's status, unless there was a finding like that" {
	needs_bpf
	flip=$(dirname "$MPROTWATCH")/workloads/flip
	[ -x "$flip" ] || skip "no workloads"
	mpw findings -q --fail-on high -- "$flip"
	[ "$status" -eq 0 ]
	mpw -q --no-timeline --fail-on low -- "$flip"
	[ "$status" -eq 4 ]
	mpw -q --no-timeline --fail-on low -- bash -c 'exit 3'
	[ "$status" -eq 3 ]
}

@test "rules set, suppress with a reason, and say what nothing met" {
	needs_bpf
	flip=$(dirname "$MPROTWATCH")/workloads/flip
	[ -x "$flip" ] || skip "no workloads"
	cat >rules <<-'END'
		[rule wx]
		severity = high
		[rule stomp]
		enabled = no
		[thresholds]
		jit-changes = 100
		[suppress what flip does]
		rule = w-to-x
		exe = */flip
		path = [[]anon*
		caller = */flip
		transition = rw-->r-x
		reason = it is our own demo
		[suppress nobody]
		exe = /no/such/program
		reason = none
	END
	mpw findings --rules rules --fail-on high -- "$flip"
	[ "$status" -eq 4 ]
	[[ $output == *"HIGH wx:"* ]]
	[[ $output == *"x-to-w: 7 times"* ]]
	[[ $output != *"w-to-x:"* && $output != *"jit-like:"* ]]
	[[ $output == *"what flip does suppressed 8 changes: it is our own demo"* ]]
	[[ $output == *"rules:3: nothing met the rule stomp"* || $output == *"rules:4: nothing met the rule stomp"* ]]
	[[ $output == *"nothing matched the suppression nobody"* ]]
}
