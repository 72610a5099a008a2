/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dynamic loader of an address space, and what it is at. Its name on a call proves
 * little: the word on the stack that names a caller is the caller's to write, and code can
 * jump into the loader's. So a call is taken for the loader's work only where the calls
 * before show such work: on a module that it has mapped and not finished yet, or right
 * after it mapped one.
 */
#ifndef CORE_LOADING_H
#define CORE_LOADING_H

#include "core/change.h"

#define LOADING_FRESH 32

struct loading {
	const struct object *exe, *loader; /* as exec mapped them; NULL: not known, or none */
	/* modules that were mapped, and whose RELRO is not read-only yet: the last of them, a ring */
	const struct object *fresh[LOADING_FRESH];
	uint8_t nr_fresh, next_fresh;
	bool is_starting; /* set from exec on until the loader is done with the program */
	bool is_mapping;  /* set when the loader has just mapped a module */
};

/* True for the loader that exec mapped or, if no such exec was seen, one by its name. */
bool loading_is_loader(const struct loading *l, const struct object *module);
/* True if the change's call was made by the loader's code, or looks so. */
bool loading_is_call(const struct loading *l, const struct change *ch);
/* True if the loader has mapped the module, and is not done with it. */
bool loading_is_fresh(const struct loading *l, const struct object *module);

/* Hold the objects (object.h). */
void loading_hold(const struct loading *l);
/* Exec mapped code of a file. */
void loading_exec(struct loading *l, const struct object *obj);
/* Take note of a change that has been judged. maps: it is a new mapping. */
void loading_change(struct loading *l, const struct change *ch, bool maps, bool is_relro);

#endif
