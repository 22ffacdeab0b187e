/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the Hub's answers about one repository prove of each token, gathered, and then kept for the
 * resolver (core/outcomes.h): all in one go, and best effort.
 *
 *	AUTOLEARNING struct learning learning = {0};
 *	error = learning_init(&learning, &access, OUTCOME_BY_WHY, err);
 *	learning_add(&learning, token, &evidence, &finding);	// for each
 *	learning_keep(&learning);
 */
#pragma once

#include "core/proof.h"
#include "hub/access.h"

struct learning {
	const struct access *access; /* that was asked */
	enum outcome_source source;
	struct outcomes dead;      /* as was known before */
	struct outcome_news *news; /* the repositories are those of `access` */
	size_t count;
};

/* Room for as many tokens as were asked about. */
int learning_init(struct learning *learning, const struct access *access,
		  enum outcome_source source, struct err *err) MUST_CHECK;
void learning_release(struct learning *learning);
#define AUTOLEARNING CLEANUP(learning_release)

/*
 * One token's answer; once for each. `known` is the token that the resolver will look for, which for
 * a source's is the stored one of the same value.
 */
void learning_add(struct learning *learning, const struct token *known,
		  const struct evidence *evidence, const struct finding *finding);

void learning_keep(struct learning *learning);
