/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doctor_wiring.h"

/*
 * What stands before ours goes when ours gets its empty helper; what stands behind does not. So the
 * one behind is the one to tell first.
 */
struct wiring wiring_of(const struct git_helpers *helpers)
{
	struct wiring wiring = {.state = WIRING_NONE};

	for (size_t i = 0; i < helpers->count; i++) {
		const struct git_helper *helper = &helpers->list[i];

		if (git_helper_is_ours(helper->value)) {
			if (!wiring.ours)
				wiring.state = wiring.rival ? WIRING_RIVAL_BEFORE : WIRING_OURS;
			wiring.ours = wiring.ours ? wiring.ours : helper;
		} else if (wiring.ours) {
			wiring.state = WIRING_RIVAL_BEHIND;
			wiring.rival = helper;
			break;
		} else if (!wiring.rival) {
			wiring.rival = helper;
		}
	}
	return wiring;
}
