/* SPDX-License-Identifier: Apache-2.0 */
/* The part of `store recover` that finds secrets which the catalogue no longer knows the place of. */
#pragma once

#include "base/json_write.h"
#include "cli/run.h"
#include "core/reunite.h"

/* Looks, and commits what was found. */
int reunite_secrets(struct reunion *ret, struct err *err) MUST_CHECK;

/* Nothing was brought back, and nothing is in doubt. */
bool reunion_is_idle(const struct reunion *reunion);

/* What a store said that has secrets which could not be looked for, or 0. */
int reunion_error(const struct reunion *reunion);

void put_reunion_json(struct json_out *out, const struct reunion *reunion);
void tell_reunion(struct cli *cli, const struct reunion *reunion);
