# SPDX-License-Identifier: BSD-2-Clause
#
# The whole build, in one file. "make help" lists what it offers; V=1 shows the
# commands, O=DIR builds elsewhere, SAN=address,undefined builds with sanitizers
# (in a directory of its own), WERROR=1 makes warnings errors.

VERSION	= 0.1.0

SAN	?=
O	?= $(if $(SAN),build-san,build)
V	?= 0
WERROR	?= 0
PREFIX	?= /usr/local
SBINDIR	?= $(PREFIX)/sbin
MANDIR	?= $(PREFIX)/share/man

CFLAGS	?= -O2 -g
CLANG	?= $(shell command -v clang-19 || command -v clang || echo clang)
BPFTOOL	?= $(shell PATH="$$PATH:/usr/sbin:/sbin" command -v bpftool || echo bpftool)
PKG_CONFIG ?= pkg-config
CLANG_FORMAT ?= clang-format

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
Q	:= $(if $(filter 1,$(V)),,@)
say	= $(if $(filter 1,$(V)),@:,@printf '  %-7s %s\n' $(1) $(2))

# --- machine and libraries

machine	:= $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
multiarch := $(shell $(CC) -print-multiarch 2>/dev/null)
sysroot	:= $(patsubst %/,%,$(shell $(CC) -print-sysroot 2>/dev/null))
bpf_arch := $(patsubst aarch64,arm64,$(patsubst x86_64,x86,$(machine)))
vmlinux	:= vmlinux/$(patsubst aarch64,arm64,$(machine))

libbpf_cflags := $(shell $(PKG_CONFIG) --cflags libbpf 2>/dev/null)
libbpf_libs := $(shell $(PKG_CONFIG) --libs libbpf 2>/dev/null || echo -lbpf)
file_libs := -lsqlite3 -lzstd -lz -lmd -linih -lprotobuf-c -liberty -ldw -lelf
static_libs := $(shell $(PKG_CONFIG) --static --libs libbpf 2>/dev/null || echo -lbpf -lelf -lz) \
	$(filter-out -ldw -lelf,$(file_libs)) -ldw -lelf -lz -llzma -lbz2 -lzstd -lm

# --- flags

# A new value of an enum breaks the build wherever it is not thought of, and so does a default
# that would hide it: one that stands for some values or, as clang alone sees, for none.
gcc_enums = -Werror=switch -Werror=switch-enum
clang_enums = $(gcc_enums) -Werror=covered-switch-default
werror = $(if $(filter 1,$(WERROR)),-Werror)
warnings = -Werror=implicit $(if $(findstring clang,$(CC)),$(clang_enums),$(gcc_enums)) \
	-Wall -Wextra -Wshadow -Wmissing-prototypes -Wvla $(werror)
hardening = $(if $(SAN),,-fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
sanitize = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)

# Names of sources in what is built start at this folder, and $(O) goes by the name of build, so
# that the bytes are the same wherever both are. Debuggers that run here find the sources by them,
# and clang the lines that a verifier's log quotes. $PWD is for the shell to fill in: the compilers
# believe it as well when symbolic links lead here, and the stamp below holds in a folder that is
# moved.
tree_map = -ffile-prefix-map="$$PWD"=.
build_map = -ffile-prefix-map=$(O)/=build/

cppflags = -D_GNU_SOURCE -DMPW_VERSION='"$(VERSION)"' -Iuser -Iinclude -I$(O) $(libbpf_cflags) $(CPPFLAGS)
cflags	= -std=gnu11 -fPIE $(CFLAGS) $(warnings) $(hardening) $(sanitize) $(tree_map) $(build_map)
ldflags	= -pie -Wl,-z,relro,-z,now $(sanitize) $(LDFLAGS)
bpf_flags = -g -O2 -target bpf -mcpu=v3 $(tree_map) -D__TARGET_ARCH_$(bpf_arch) \
	$(clang_enums) -Wall $(werror) \
	-I$(vmlinux) -Iinclude -Ibpf $(libbpf_cflags) $(if $(multiarch),-idirafter $(sysroot)/usr/include/$(multiarch))

# Rebuild what was built with other flags.
flags_now := $(CC)|$(CLANG)|$(cppflags)|$(cflags)|$(ldflags)|$(bpf_flags)
$(shell mkdir -p $(O); printf '%s\n' '$(subst ','\'',$(flags_now))' | cmp -s - $(O)/flags || \
	printf '%s\n' '$(subst ','\'',$(flags_now))' > $(O)/flags)

# --- what is built

obj	= $(patsubst %.c,$(O)/%.o,$(1))
sources	:= $(filter-out user/sink/html/html_numbers.c,$(sort $(wildcard user/*.c user/*/*.c user/*/*/*.c)))
live_sources := $(sort $(wildcard user/source/live*.c))
lib_sources := $(filter-out user/main.c $(live_sources),$(sources))
# The compiler of 32-bit programs; those of arm64 have one of its own, or are not tested.
arm_cc	:= $(shell command -v arm-linux-gnueabihf-gcc)
cc32	:= $(if $(filter x86_64,$(machine)),$(CC) -m32,$(if $(arm_cc),$(arm_cc) -march=armv8-a+simd -marm))
x86_workloads := $(if $(filter x86_64,$(machine)),,$(addprefix $(O)/workloads/,compat no80))
workloads := $(filter-out $(x86_workloads) $(if $(cc32),,$(O)/workloads/compat32), \
	$(patsubst tests/workloads/%.c,$(O)/workloads/%,$(wildcard tests/workloads/*.c)))

program	:= $(O)/mprotwatch
static_program := $(O)/mprotwatch-static
skeletons := $(O)/mprotwatch.skel.h $(O)/mprotwatch_old.skel.h
lib	:= $(O)/libmpw.a
program_objects := $(call obj,user/main.c $(live_sources))

# A folder of tests: each test_*.c is a program, every other .c of the folder is linked to all of them.
test_parts := unit model replay
test_programs := $(foreach p,$(test_parts),$(patsubst %.c,$(O)/%,$(wildcard tests/$(p)/test_*.c)))
test_helpers = $(call obj,$(filter-out $(wildcard tests/$(1)/test_*.c),$(wildcard tests/$(1)/*.c)))

.PHONY: all install static lint lapse format test tests bench demo clean help deps deps-test \
	test-lint test-build test-unit test-model test-replay test-san test-fuzz test-cli test-live test-html test-vm

all: $(program)	## build/mprotwatch (the default)

$(O)/%.o: %.c $(O)/flags
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(cppflags) $(cflags) -MMD -MP -c -o $@ $<

$(O)/tests/%.o: cppflags += -Itests

# One unit, compiled for new kernels and for old ones: see bpf/kernel.bpf.h.
$(O)/bpf/mprotwatch.o $(O)/bpf/mprotwatch_old.o: bpf/mprotwatch.bpf.c $(O)/flags
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(bpf_flags) $(if $(findstring _old,$@),-DOLD_KERNEL) -MMD -MP -c -o $@ $<

$(O)/bpf/%.linked.o: $(O)/bpf/%.o
	$(call say,LINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $<

.SECONDARY: $(skeletons:$(O)/%.skel.h=$(O)/bpf/%.linked.o)
$(O)/%.skel.h: $(O)/bpf/%.linked.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@

$(call obj,$(live_sources)): $(skeletons)

# A text as a C string; a line that begins with @ is a macro's name, whose string is put in there.
as_string = sed 's/^@//; t; s/[\\"]/\\&/g; s/.*/"&\\n"/' $(1)

$(O)/json_schema.inc: user/sink/lines/json_schema.in $(O)/flags
	$(Q)$(call as_string,$<) > $@

$(O)/record_schema.inc: user/sink/record/record_schema.sql $(O)/flags
	$(Q)$(call as_string,$<) > $@

# The HTML timeline's page, as C strings; its scripts get the numbers for what they name.
html_scripts = $(patsubst %,user/sink/html/%.js,model query layout raster chart axes panel main)

$(O)/html_page.inc: user/sink/html/page.html
$(O)/html_style.inc: user/sink/html/style.css
$(O)/html_script.inc: $(html_scripts) $(O)/html_numbers.sed
$(O)/html_numbers.sed: user/sink/html/html_numbers.c $(O)/flags
	$(Q)$(CC) $(cppflags) -std=gnu11 -MMD -MP -MF $(@:.sed=.d) -MT $@ -S -o - $< | \
		sed -n 's/.*"->\([A-Z_]*\) \(-*[0-9]*\)".*/s,\\<\1\\>,\2,g/p' > $@

$(O)/html_%.inc: $(O)/flags
	$(Q)cat $(filter user/%,$^) | sed $(addprefix -f ,$(filter %.sed,$^)) -e 's/[\\"]/\\&/g; s/.*/"&\\n"/' > $@

$(call obj,user/sink/html/html_page.c): $(addprefix $(O)/html_,page.inc style.inc script.inc)

$(O)/perfetto.pb-c.c $(O)/perfetto.pb-c.h &: user/sink/tracks/perfetto.proto $(O)/flags
	$(call say,PROTO,$<)
	$(Q)protoc-c --c_out=$(O) -Iuser/sink/tracks $<

$(O)/perfetto.pb-c.o: $(O)/perfetto.pb-c.c
	$(Q)$(CC) $(cppflags) $(cflags) -MMD -MP -c -o $@ $<

$(call obj,user/sink/tracks/perfetto.c tests/replay/test_tracks.c): $(O)/perfetto.pb-c.h
$(call obj,user/sink/lines/json_schema.c): $(O)/json_schema.inc
$(call obj,user/sink/record/record_db.c): $(O)/record_schema.inc

$(lib): $(call obj,$(lib_sources)) $(O)/perfetto.pb-c.o
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcsD $@ $^

$(program): $(program_objects) $(lib)
	$(call say,LINK,$@)
	$(Q)$(CC) $(cflags) $(ldflags) -o $@ $^ $(libbpf_libs) $(file_libs) $(LDLIBS)

static: $(static_program)	## the same as one static binary, build/mprotwatch-static

# glibc warns that looking up users by name may load its shared parts, and so may SQLite's
# extensions: -u UID never needs the first, and the second are never loaded.
$(static_program): $(program_objects) $(lib)
	$(call say,LINK,$@)
	$(Q)$(CC) $(cflags) -static-pie -Wl,-z,relro,-z,now $(LDFLAGS) -o $@ $^ $(static_libs) $(LDLIBS)

define test_rules
$$(patsubst %.c,$$(O)/%,$$(wildcard tests/$(1)/test_*.c)): $$(O)/%: $$(O)/%.o $$(call test_helpers,$(1)) $$(lib)
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(cflags) $$(ldflags) -o $$@ $$^ -lcmocka $(file_libs) -lm
endef
$(foreach p,$(test_parts),$(eval $(call test_rules,$(p))))

# Made by a make of their own: see fuzz_make.
fuzz_programs := $(patsubst tests/fuzz/%.c,$(O)/tests/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
$(fuzz_programs): $(O)/%: $(O)/%.o $(call obj,$(filter-out tests/fuzz/fuzz_%,$(wildcard tests/fuzz/*.c))) $(lib)
	$(call say,LINK,$@)
	$(Q)$(CC) $(cflags) $(ldflags) -fsanitize=fuzzer -o $@ $^ $(file_libs) -lm

$(call obj,tests/fuzz/fuzz_recording.c): $(O)/record_schema.inc

# Workloads are what other people's programs are: plain, without our library or flags.
$(O)/workloads/%: tests/workloads/%.c $(wildcard tests/workloads/*.h) $(O)/flags
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O1 -g $(filter-out -Wmissing-prototypes,$(warnings)) -o $@ $< -pthread

# A 32-bit program, which needs no library.
$(O)/workloads/compat32: tests/workloads/compat32.c $(O)/flags
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(cc32) -std=gnu11 -O1 $(warnings) -ffreestanding -fno-pie -fno-stack-protector \
		-nostdlib -static -Wl,-z,max-page-size=65536 -o $@ $<

# --- install

install: $(program)	## to $(DESTDIR)$(PREFIX), with its manual page
	install -D -m 755 $(program) $(DESTDIR)$(SBINDIR)/mprotwatch
	install -D -m 644 man/mprotwatch.8 $(DESTDIR)$(MANDIR)/man8/mprotwatch.8
	install -D -m 644 man/mprotwatch-recording.5 $(DESTDIR)$(MANDIR)/man5/mprotwatch-recording.5
	install -D -m 644 contrib/examples.rules $(DESTDIR)$(PREFIX)/share/doc/mprotwatch/examples.rules

# --- tests

run	= O=$(O) MPROTWATCH=$(abspath $(program)) tests/run.sh

deps:		## install what the build lacks (root)
	$(Q)tests/deps.sh build

deps-test: deps
	$(Q)O=$(O) tests/deps.sh test

# libFuzzer comes with clang.
fuzz_make = $(MAKE) --no-print-directory O=$(O)-fuzz CC=$(CLANG) SAN=address,undefined,fuzzer-no-link fuzz-programs

# All programs that the tests run; in a make of its own, because the libraries
# that deps installs are looked for when make starts.
tests: $(program) $(static_program) $(test_programs) $(workloads) $(O)/bench/recording

test: deps-test	## install what the tests need, then run all of them
	$(Q)$(MAKE) --no-print-directory O=$(O) WERROR=1 tests
	$(Q)$(MAKE) --no-print-directory O=$(O)-san SAN=address,undefined WERROR=1 test-programs
	$(Q)$(fuzz_make) WERROR=1
	$(Q)$(run) lint build unit model replay san fuzz cli live html vm

chaos: $(program) $(O)/workloads/chaos	## a million random calls with each of ten seeds, mirrors verified (root)
	O=$(O) tests/chaos.sh

lapse: $(O)/tests/unit/test_lapse	## ten million processes come and go; memory in use stays as it was
	LAPSE_PROCESSES=10000000 $(O)/tests/unit/test_lapse test_lines
	LAPSE_PROCESSES=1000000 $(O)/tests/unit/test_lapse test_recording

stress: $(program)	## stress-ng's stressors of address spaces, mirrors verified (root)
	MPROTWATCH=$(program) tests/stress.sh

.PHONY: test-programs fuzz-programs
test-programs: $(test_programs)
fuzz-programs: $(fuzz_programs)

test-lint: $(program)		## one part of the tests; also -build -unit -model -replay -san -fuzz -cli -live -html
	$(Q)$(run) lint
test-build: $(program) $(static_program)
	$(Q)$(run) build
test-unit test-model test-replay: test-%: test-programs
	$(Q)$(run) $*
test-san:
	$(Q)$(MAKE) --no-print-directory O=$(O)-san SAN=address,undefined test-programs
	$(Q)$(run) san
test-fuzz:
	$(Q)$(fuzz_make)
	$(Q)$(run) fuzz
test-cli test-live: test-%: $(program) $(workloads) $(O)/bench/recording
	$(Q)$(run) $*
test-html: $(program) $(workloads) $(O)/bench/recording
	$(Q)$(run) html

.PHONY: static-tests
static-tests: $(static_program) $(workloads)

# The other architecture's libraries are those of its guest. KERNELS=6.12-arm64-16k/arm64: that alone.
test-vm: deps	## live tests under kernels from 5.10 to 7.3, and on arm64 (KERNELS=: some); the table in README.md
	$(Q)tests/deps.sh vm
	$(Q)$(MAKE) --no-print-directory O=$(O) static-tests
	$(Q)root=$$(tests/vm/boot.sh -a arm64 -s) && export PKG_CONFIG_SYSROOT_DIR=$$root && \
		export PKG_CONFIG_LIBDIR=$$root/usr/lib/aarch64-linux-gnu/pkgconfig && \
		$(MAKE) --no-print-directory O=$(O)-arm64 CC="aarch64-linux-gnu-gcc --sysroot=$$root" static-tests
	O=$(O) tests/vm/matrix.sh $(KERNELS)

lint: test-lint	## layers, sizes, formatting, shell scripts, the manual page

c_files	= $(wildcard bpf/*.c bpf/*.h include/*.h vmlinux/*.h vmlinux/*/*.h \
	user/*.c user/*/*.[ch] user/*/*/*.[ch] tests/*.h tests/*/*.[ch])

format:		## clang-format all C files
	$(Q)$(CLANG_FORMAT) -i $(c_files)

# The floor is what the hook itself costs; the worker is the process that is traced.
$(O)/bench/floor.bpf.o: tests/bench/floor.bpf.c $(O)/flags
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(bpf_flags) -MMD -MP -c -o $@ $<

$(O)/bench/floor.skel.h: $(O)/bench/floor.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name floor_bpf > $@

$(O)/bench/floor: tests/bench/floor.c $(O)/bench/floor.skel.h $(O)/user/source/live_attach.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(cppflags) -I$(@D) $(cflags) $(ldflags) -o $@ $(filter %.c %.o,$^) $(libbpf_libs)

$(O)/bench/worker: tests/bench/worker.c tests/workloads/filter.h $(O)/flags
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 $(warnings) -o $@ $<

$(O)/bench/recording: $(O)/tests/bench/recording.o $(lib)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(cflags) $(ldflags) -o $@ $^ $(file_libs)

$(O)/bench/judge: tests/bench/judge.c $(lib)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(cppflags) $(cflags) $(ldflags) -o $@ $^

bench: $(program) $(O)/bench/floor $(O)/bench/worker $(O)/bench/judge $(O)/bench/recording	## what tracing costs on this machine (root)
	tests/bench/bench.py $(O)

demo: deps	## install, build, and trace a program which flips protections (root)
	$(Q)$(MAKE) --no-print-directory O=$(O) $(program) $(O)/workloads/flip
	$(program) -- $(O)/workloads/flip

clean:
	rm -rf $(O) $(O)-san $(O)-fuzz $(O)-arm64

help:		## this list
	$(Q)sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 24

-include $(shell find $(O) -name '*.d' 2>/dev/null)
