/* SPDX-License-Identifier: Apache-2.0 */
/* `hftoken doctor`: the table of its checks, and how what they find is shown. */
#include "base/json_write.h"
#include "base/text.h"
#include "cli/doctor.h"
#include "cli/run.h"
#include "cli/ui.h"

#define EXIT_FINDINGS 8

/* In the order in which they are shown; `clock` wants to have heard `hub`. */
static const struct check {
	const char *name;
	void (*look)(struct doctor *doctor);
	bool online;
} checks[] = {
	{"environment", doctor_environment, false},
	{"settings", doctor_settings, false},
	{"rules", doctor_rules, false},
	{"files", doctor_files, false},
	{"disk", doctor_disk, false},
	{"left-files", doctor_left_files, false},
	{"catalogue", doctor_catalogue, false},
	{"store", doctor_store, false},
	{"secrets", doctor_secrets, false},
	{"tokens", doctor_tokens, false},
	{"git", doctor_git, false},
	{"git-helper", doctor_git_helper, false},
	{"plain-text", doctor_plain_text, false},
	{"hf", doctor_hf, false},
	{"docker", doctor_docker, false},
	{"bazel", doctor_bazel, false},
	{"installation", doctor_installation, false},
	{"memory", doctor_memory, false},
	{"cache", doctor_cache, false},
	{"endpoint", doctor_endpoint, false},
	{"proxy", doctor_proxy, true},
	{"certificates", doctor_certificates, true},
	{"hub", doctor_hub, true},
	{"clock", doctor_clock, false},
};

static void look(struct doctor *doctor)
{
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		if (checks[i].online && doctor->offline)
			continue;
		findings_begin(&doctor->findings, checks[i].name);
		checks[i].look(doctor);
		ui_tick();
	}
	ui_tick_done();
}

/* ---- showing it ------------------------------------------------------------------------------- */

static void put_json(struct cli *cli, const struct findings *findings, const struct buf *fixed)
{
	struct json_out out = {.buf = &cli->out};

	json_begin(&out, NULL, '{');
	json_begin(&out, "findings", '[');
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		json_begin(&out, NULL, '{');
		json_put_text(&out, "check", finding->check);
		json_put_text(&out, "level", finding_level_names[finding->level]);
		json_put_text(&out, "text", finding->text);
		json_put_text(&out, "fix", finding->fix);
		json_put_bool(&out, "command", finding->command);
		json_end(&out, '}');
	}
	json_end(&out, ']');
	json_put_int(&out, "left_out", (int64_t)findings->left_out);
	json_begin(&out, "fixed", '[');
	for (const char *line = buf_text(fixed); *line;) {
		AUTOFREE char *copy = strndup(line, strcspn(line, "\n"));

		json_put_text(&out, NULL, copy ? copy : "");
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	json_end(&out, ']');
	json_end(&out, '}');
	buf_add_char(&cli->out, '\n');
}

/* The names of checks that found something, each once. */
static void put_names(struct cli *cli, const struct findings *findings)
{
	const char *last = "";

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		if (finding->level == FINDING_OK || strcmp(finding->check, last) == 0)
			continue;
		last = finding->check;
		buf_printf(&cli->out, "%s\n", last);
	}
}

/* A command stands alone in its line, whole, so that it can be pasted. */
static void put_finding(struct cli *cli, const struct finding *finding)
{
	static const enum ui_mark marks[] = {
		[FINDING_OK] = UI_YES, [FINDING_WARNING] = UI_WARNING, [FINDING_ERROR] = UI_NO};
	AUTOBUF struct buf line = {0};
	AUTOBUF struct buf folded = {0};

	buf_printf(&line, "%s: %s", finding->check, finding->text);
	ui_put_folded(&folded, 2, buf_text(&line));
	buf_printf(&cli->out, "%s %s", ui_mark(marks[finding->level]), buf_text(&folded) + 2);
	if (finding->fix && finding->command)
		buf_printf(&cli->out, "    %s\n", finding->fix);
	else if (finding->fix)
		ui_put_folded(&cli->out, 4, finding->fix);
}

static void put_end(struct cli *cli, const struct doctor *doctor)
{
	size_t levels[FINDING_LEVELS] = {0};

	for (size_t i = 0; i < doctor->findings.count; i++)
		levels[doctor->findings.list[i].level]++;
	if (doctor->findings.left_out)
		buf_printf(&cli->out, "%zu more are left out\n", doctor->findings.left_out);
	if (doctor->offline)
		buf_add_text(&cli->out, "the network was left out\n");
	if (levels[FINDING_ERROR] || levels[FINDING_WARNING])
		buf_printf(&cli->out, "\nerrors: %zu, warnings: %zu\n", levels[FINDING_ERROR],
			   levels[FINDING_WARNING]);
	else
		buf_add_text(&cli->out, "\nnothing is wrong\n");
}

static void put_all(struct doctor *doctor, const struct buf *fixed)
{
	struct cli *cli = doctor->cli;

	if (cli_has(cli, OPT_JSON)) {
		put_json(cli, &doctor->findings, fixed);
	} else if (cli_has(cli, OPT_QUIET)) {
		put_names(cli, &doctor->findings);
	} else {
		for (size_t i = 0; i < doctor->findings.count; i++)
			put_finding(cli, &doctor->findings.list[i]);
		put_end(cli, doctor);
	}
}

int cmd_doctor(struct cli *cli, struct err *err)
{
	CLEANUP(doctor_release)
	struct doctor doctor = {.session = {.catalogue = CATALOGUE_NONE}};
	AUTOBUF struct buf fixed = {0};
	int error = cli_has(cli, OPT_FIX) ? doctor_fix(cli, &fixed, err) : 0;

	if (!error)
		error = doctor_open(&doctor, cli, err);
	if (error)
		return error;
	look(&doctor);
	if (doctor.findings.failed || buf_failed(&fixed))
		return err_no_memory(err);
	put_all(&doctor, &fixed);
	if (findings_worst(&doctor.findings, 0) != FINDING_OK ||
	    doctor.findings.left_out_worst != FINDING_OK)
		cli->exit_status = EXIT_FINDINGS;
	return 0;
}
