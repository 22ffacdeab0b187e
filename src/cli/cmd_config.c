/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/json_write.h"
#include "base/text.h"
#include "cli/open_store.h"
#include "cli/run.h"
#include "cli/ui.h"
#include "core/cache.h"
#include "core/catalogue.h"
#include "core/settings.h"

static int usage(struct err *err, const char *how)
{
	err_set(err, ERR_USAGE, "wrong number of words");
	return err_hint(err, "%s", how);
}

static int put_value(struct cli *cli, struct json_out *out, const struct settings *settings,
		     const char *key, struct err *err)
{
	AUTOFREE char *value = NULL;
	int error = settings_get(settings, key, &value, err);

	if (error)
		return error;
	if (out)
		json_put_text(out, key, value);
	else
		buf_printf(&cli->out, "%s\n", value);
	return 0;
}

static int list_one(struct cli *cli, struct json_out *out, const struct settings *settings,
		    const char *key, struct err *err)
{
	if (!out)
		buf_printf(&cli->out, "%s = ", key);
	return put_value(cli, out, settings, key, err);
}

static int list_all(struct cli *cli, struct json_out *out, const struct settings *settings,
		    struct err *err)
{
	char key[sizeof("cache.") + TOKEN_NAME_MAX];
	int error = 0;

	for (size_t i = 0; settings_keys[i] && !error; i++)
		error = list_one(cli, out, settings, settings_keys[i], err);
	for (size_t i = 0; i < settings->cache_count && !error; i++) {
		(void)snprintf(key, sizeof(key), "cache.%s", settings->caches[i].token);
		error = list_one(cli, out, settings, key, err);
	}
	return error;
}

static int list(struct cli *cli, const struct settings *settings, struct err *err)
{
	struct json_out out = {.buf = &cli->out};
	int error;

	if (!cli_has(cli, OPT_JSON))
		return list_all(cli, NULL, settings, err);
	json_begin(&out, NULL, '{');
	error = list_all(cli, &out, settings, err);
	json_end(&out, '}');
	buf_add_char(&cli->out, '\n');
	return error;
}

static int get(struct cli *cli, const struct settings *settings, struct err *err)
{
	struct json_out out = {.buf = &cli->out};
	int error;

	if (!cli_has(cli, OPT_JSON))
		return put_value(cli, NULL, settings, cli->operands[1], err);
	json_begin(&out, NULL, '{');
	error = put_value(cli, &out, settings, cli->operands[1], err);
	json_end(&out, '}');
	buf_add_char(&cli->out, '\n');
	return error;
}

/* What the setting is now, which another file may have a say in. */
static int put_change(struct cli *cli, const char *key, struct err *err)
{
	struct json_out out = {.buf = &cli->out};
	struct settings settings;
	int error = settings_load(&settings, NULL, err);

	if (error)
		return error;
	if (!cli_has(cli, OPT_JSON)) {
		buf_printf(&cli->out, "%s %s = ", ui_mark(UI_YES), key);
		return put_value(cli, NULL, &settings, key, err);
	}
	json_begin(&out, NULL, '{');
	error = put_value(cli, &out, &settings, key, err);
	json_end(&out, '}');
	buf_add_char(&cli->out, '\n');
	return error;
}

/* It may be logged in later; or it is a slip. */
static void warn_of_name(const char *key)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	const char *name = text_starts_with(key, "cache.") ? key + strlen("cache.") : NULL;

	if (name && !catalogue_load(&catalogue, CATALOGUE_INDEX, NULL) &&
	    !catalogue_find(&catalogue, name))
		ui_warn("there is no token named '%s' now", name);
}

/* Whoever wants secrets kept for a shorter time wants it from now on. */
static int set(struct cli *cli, struct err *err)
{
	const char *key = cli->operands[1];
	const char *value = cli->operands[2];
	int error = 0;

	if (strcmp(key, "store") == 0 && store_is_name(value))
		error = check_store_name(value, err);
	if (!error)
		error = settings_set(key, value, err);
	if (!error)
		warn_of_name(key);
	if (!error && text_starts_with(key, "cache"))
		(void)cache_clear();
	return error ? error : put_change(cli, key, err);
}

static int unset(struct cli *cli, struct err *err)
{
	int error = settings_unset(cli->operands[1], err);

	return error ? error : put_change(cli, cli->operands[1], err);
}

int cmd_config(struct cli *cli, struct err *err)
{
	const char *verb = cli->operands[0];
	struct settings settings;
	int error = settings_load(&settings, ui_settings_warning, err);

	/* Even where a line of the file makes no sense, it must be possible to change it. */
	if (error)
		return error;
	if (strcmp(verb, "list") == 0)
		return cli->operand_count == 1 ? list(cli, &settings, err)
					       : usage(err, "hftoken config list");
	if (strcmp(verb, "get") == 0)
		return cli->operand_count == 2 ? get(cli, &settings, err)
					       : usage(err, "hftoken config get KEY");
	if (strcmp(verb, "set") == 0)
		return cli->operand_count == 3 ? set(cli, err)
					       : usage(err, "hftoken config set KEY VALUE");
	if (strcmp(verb, "unset") == 0)
		return cli->operand_count == 2 ? unset(cli, err)
					       : usage(err, "hftoken config unset KEY");
	err_set(err, ERR_USAGE, "config can get, set, unset and list");
	return err_hint(err, "hftoken config --help");
}
