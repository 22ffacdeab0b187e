/* SPDX-License-Identifier: Apache-2.0 */
/* The tables themselves: data only. */
#include "cli/command.h"

const struct option options[OPT_COUNT] = {
	[OPT_HELP] = {"help", NULL, 'h', NULL, "show this help", false},
	[OPT_VERSION] = {"version", NULL, 0, NULL, "show the version", false},
	[OPT_JSON] = {"json", NULL, 0, NULL, "print one JSON object", false},
	[OPT_QUIET] = {"quiet", NULL, 'q', NULL, "print bare names only, one per line", false},
	[OPT_NAME] = {"name", "token-name", 'n', "NAME", "the name of the token", false},
	[OPT_ALL] = {"all", NULL, 0, NULL, "every stored token", false},
	[OPT_WITH_TOKEN] = {"with-token", NULL, 0, NULL, "read the token from standard input",
			    false},
	[OPT_TOKEN_FILE] = {"token-file", NULL, 0, "FILE", "read the token from a file", false},
	[OPT_TOKEN_FD] = {"token-fd", NULL, 0, "N", "read the token from an open descriptor",
			  false},
	[OPT_TOKEN] = {"token", NULL, 0, "TOKEN", "the token itself; other users can see it",
		       false},
	[OPT_NO_VERIFY] = {"no-verify", NULL, 0, NULL, "store it without asking the Hub",
			   false},
	[OPT_STORE] = {"store", NULL, 0, "STORE",
		       "where to keep it: file, secret-service, auto", false},
	[OPT_DEFAULT] = {"default", NULL, 0, NULL, "make it the default token", false},
	[OPT_REPLACE] = {"replace", NULL, 0, NULL,
			 "replace the token of that name whatever changes", false},
	[OPT_ENDPOINT] = {"endpoint", NULL, 0, "URL", "the Hub that the token is for", false},
	[OPT_FOR] = {"for", NULL, 0, "ORG", "have the page for a new token include this one",
		     false},
	[OPT_WRITE] = {"write", NULL, 0, NULL, "for writing, not only for reading", false},
	[OPT_REVOKE] = {"revoke", NULL, 0, NULL, "kill the token at the Hub as well", true},
	[OPT_YES] = {"yes", NULL, 'y', NULL, "do not ask", false},
	[OPT_WIDE] = {"wide", NULL, 0, NULL, "show more about each", false},
	[OPT_LOCAL] = {"local", NULL, 0, NULL, "for this repository only", false},
	[OPT_FORCE] = {"force", NULL, 0, NULL, "go on although something else is in the way",
		       false},
	[OPT_READ] = {"read", NULL, 0, NULL, "for reading only", false},
	[OPT_EXPLAIN] = {"explain", NULL, 0, NULL, "show every token, and what speaks for it",
			 false},
	[OPT_IN] = {"in", NULL, 0, "DIR", "in this folder and below", false},
	[OPT_UNDO] = {"undo", NULL, 0, NULL, "take out again what was set up", false},
	[OPT_FORMAT] = {"format", NULL, 0, "FORMAT",
			"the form of the line: header, curl, netrc", false},
	[OPT_REVISION] = {"revision", NULL, 0, "REV", "a branch, tag or commit", false},
	[OPT_FILE] = {"file", NULL, 0, "PATH", "a file of the repository", false},
	[OPT_REPO] = {"repo", NULL, 0, "REPO", "a repository: acme/m1, datasets/acme/d1, a URL",
		      false},
	[OPT_VIA] = {"via", NULL, 0, "WAY", "how CMD gets the token: env (a variable), file",
		     false},
	[OPT_ENV] = {"env", NULL, 0, NULL, "keep the HF_TOKEN that is set", false},
	[OPT_PROBE] = {"probe", NULL, 0, NULL, "ask the Hub if it is not known", true},
	[OPT_DRY_RUN] = {"dry-run", NULL, 0, NULL, "show what would change, and change nothing",
			 false},
	[OPT_REFRESH] = {"refresh", NULL, 0, NULL, "ask the Hub first", false},
	[OPT_TO] = {"to", NULL, 0, "STORE", "the store to move to: file, secret-service",
		    false},
	[OPT_WITH_PASSPHRASE] = {"with-passphrase", NULL, 0, NULL,
				 "read the passphrase from standard input", false},
	[OPT_FIX] = {"fix", NULL, 0, NULL, "remove what was left behind, and correct modes",
		     false},
	[OPT_OFFLINE] = {"offline", NULL, 0, NULL, "leave the network out", false},
	[OPT_REMOVE] = {"remove", NULL, 0, NULL, "remove the passphrase, or plain copies",
			false},
};

#define ACCOUNTS    "Accounts"
#define PERMISSIONS "Permissions"
#define USE         "Use"
#define CARE        "Care"

const struct command commands[CMD_COUNT] = {
	[CMD_NONE] = {.name = "",
		      .operands = "",
		      .summary = "show who you are and what git and hf would use",
		      .options = {OPT_JSON, OPT_VERSION, OPT_HELP}},
	[CMD_LOGIN] =
		{.name = "login",
		 .group = ACCOUNTS,
		 .operands = "[NAME]",
		 .max = 1,
		 .summary = "add a token, or replace the one of that name",
		 .description =
			 "On a terminal it shows the page that makes the right token and reads a\n"
			 "paste without echo. The token is checked by the Hub before it is stored.\n"
			 "The first token becomes the default one.\n",
		 .online = true,
		 .options = {OPT_NAME, OPT_WITH_TOKEN, OPT_TOKEN_FILE, OPT_TOKEN_FD, OPT_TOKEN,
			     OPT_NO_VERIFY, OPT_STORE, OPT_DEFAULT, OPT_REPLACE, OPT_ENDPOINT,
			     OPT_FOR, OPT_WRITE, OPT_JSON, OPT_QUIET, OPT_HELP}},
	[CMD_LOGOUT] =
		{.name = "logout",
		 .group = ACCOUNTS,
		 .operands = "[NAME...]",
		 .max = OPERANDS_MAX,
		 .summary = "remove tokens from this machine",
		 .description =
			 "The tokens stay valid at the Hub; --revoke kills them there too.\n",
		 .options = {OPT_NAME, OPT_ALL, OPT_REVOKE, OPT_YES, OPT_JSON, OPT_QUIET,
			     OPT_HELP}},
	[CMD_REVOKE] =
		{.name = "revoke",
		 .group = ACCOUNTS,
		 .operands = "[NAME...]",
		 .max = OPERANDS_MAX,
		 .summary = "kill tokens at the Hub, then remove them here",
		 .description =
			 "A token is removed here only after the Hub has confirmed that it is\n"
			 "dead. --with-token kills a token that is not stored: one that leaked.\n",
		 .online = true,
		 .options = {OPT_NAME, OPT_ALL, OPT_WITH_TOKEN, OPT_ENDPOINT, OPT_YES, OPT_JSON,
			     OPT_QUIET, OPT_HELP}},
	[CMD_WHOAMI] = {.name = "whoami",
			.group = ACCOUNTS,
			.operands = "[NAME]",
			.max = 1,
			.summary = "ask the Hub whose token it is",
			.online = true,
			.options = {OPT_NAME, OPT_ALL, OPT_JSON, OPT_QUIET, OPT_HELP}},
	[CMD_LIST] = {.name = "list",
		      .alias = "ls",
		      .group = ACCOUNTS,
		      .operands = "",
		      .summary = "list the tokens (no network, no unlocking)",
		      .options = {OPT_WIDE, OPT_JSON, OPT_QUIET, OPT_HELP}},
	[CMD_SWITCH] = {.name = "switch",
			.group = ACCOUNTS,
			.operands = "[NAME]",
			.max = 1,
			.summary = "set the default token",
			.options = {OPT_NAME, OPT_JSON, OPT_QUIET, OPT_HELP}},
	[CMD_RENAME] = {.name = "rename",
			.group = ACCOUNTS,
			.operands = "OLD NEW",
			.min = 2,
			.max = 2,
			.summary = "give a token another name",
			.options = {OPT_JSON, OPT_QUIET, OPT_HELP}},
	[CMD_RULE] =
		{.name = "rule",
		 .group = PERMISSIONS,
		 .operands = "add|list|remove [PATTERN... [NAME]]",
		 .min = 1,
		 .max = OPERANDS_MAX,
		 .summary = "say which token is for which repositories",
		 .description =
			 "  hftoken rule add PATTERN NAME [--read|--write] [--in DIR]\n"
			 "  hftoken rule list\n"
			 "  hftoken rule remove PATTERN... [--read|--write] [--in DIR]\n"
			 "A pattern is a namespace or an id such as acme, acme/prod-*,\n"
			 "datasets/acme/*; * alone is everything. The most specific rule counts.\n",
		 .options = {OPT_READ, OPT_WRITE, OPT_IN, OPT_NAME, OPT_JSON, OPT_QUIET,
			     OPT_HELP}},
	[CMD_SCOPES] =
		{.name = "scopes",
		 .group = PERMISSIONS,
		 .operands = "[NAME...]",
		 .max = OPERANDS_MAX,
		 .summary = "show what tokens may do",
		 .description =
			 "From what the Hub last said, without asking it. Without a name, of the\n"
			 "token that is used by default. --all shows all side by side, and --repo\n"
			 "what each can do with one repository, and what it lacks.\n",
		 .online = true,
		 .options = {OPT_NAME, OPT_ALL, OPT_REPO, OPT_REFRESH, OPT_JSON, OPT_QUIET,
			     OPT_HELP}},
	[CMD_RESOLVE] =
		{.name = "resolve",
		 .alias = "which",
		 .group = PERMISSIONS,
		 .operands = "REPO|URL",
		 .min = 1,
		 .max = 1,
		 .summary = "show which token a repository gets, and why",
		 .description =
			 "From rules, and what is known of each token; asks no network. --probe asks\n"
			 "the Hub, and remembers, if no token is known to work.\n",
		 .options = {OPT_WRITE, OPT_EXPLAIN, OPT_PROBE, OPT_NAME, OPT_JSON, OPT_QUIET,
			     OPT_HELP}},
	[CMD_WHY] =
		{.name = "why",
		 .group = PERMISSIONS,
		 .operands = "[REPO|-]",
		 .max = 1,
		 .summary = "say why a token is refused, and what to do",
		 .description =
			 "Asks the Hub whether each token of this machine may read REPO (with\n"
			 "--write: write to it), and says for each that may not what is in the way.\n"
			 "-: finds the repository in an error message on standard input. Without\n"
			 "REPO: the one last asked about. --all: what to do about every token, also\n"
			 "where one works.\n",
		 .online = true,
		 .options = {OPT_WRITE, OPT_REVISION, OPT_FILE, OPT_NAME, OPT_ALL, OPT_JSON,
			     OPT_QUIET, OPT_HELP}},
	[CMD_STATUS] = {.name = "status",
			.group = PERMISSIONS,
			.operands = "",
			.summary = "show every place a token can come from, and who uses it",
			.description = "Asks no network. Values are masked.\n",
			.online = true,
			.options = {OPT_JSON, OPT_HELP}},
	[CMD_TOKEN] = {.name = "token",
		       .group = USE,
		       .operands = "[NAME]",
		       .max = 1,
		       .summary = "print a token, and nothing else",
		       .options = {OPT_NAME, OPT_REPO, OPT_WRITE, OPT_HELP}},
	[CMD_RUN] =
		{.name = "run",
		 .group = USE,
		 .operands =
			 "-- CMD...",
		 .min =
			 1,
		 .max =
			 OPERANDS_MAX,
		 .summary = "run a program with the right token",
		 .description =
			 "CMD finds the token in HF_TOKEN, or with --via file in a private file that\n"
			 "HF_TOKEN_PATH names and that is gone afterwards. It is the one for every\n"
			 "--repo, else for the repositories that CMD names beyond doubt, else the\n"
			 "default one.\n",
		 .wraps = true,
		 .options = {OPT_REPO, OPT_WRITE, OPT_NAME, OPT_VIA, OPT_ENV, OPT_HELP}},
	[CMD_GIT] = {.name = "git",
		     .group = USE,
		     .operands = "get|store|erase",
		     .min = 1,
		     .max = OPERANDS_MAX,
		     .summary = "answer git (also as git-credential-hftoken)",
		     .protocol = true,
		     .options = {OPT_NAME, OPT_HELP}},
	[CMD_DOCKER] = {.name = "docker",
			.group = USE,
			.operands = "get|store|erase|list|version",
			.max = OPERANDS_MAX,
			.summary = "answer docker (also as docker-credential-hftoken)",
			.protocol = true,
			.options = {OPT_NAME, OPT_VERSION, OPT_HELP}},
	[CMD_BAZEL] = {.name = "bazel",
		       .group = USE,
		       .operands = "get",
		       .min = 1,
		       .max = 1,
		       .summary = "answer Bazel (also as bazel-credential-hftoken)",
		       .protocol = true,
		       .options = {OPT_NAME, OPT_HELP}},
	[CMD_HEADER] =
		{.name = "header",
		 .group = USE,
		 .operands = "URL",
		 .min = 1,
		 .max = 1,
		 .summary = "print the header line that a downloader needs for a URL",
		 .description =
			 "For a pipe into curl and the like: neither arguments nor files then\n"
			 "show the token. hftoken-header(1) has a recipe for each.\n",
		 .options = {OPT_NAME, OPT_FORMAT, OPT_HELP}},
	[CMD_SERVE] = {.name = "serve",
		       .group = USE,
		       .operands = "",
		       .summary = "answer a program that asks often, in lines of JSON",
		       .protocol = true,
		       .options = {OPT_NAME, OPT_HELP}},
	[CMD_SETUP] =
		{.name = "setup",
		 .group = USE,
		 .operands = "git|docker|bazel|hf",
		 .max = 1,
		 .summary = "have git, docker, Bazel or huggingface_hub use hftoken",
		 .description =
			 "git, docker and Bazel ask hftoken from then on. huggingface_hub cannot: its\n"
			 "token file, in plain text, follows the default token. --undo without a\n"
			 "name takes out all of it.\n",
		 .options = {OPT_LOCAL, OPT_FORCE, OPT_UNDO, OPT_DRY_RUN, OPT_YES, OPT_QUIET,
			     OPT_HELP}},
	[CMD_IMPORT] =
		{.name = "import",
		 .group = CARE,
		 .operands = "[hf|git|-]",
		 .max = 1,
		 .summary = "take over tokens that lie in plain text, or an export",
		 .description =
			 "From huggingface_hub's files, from those of git's helper 'store', or with -\n"
			 "what 'hftoken export' writes, from standard input. Without an operand: hf\n"
			 "and git. --remove deletes the plain copy of each token that is stored, once\n"
			 "that was read back.\n",
		 .online = true,
		 .options = {OPT_REMOVE, OPT_NO_VERIFY, OPT_STORE, OPT_ENDPOINT, OPT_JSON,
			     OPT_QUIET, OPT_HELP}},
	[CMD_EXPORT] = {.name = "export",
			.group = CARE,
			.operands = "[NAME...]",
			.max = OPERANDS_MAX,
			.summary = "write tokens for another machine's 'hftoken import -'",
			.description = "Into a pipe, in plain text:\n"
				       "  hftoken export | ssh HOST hftoken import -\n"
				       "Without a name: every stored token.\n",
			.options = {OPT_NAME, OPT_HELP}},
	[CMD_STORE] =
		{.name = "store",
		 .group = CARE,
		 .operands = "list|move|unlock|lock|passphrase|recover ...",
		 .min = 1,
		 .max = OPERANDS_MAX,
		 .summary = "see, open and change the places that tokens are kept in",
		 .description =
			 "list                          which stores there are, and their state\n"
			 "move NAME...|--all --to STORE move tokens to another store\n"
			 "unlock [STORE]                open what is locked\n"
			 "lock                          forget keys and cached tokens\n"
			 "passphrase                    protect the file with a passphrase\n"
			 "recover [STORE]               go back to the version before\n",
		 .options = {OPT_WIDE, OPT_TO, OPT_ALL, OPT_NAME, OPT_WITH_PASSPHRASE,
			     OPT_REMOVE, OPT_YES, OPT_JSON, OPT_QUIET, OPT_HELP}},
	[CMD_CONFIG] = {.name = "config",
			.group = CARE,
			.operands = "get|set|unset|list [KEY [VALUE]]",
			.min = 1,
			.max = 3,
			.summary = "read and change settings",
			.options = {OPT_JSON, OPT_HELP}},
	[CMD_DOCTOR] =
		{.name = "doctor",
		 .group = CARE,
		 .operands = "",
		 .summary = "look at everything, and say how to mend what is wrong",
		 .description =
			 "Each finding comes with the command that mends it; the exit status is 8\n"
			 "if there are any. --fix removes secrets that no token leads to and files\n"
			 "that killed writers have left, corrects modes, and does nothing else.\n",
		 .online = true,
		 .options = {OPT_FIX, OPT_YES, OPT_OFFLINE, OPT_JSON, OPT_QUIET, OPT_HELP}},
	[CMD_COMPLETION] =
		{.name = "completion",
		 .group = CARE,
		 .operands = "bash|zsh|fish",
		 .min = 1,
		 .max = 1,
		 .summary = "print the completion script of a shell",
		 .description =
			 "make install puts them where the shells look. For this shell alone:\n"
			 "  source <(hftoken completion bash)      zsh likewise, behind compinit\n"
			 "  hftoken completion fish | source\n",
		 .options = {OPT_HELP}},
	[CMD_HELP] = {.name = "help",
		      .group = CARE,
		      .operands = "[COMMAND [VERB]]",
		      .max = 2,
		      .summary = "show how a command is used",
		      .options = {OPT_HELP}},
};
