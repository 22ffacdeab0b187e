/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/why_git.h"

#include "base/text.h"
#include "core/session_pick.h"

int why_git_pick(struct session *session, const struct repo *repo, bool write,
		 struct why_git *ret, struct err *err)
{
	AUTOSESSIONPICK struct session_pick picked = {0};
	const struct session_question question = {
		.repo = repo, .operation = write ? OPERATION_WRITE : OPERATION_READ};
	int error = session_pick(session, &question, &picked, err);

	if (error)
		return error;
	*ret = (struct why_git) {.token = picked.pick.token,
				 .by_default = picked.pick.source == SOURCE_DEFAULT ||
					       picked.pick.source == SOURCE_ENVIRONMENT};
	if (picked.pick.rule)
		(void)text_copy(ret->rule, sizeof(ret->rule), picked.pick.rule->pattern);
	return 0;
}
