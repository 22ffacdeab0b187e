/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/forget.h"
#include "cli/open_store.h"
#include "cli/prompt.h"
#include "cli/run.h"
#include "cli/ui.h"

/* Nothing brings them back: the Hub shows a token once. */
static int confirm_all(const struct cli *cli, const struct selection *selection,
		       struct err *err)
{
	char question[128];
	bool yes = false;
	int error;

	if (!cli_has(cli, OPT_ALL) || cli_has(cli, OPT_YES) || !prompt_possible() ||
	    selection->count == 0)
		return 0;
	(void)snprintf(question, sizeof(question),
		       "Remove every token (%zu) from this machine?", selection->count);
	error = prompt_yes(question, false, &yes, err);
	return !error && !yes ? err_set(err, ERR_CANCELLED, "nothing was removed") : error;
}

int cmd_logout(struct cli *cli, struct err *err)
{
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	AUTOSELECTION struct selection selection = {.count = 0};
	int error = session_open(&session,
				 &(struct session_options) {.parts = CATALOGUE_INDEX,
							    .warn = ui_settings_warning},
				 err);

	if (!error)
		error = select_tokens(cli, &session, "Which token shall be removed?",
				      &selection, err);
	if (!error)
		error = confirm_all(cli, &selection, err);
	if (!error)
		error = open_stores(&session, &selection, err);
	/* Of several, those whose store stays closed are named, and the others go. */
	if (error && error != ERR_CANCELLED && error != ERR_NO_MEMORY && selection.count > 1)
		error = 0;
	return error ? error : forget_tokens(cli, &session, &selection, "removed", err);
}
