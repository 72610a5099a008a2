/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Advice by the module that made the call. tests/live/audit_programs.sh tries the options in it
 * under PR_SET_MDWE.
 */
#include <fnmatch.h>
#include <string.h>

#include "sink/audit/audit_private.h"

static const struct {
	const char *module; /* glob on the last component of its path */
	const char *advice;
} known[] = {
	{ "node", "node: --jitless runs without a JIT, slower and without WebAssembly" },
	{ "libnode.so*", "node: --jitless runs without a JIT, slower and without WebAssembly" },
	{ "luajit*", "LuaJIT: -joff interprets" },
	{ "libluajit*", "LuaJIT: -joff interprets" },
	{ "opcache.so", "PHP: opcache.jit=disable" },
	{ "libpcre2-*", "PCRE2: programs that match without its JIT where that is refused, as grep "
			"does, need nothing; PHP: pcre.jit=0" },
	{ "libffi.so*",
	  "libffi: maps a memfd twice where this is refused, and needs nothing; before 3.4 a "
	  "temporary file, in a directory that is not mounted noexec" },
	{ "libjvm.so", "Java: cannot run without, with -Xint neither" },
	{ "qemu-*", "QEMU: its translator cannot run without" },
	{ "sbcl", "SBCL: cannot run without" },
};

static const char *last_component(const struct object *obj)
{
	const char *slash = strrchr(obj->name, '/');

	return slash ? slash + 1 : obj->name;
}

static bool is_loader(const struct object *obj)
{
	return obj && !strncmp(last_component(obj), "ld-", 3);
}

const char *audit_advice(const struct offence *o)
{
	const struct object *caller = o->caller.obj;
	size_t i;

	if (o->kind == OFFENCE_LOADED)
		return "a program with a segment that is writable and executable: link it without -N, "
		       "and with -z noexecstack -z separate-code";
	if (o->mapping && o->mapping->kind == OBJECT_STACK)
		return "an executable stack: find the library that asks for it (readelf -lW says RWE "
		       "at GNU_STACK), link it with -z noexecstack";
	if (is_loader(caller) && o->mapping && o->mapping->kind == OBJECT_FILE)
		return "text relocations: build the library with -fPIC (readelf -d says TEXTREL)";
	for (i = 0; caller && caller->kind == OBJECT_FILE && i < sizeof(known) / sizeof(*known);
	     i++)
		if (!fnmatch(known[i].module, last_component(caller), 0))
			return known[i].advice;
	return NULL;
}
