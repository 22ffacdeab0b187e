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

/*
 * One that fails does not keep the others from being undone, nor from being told of: what was done
 * is said, and each error after it. The exit status is that of the first.
 */
static void undo_all(struct cli *cli, struct session *session, bool *ret_any)
{
	for (size_t i = 0; i < ARRAY_SIZE(setups); i++) {
		struct err err = {0};
		int error = 0;

		if (!cli_has(cli, OPT_LOCAL) || setups[i].local)
			error = setups[i].undo(cli, session, &err);
		*ret_any |= cli->out.size || error;
		cli_flush(cli);
		if (error && !cli->exit_status)
			cli->exit_status = exit_status(error);
		if (error)
			cli_complain(cli, &err);
	}
}

/* Nothing was said: nothing had to be done. */
static void say_nothing(const struct cli *cli)
{
	if (setup_is_dry(cli))
		ui_say("nothing would change");
	else if (cli_has(cli, OPT_UNDO) && !cli_has(cli, OPT_QUIET))
		ui_say("nothing to undo");
}

int cmd_setup(struct cli *cli, struct err *err)
{
	const struct session_options reading = {.parts = CATALOGUE_INDEX,
						.warn = ui_settings_warning};
	AUTOSESSION struct session session = {.catalogue = CATALOGUE_NONE};
	const struct setup *setup;
	bool any = false;
	int error = choose(cli, &setup, err);

	if (!error)
		error = session_open(&session, &reading, err);
	if (error)
		return error;
	if (!setup)
		undo_all(cli, &session, &any);
	else if (cli_has(cli, OPT_UNDO))
		error = setup->undo(cli, &session, err);
	else
		error = setup->wire(cli, &session, err);
	if (!error && !any && !cli->out.size)
		say_nothing(cli);
	return error;
}
