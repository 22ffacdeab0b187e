/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `resolve --probe`: where it is not known that the token picked works, asks the Hub about all that
 * could be, at once; what that proves is remembered, and decides.
 */
#include <string.h>

#include "base/text.h"
#include "cli/ask_hub.h"
#include "cli/learn.h"
#include "cli/resolve.h"
#include "cli/run.h"
#include "cli/ui.h"

/* One token that is asked about. */
struct probed {
	const struct candidate *candidate;
	struct secret secret;
};

/* Too large for a stack, as findings are. */
struct probe {
	struct resolving *resolving;
	struct access access;
	struct finding finding; /* of one after the other */
	struct probed *probed;  /* these two are parallel */
	struct access_token *asked;
	struct learning learning;
	struct err silence; /* why something is not known now; code 0: all is */
};

static void probe_free(struct probe **which)
{
	struct probe *probe = *which;

	if (!probe)
		return;
	if (probe->asked)
		access_release(&probe->access);
	for (size_t i = 0; i < probe->access.count; i++)
		secret_release(&probe->probed[i].secret);
	learning_release(&probe->learning);
	free(probe->probed);
	free(probe->asked);
	free(probe);
	*which = NULL;
}

/* ---- whom to ask about ------------------------------------------------------------------------ */

static bool is_settled(const struct pick *pick)
{
	return pick->token && pick->judged && pick->judged->verdict == VERDICT_GRANTS;
}

/* The stored token of the same value is asked about in its place. */
static bool is_twin_of_another(const struct pick *pick, const struct candidate *candidate)
{
	for (size_t i = 0; candidate->known != candidate->token && i < pick->count; i++) {
		if (pick->candidates[i].token == candidate->known)
			return true;
	}
	return false;
}

/* Who names a token wants to know about that one. */
static bool is_meant(const struct pick *pick, const struct candidate *candidate)
{
	if (pick->source == SOURCE_EXPLICIT)
		return candidate->token == pick->token;
	return !is_twin_of_another(pick, candidate);
}

static void say_silence(struct probe *probe, enum err_code code, const struct token *token,
			const char *why)
{
	/* The first one is told; that the Hub is silent goes before a store that is. */
	if (probe->silence.code && (probe->silence.code == ERR_NETWORK || code != ERR_NETWORK))
		return;
	err_set(&probe->silence, code, "it is not known whether '%s' works: %s", token->name,
		why);
}

static void add(struct probe *probe, const struct candidate *candidate)
{
	const struct token *token = candidate->token;
	struct probed *probed = &probe->probed[probe->access.count];
	struct err err = {0};
	int error = session_secret(&probe->resolving->session, token, &probed->secret, &err);

	/* What is no token is sent nowhere. */
	if (!error)
		error = token_secret_check(&probed->secret, token->endpoint, &err);
	if (error) {
		secret_release(&probed->secret);
		say_silence(probe, err.code, token, err.message);
		return;
	}
	probed->candidate = candidate;
	probe->asked[probe->access.count] = (struct access_token) {.secret = &probed->secret};
	probe->access.count++;
}

static int collect(struct probe *probe, struct err *err)
{
	const struct session_pick *picked = &probe->resolving->picked;
	const struct pick *pick = &picked->pick;
	const char *origin = picked->request.base.endpoint;
	const struct hub_endpoint *in_force = &probe->resolving->session.endpoint;

	probe->probed = calloc(ACCESS_TOKENS_MAX, sizeof(*probe->probed));
	probe->asked = calloc(ACCESS_TOKENS_MAX, sizeof(*probe->asked));
	if (!probe->probed || !probe->asked)
		return err_no_memory(err);
	probe->access.url = strcmp(origin, in_force->origin) == 0 ? in_force->url : origin;
	probe->access.origin = origin;
	probe->access.repo = probe->resolving->repo;
	probe->access.write = probe->resolving->question.operation == OPERATION_WRITE;
	probe->access.revision = probe->access.file = "";
	probe->access.tokens = probe->asked;
	probe->access.tick = ui_tick;
	for (size_t i = 0; i < pick->count && probe->access.count < ACCESS_TOKENS_MAX; i++) {
		if (is_meant(pick, &pick->candidates[i]))
			add(probe, &pick->candidates[i]);
	}
	return 0;
}

/* ---- asking ----------------------------------------------------------------------------------- */

static int ask(struct probe *probe, struct err *err)
{
	bool redirected = false;
	int error = access_begin(&probe->access, err);

	for (size_t i = 0; i < probe->access.count; i++)
		redirected |= probe->asked[i].redirected;
	/* The second round is for what was renamed. Why a token is refused is for why to find out. */
	return !error && redirected ? access_finish(&probe->access, err) : error;
}

static void understand(struct probe *probe, size_t which, struct grants_room *room)
{
	struct finding *finding = &probe->finding;
	const struct candidate *candidate = probe->probed[which].candidate;
	struct grants grants;
	struct evidence evidence = {.repo = &probe->access.target,
				    .write = probe->access.write,
				    .revision = "",
				    .file = "",
				    .endpoint = probe->access.origin,
				    .facts = &probe->access.facts,
				    .token = candidate->known,
				    .display_name = "",
				    .grants = &grants,
				    .standing = STANDING_UNKNOWN,
				    .reply = &probe->asked[which].reply,
				    .now = time_now()};

	grants_compact_read(candidate->known, &probe->access.target, room, &grants);
	cause_find(&evidence, finding);
	learning_add(&probe->learning, candidate->known, &evidence, finding);
	if (finding->verdict == FINDING_UNKNOWN)
		say_silence(probe, ERR_NETWORK, candidate->token, finding->remedy.text);
}

static int probe_hub(struct probe *probe, struct err *err)
{
	AUTOROOM struct grants_room room = {0};
	int error = collect(probe, err);

	if (error || !probe->access.count)
		return error;
	error = ask(probe, err);
	if (!error)
		error = learning_init(&probe->learning, &probe->access, OUTCOME_BY_PROBE, err);
	for (size_t i = 0; i < probe->access.count && !error; i++)
		understand(probe, i, &room);
	if (error)
		return error;
	learning_keep(&probe->learning);
	ui_tick_done();
	return resolving_again(probe->resolving, probe->learning.news, probe->learning.count,
			       err);
}

/* What is known is shown; where the Hub could have told better, that it did not goes before. */
static int show(struct cli *cli, const struct probe *probe, struct err *err)
{
	int error = resolving_show(cli, probe->resolving, err);

	if (!probe->silence.code || is_settled(&probe->resolving->picked.pick))
		return error;
	if (!cli_has(cli, OPT_JSON)) {
		*err = probe->silence;
		return probe->silence.code;
	}
	ui_error(&probe->silence);
	cli->exit_status = exit_status(probe->silence.code);
	return error;
}

int cmd_probe(struct cli *cli, struct err *err)
{
	CLEANUP(probe_free) struct probe *probe = calloc(1, sizeof(*probe));
	AUTORESOLVING struct resolving resolving = RESOLVING_NONE;
	int error;

	if (!probe)
		return err_no_memory(err);
	probe->resolving = &resolving;
	error = resolving_begin(cli, &resolving, err);
	if (!error && !is_settled(&resolving.picked.pick))
		error = probe_hub(probe, err);
	return error ? error : show(cli, probe, err);
}
