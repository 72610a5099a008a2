/* SPDX-License-Identifier: BSD-2-Clause */
/* Few periods are tried: longer ones would hide what differs a screen away. */
#include "sink/fold.h"

#define MAX_PERIOD 4

/* How often the n rows from at on come, once included. */
static size_t nr_turns(const struct row_fold *f, size_t at, size_t n)
{
	size_t i = at + n;

	while (i < f->nr && f->is_alike(f->rows, i, i - n))
		i++;
	return (i - at) / n;
}

size_t fold_period(const struct row_fold *f, size_t at, size_t *ret_turns)
{
	size_t period, best = 1, hidden = 2;

	*ret_turns = 1;
	for (period = 1; period <= MAX_PERIOD; period++) {
		size_t turns = nr_turns(f, at, period);

		if ((turns - 1) * period <= hidden)
			continue;
		hidden = (turns - 1) * period;
		best = period;
		*ret_turns = turns;
	}
	return best;
}
