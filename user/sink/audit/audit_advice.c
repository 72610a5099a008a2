/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Advice by the program and the module that made the call: what is known to help, as the programs' own
 * documentation has it. tests/live/audit_programs.sh tries the options of those that are installed under
 * PR_SET_MDWE.
 */
#include <fnmatch.h>
#include <string.h>

#include "core/words.h"
#include "sink/audit/audit_private.h"

#define NODE   "node: --jitless runs without a JIT, slower and without WebAssembly"
#define LUAJIT "LuaJIT: -joff interprets"
#define RUBY                                                                                      \
	"Ruby: YJIT is off unless --yjit, RUBY_YJIT_ENABLE=1 or RubyVM::YJIT.enable asks for it " \
	"(Rails 7.2 does: config.yjit = false); ZJIT and RJIT likewise; MJIT loads libraries "    \
	"instead, and needs nothing"
#define GUILE "Guile: GUILE_JIT_THRESHOLD=-1 in its environment interprets"
#define MONO                                                                                     \
	"Mono: cannot run without, with --interpreter neither; --full-aot runs assemblies that " \
	"were all compiled with --aot=full"
#define CHROMIUM "Chromium: --js-flags=--jitless runs without a JIT, slower and without WebAssembly"
#define FIREFOX                                                                              \
	"Firefox: cannot run without: with its JITs off (false for javascript.options.ion, " \
	".baselinejit, .native_regexp and .wasm) it still makes its trampolines executable"
#define PYPY	   "PyPy: --jit off interprets"
#define POSTGRESQL "PostgreSQL: jit = off in postgresql.conf"

/* Rows are tried in this order. Globs on the last component of a path; NULL: any. */
static const struct {
	const char *program, *module; /* module: the caller's */
	const char *advice;
} known[] = {
	{ NULL, "node", NODE },
	{ NULL, "libnode.so*", NODE },
	{ NULL, "luajit*", LUAJIT },
	{ NULL, "libluajit*", LUAJIT },
	{ NULL, "opcache.so", "PHP: opcache.jit=disable" },
	{ "php*", "libpcre2-*", "PHP: pcre.jit=0" },
	{ "git", "libpcre2-*",
	  "git: (*NO_JIT) at the start of a pattern of -P, or -E in its place" },
	{ "postgres*", "libLLVM*", POSTGRESQL },
	{ "postgres*", "llvmjit.so", POSTGRESQL },
	{ NULL, "libpcre2-*",
	  "PCRE2: programs that match without its JIT where that is refused, as grep does, need "
	  "nothing; PHP: pcre.jit=0" },
	{ NULL, "libffi.so*",
	  "libffi: maps a memfd twice where this is refused, and needs nothing; before 3.4 a "
	  "temporary file, in a directory that is not mounted noexec" },
	{ NULL, "libjvm.so", "Java: cannot run without, with -Xint neither" },
	{ NULL, "libruby*", RUBY },
	{ "ruby*", NULL, RUBY },
	{ NULL, "libguile-*", GUILE },
	{ "guile*", NULL, GUILE },
	{ NULL, "libmono*", MONO },
	{ "mono*", NULL, MONO },
	{ "chrom*", NULL, CHROMIUM },
	{ NULL, "libxul.so", FIREFOX },
	{ "firefox*", NULL, FIREFOX },
	{ NULL, "libpypy*", PYPY },
	{ "pypy*", NULL, PYPY },
	{ "qemu-system-*", NULL,
	  "QEMU: -accel kvm needs no translator; -accel tcg,split-wx=on maps its code twice" },
	{ NULL, "qemu-*", "QEMU: its translator of programs cannot run without" },
	{ NULL, "sbcl", "SBCL: cannot run without" },
	{ NULL, "beam*",
	  "Erlang: +JMsingle false, which is preset, maps the JIT's code twice, and needs nothing" },
};

static const char *last_component(const struct object *obj)
{
	const char *slash = strrchr(obj->name, '/');

	return slash ? slash + 1 : obj->name;
}

bool audit_is_loader(const struct object *obj)
{
	return obj && !strncmp(last_component(obj), "ld-", 3);
}

static bool is_like(const struct object *obj, const char *glob)
{
	return !glob || (obj && obj->kind == OBJECT_FILE && !fnmatch(glob, last_component(obj), 0));
}

/* The kinds of memory that the loader makes executable for a library's PT_GNU_STACK alone. */
static bool is_stack(const struct offence *o)
{
	return o->mapping && (o->mapping->kind == OBJECT_STACK ||
			      (o->mapping->kind == OBJECT_ANON && audit_is_loader(o->caller.obj)));
}

static void put_stack(struct buf *b, const struct offence *o)
{
	buf_puts(b, "an executable stack: ");
	if (o->asked_by) {
		buf_puts(b, "for ");
		word_mapping(b, o->asked_by, 0);
		buf_puts(b, ", it seems, whose code was mapped just before: ");
	} else {
		buf_puts(b, "find the library that asks for it: ");
	}
	buf_puts(b, "readelf -lW says RWE at GNU_STACK, or has none; link it with -z noexecstack");
}

bool audit_advice(struct buf *b, const struct offence *o)
{
	const struct object *caller = o->caller.obj;
	size_t i;

	if (o->kind == OFFENCE_LOADED) {
		buf_puts(b, "a program with a segment that is writable and executable: link it "
			    "without -N, and with -z noexecstack -z separate-code");
		return true;
	}
	if (is_stack(o)) {
		put_stack(b, o);
		return true;
	}
	if (audit_is_loader(caller) && o->mapping && o->mapping->kind == OBJECT_FILE) {
		buf_puts(b, "text relocations: build ");
		word_mapping(b, o->mapping, 0);
		buf_puts(b, " with -fPIC (readelf -d says TEXTREL)");
		return true;
	}
	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (!is_like(o->exe, known[i].program) || !is_like(caller, known[i].module))
			continue;
		buf_puts(b, known[i].advice);
		return true;
	}
	return false;
}
