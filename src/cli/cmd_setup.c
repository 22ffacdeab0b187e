/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/run.h"
#include "cli/setup.h"
#include "cli/ui.h"

static const struct setup {
	const char *name;
	int (*wire)(struct cli *cli, struct session *session, struct err *err);
	int (*undo)(struct cli *cli, struct session *session, struct err *err);
	bool local; /* can be done for one repository only */
} setups[] = {
	{"git", setup_git, undo_git, true},
	{"docker", setup_docker, undo_docker, false},
	{"bazel", setup_bazel, undo_bazel, true},
	{"hf", setup_hf, undo_hf, false},
};

static int complain(struct err *err)
{
	AUTOBUF struct buf names = {0};

	for (size_t i = 0; i < ARRAY_SIZE(setups); i++)
		buf_printf(&names, "%s%s", i ? ", " : "", setups[i].name);
	err_set(err, ERR_USAGE, "setup knows: %s", buf_text(&names));
	return err_hint(err, "hftoken setup git, or setup --undo for all of them");
}

/* The one that was named; NULL, without an error, for `--undo` of all. */
static int choose(const struct cli *cli, const struct setup **ret, struct err *err)
{
	*ret = NULL;
	if (cli->operand_count == 0)
		return cli_has(cli, OPT_UNDO) ? 0 : complain(err);
	for (size_t i = 0; i < ARRAY_SIZE(setups); i++) {
		if (strcmp(setups[i].name, cli->operands[0]) == 0)
			*ret = &setups[i];
	}
	if (!*ret)
		return complain(err);
	if (cli_has(cli, OPT_LOCAL) && !(*ret)->local)
		return err_set(err, ERR_USAGE, "setup %s has no --local", (*ret)->name);
	return 0;
}

/* One that fails does not keep the others from being undone; its error comes first. */
static int undo_all(struct cli *cli, struct session *session, struct err *err)
{
	int first = 0;

	for (size_t i = 0; i < ARRAY_SIZE(setups); i++) {
		int error = cli_has(cli, OPT_LOCAL) && !setups[i].local
				    ? 0
				    : setups[i].undo(cli, session, first ? NULL : err);

		first = first ? first : error;
	}
	return first;
}

int cmd_setup(struct cli *cli, struct err *err)
{
	const struct session_options reading = {.parts = CATALOGUE_INDEX,
						.warn = ui_settings_warning};
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	const struct setup *setup;
	int error = choose(cli, &setup, err);

	if (!error)
		error = session_open(&session, &reading, err);
	if (error)
		return error;
	if (!cli_has(cli, OPT_UNDO))
		return setup->wire(cli, &session, err);
	error = setup ? setup->undo(cli, &session, err) : undo_all(cli, &session, err);
	if (!error && !cli->out.size && !cli_has(cli, OPT_QUIET))
		ui_say("nothing to undo");
	return error;
}
