/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/forget.h"
#include "cli/run.h"
#include "cli/ui.h"

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
	return error ? error : forget_tokens(cli, &session, &selection, err);
}
