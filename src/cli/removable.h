/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the chosen tokens can be removed now: one whose store is closed stays, whole, and does not
 * keep the others.
 */
#pragma once

#include "base/json_write.h"
#include "cli/command.h"
#include "cli/select.h"

struct removable {
	struct selection gone; /* can be removed */
	struct selection stays;
	struct err *why; /* of each that stays */
};

void removable_release(struct removable *removable);
#define AUTOREMOVABLE CLEANUP(removable_release)

/* The session is open for writing. An error only if memory is out. */
int removable_find(struct session *session, const struct selection *selection,
		   struct removable *ret, struct err *err) MUST_CHECK;

/* What stays and why: errors on stderr, and the exit status. Nothing if all can go. */
void removable_say(struct cli *cli, struct removable *removable);

/* The same as the member "failed" of an answer; none if all can go. */
void removable_put_json(struct json_out *out, const struct removable *removable);
