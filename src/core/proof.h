/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an answer of the Hub proves of a token, for core/outcomes.h to remember: that it works there,
 * that it is refused there, or that it is dead. A limit, a failure or silence proves nothing, nor do
 * words that nobody knows, nor what is no token's fault: a repository that is disabled, or of another
 * type. Pure.
 */
#pragma once

#include "core/cause.h"
#include "core/outcomes.h"

/* Of the answer's finding; OUTCOME_NONE where it proves nothing. */
enum outcome_result proof_of(const struct evidence *evidence, const struct finding *finding);

/* Whether the Hub knows the token, as that shows; so it is not dead. */
bool proof_lives(const struct evidence *evidence, const struct finding *finding);
