/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/json.h"
#include "base/text.h"
#include "core/complaint.h"

#define VECTORS "tests/vectors/complaints"
#define LLAMA   "meta-llama/Llama-3.1-8B-Instruct"
#define HUB     "https://huggingface.co/"
#define TOKEN   "hf_aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH"
#define NOT_ASKED(id) \
	"Access to model " id " is restricted and you are not in the authorized list."
#define SETTING                                                                         \
	"Please enable access to public gated repositories in your fine-grained token " \
	"settings to view this repository"
#define CAUSE_OF  "\nThe above exception was the direct cause of the following exception:\n\n"
#define DURING    "\nDuring handling of the above exception, another exception occurred:\n\n"
#define TRACEBACK "Traceback (most recent call last):\n  File \"x.py\", line 1, in <module>\n"

static struct complaint read_text(const char *text, size_t size)
{
	struct complaint complaint;
	struct err err = {0};

	if (complaint_read(text, size, &complaint, &err))
		fail_msg("%s: %s", text, err.message);
	return complaint;
}

/* ---- what real programs say ------------------------------------------------------------------- */

static int same(const char *file, const struct json *row, const char *field, const char *found)
{
	const char *expected = json_member_text(row, field);

	if (expected && strcmp(expected, found) == 0)
		return 0;
	print_error("%s: %s is '%s', not '%s'\n", file, field, found,
		    expected ? expected : "(missing)");
	return 1;
}

static int compare(const char *file, const struct json *row, const struct complaint *found)
{
	char id[REPO_ID_SIZE] = "";
	char status[16];
	int wrong = 0;

	if (found->has_repo)
		repo_text(&found->repo, id);
	(void)snprintf(status, sizeof(status), "%d", found->status);
	wrong += same(file, row, "repo", id);
	wrong += same(file, row, "endpoint", found->repo.endpoint);
	wrong += same(file, row, "revision", found->repo.revision);
	wrong += same(file, row, "path", found->repo.path);
	wrong += same(file, row, "operation", complaint_operation_names[found->operation]);
	wrong += same(file, row, "status", status);
	wrong += same(file, row, "cause", found->cause);
	wrong += same(file, row, "words", found->words);
	return wrong + same(file, row, "request_id", found->request_id);
}

static struct json *load_expected(void)
{
	struct json *expected = NULL;
	struct err err = {0};
	size_t size;
	AUTOFREE char *text = read_bytes(VECTORS "/expected.json", &size);

	if (json_parse(text, size, &expected, &err))
		fail_msg("%s", err.message);
	return expected;
}

static const struct {
	const char *repo;
	const char *file;
} seen[] = {
	{LLAMA, "hub-download-gate-setting.txt"},
	{LLAMA, "transformers-config-setting.txt"},
	{"alice/public-model", "git-push-read-token.txt"},
};

static void real_texts_are_read(void **state UNUSED)
{
	AUTOJSON struct json *expected = load_expected();
	int wrong = 0;
	int count = 0;

	json_each (row, expected) {
		const char *file = json_member_text(row, "file");
		char path[256];
		size_t size;
		AUTOFREE char *text = NULL;
		struct complaint found;

		(void)snprintf(path, sizeof(path), VECTORS "/%s", file);
		text = read_bytes(path, &size);
		found = read_text(text, size);
		wrong += compare(file, row, &found);
		count++;
	}
	assert_int_equal(wrong, 0);
	assert_true(count > 80);
}

/* The same texts as they come from Windows, from a log in JSON, and out of a box of a terminal. */
static void real_texts_are_read_in_other_clothes(void **state UNUSED)
{
	static const char *const ends[] = {"\r\n", "\033[0m\n", "\\n",
					   " \xe2\x94\x82\n\xe2\x94\x82 "};

	for (size_t i = 0; i < ARRAY_SIZE(seen); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(ends); j++) {
			char path[256];
			size_t size;
			AUTOFREE char *text = NULL;
			AUTOBUF struct buf dressed = {0};
			struct complaint found;
			char id[REPO_ID_SIZE];

			(void)snprintf(path, sizeof(path), VECTORS "/%s", seen[i].file);
			text = read_bytes(path, &size);
			for (size_t k = 0; k < size; k++) {
				if (text[k] == '\n')
					buf_add_text(&dressed, ends[j]);
				else
					buf_add_char(&dressed, text[k]);
			}
			found = read_text(dressed.data, dressed.size);
			repo_text(&found.repo, id);
			assert_string_equal(id, seen[i].repo);
			assert_int_equal(found.status, 403);
			assert_true(*found.words);
		}
	}
}

/* ---- which error counts ----------------------------------------------------------------------- */

static void the_error_that_counts(void **state UNUSED)
{
	static const struct {
		const char *text;
		const char *repo;
		const char *cause;
		int status;
	} cases[] = {
		/* the innermost of a chain, whatever the others name */
		{TRACEBACK "a.Error: 403 Forbidden: " SETTING "\nCannot access content at: " HUB
			   "acme/inner/resolve/main/x\n" CAUSE_OF TRACEBACK
			   "OSError: We couldn't connect to '" HUB "' to load " HUB
			   "acme/outer\n",
		 "acme/inner", "gate-token-setting", 403},
		{TRACEBACK
		 "a.Error: 403 Client Error\n" HUB "acme/inner/resolve/main/x\n" NOT_ASKED(
			 "acme/inner") "\n" DURING TRACEBACK "a.Error: 401 Client Error\n" HUB
				       "acme/outer/resolve/main/x\nInvalid username or password.\n",
		 "acme/inner", "gate-not-asked", 403},
		/* the Hub's words win over a status that stands before them */
		{TRACEBACK
		 "httpx.HTTPStatusError: Client error '401 Unauthorized' for url '" HUB
		 "acme/one/resolve/main/x'\n" CAUSE_OF TRACEBACK
		 "b.Error: 403 Client Error.\n" NOT_ASKED("acme/two") "\n",
		 "acme/two", "gate-not-asked", 403},
		/* the last traceback, if they are not chained */
		{TRACEBACK "a.Error: 403 Forbidden: " SETTING "\n" HUB
			   "acme/one/resolve/main/x\n" TRACEBACK "a.Error: 404 Client Error.\n"
			   "Repository Not Found for url: " HUB "api/datasets/acme/two.\n",
		 "datasets/acme/two", "not-visible", 404},
		/* the last command */
		{"$ git clone " HUB
		 "acme/one\nremote: Repository not found\nfatal: repository '" HUB
		 "acme/one/' not found\nuser@box:~$ git clone " HUB
		 "acme/two\nremote: Invalid username or password.\nfatal: Authentication failed for "
		 "'" HUB "acme/two/'\nuser@box:~$ ls\n",
		 "acme/two", "token-invalid", 0},
		/* a bad connection only if nothing else is said */
		{"curl: (6) Could not resolve host: huggingface.co\n$ curl -f " HUB
		 "acme/m1/resolve/main/x\ncurl: (22) The requested URL returned error: 403\n$ curl "
		 "-f " HUB "acme/m2/resolve/main/x\ncurl: (6) Could not resolve host: "
		 "huggingface.co",
		 "acme/m1", "", 403},
		{"curl: (6) Could not resolve host: huggingface.co", NULL, "unreachable", 0},
		/* what huggingface_hub says of a 403 is no bad connection */
		{"LocalEntryNotFoundError: An error happened while trying to locate the file on the "
		 "Hub and we cannot find the requested files in the local cache. Please check your "
		 "connection and try again",
		 NULL, "", 0},
		/* a repository and nothing else */
		{"see " HUB "datasets/acme/d1/blob/main/README.md", "datasets/acme/d1", "", 0},
		/* words broken by a narrow terminal */
		{"Access to model " LLAMA
		 " is\n  restricted and you are not in\n  the authorized "
		 "list.",
		 LLAMA, "gate-not-asked", 0},
		/* our own id in code, when nothing better is there */
		{"  model = AutoModel.from_pretrained(\"" LLAMA "\")\nHTTP 429\n", LLAMA,
		 "rate-limited", 429},
		{"  ds = load_dataset('acme/d1')\nstatus code: 503\n", "datasets/acme/d1",
		 "hub-error", 503},
		/* as the library datasets says it */
		{"datasets.exceptions.DatasetNotFoundError: Dataset 'acme/d1' is a gated dataset "
		 "on the Hub. You must be authenticated to access it.",
		 "datasets/acme/d1", "no-token", 0},
		{"DatasetNotFoundError: Dataset 'acme/d1' is a gated dataset on the Hub. Visit the "
		 "dataset page at " HUB "datasets/acme/d1 to ask for access.",
		 "datasets/acme/d1", "", 0},
		{"DatasetNotFoundError: Dataset 'acme/d1' doesn't exist on the Hub or cannot be "
		 "accessed.",
		 "datasets/acme/d1", "not-visible", 0},
		/* a client's status at the beginning of a line is not the Hub's words */
		{"403 Client Error: Forbidden for url: " HUB "acme/m1/resolve/main/x",
		 "acme/m1", "", 403},
		/* not the Hub's */
		{"fatal: repository 'https://github.com/acme/m1.git/' not found", NULL,
		 "not-visible", 0},
		{"403 Forbidden https://cas-bridge.xethub.hf.co/xet-bridge-us/resolve/main",
		 NULL, "", 403},
		{"For more information check: https://developer.mozilla.org/en-US/docs\nHTTP 403",
		 NULL, "", 403},
		{"401 Client Error. See " HUB "settings/tokens and " HUB "docs/hub", NULL, "",
		 401},
		/* a file whose name begins like a token */
		{"404 Client Error: Entry Not Found for url: " HUB
		 "acme/m1/resolve/main/hf_bert_base_uncased_quantized_model.safetensors",
		 "acme/m1", "no-such-file", 404},
		/* a mirror's download is one */
		{"403 Client Error: Forbidden for url: https://hub.example.com/acme/m1/resolve/main/x",
		 "acme/m1", "", 403},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct complaint found = read_text(cases[i].text, strlen(cases[i].text));
		char id[REPO_ID_SIZE] = "";

		if (found.has_repo)
			repo_text(&found.repo, id);
		if (strcmp(id, cases[i].repo ? cases[i].repo : "") != 0 ||
		    strcmp(found.cause, cases[i].cause) != 0 || found.status != cases[i].status)
			fail_msg("%s: '%s', '%s', %d", cases[i].text, id, found.cause,
				 found.status);
		assert_null(strstr(found.words, "for url"));
	}
}

static void every_refusal_is_known(void **state UNUSED)
{
	static const struct {
		const char *words;
		const char *cause;
		enum complaint_operation operation;
	} cases[] = {
		{"Access to dataset acme/d1 is restricted. You must have access to it and be "
		 "authenticated to access it. Please log in.",
		 "no-token", COMPLAINT_UNKNOWN},
		{"Your request to access model acme/m1 is awaiting a review from the repo authors.",
		 "gate-pending", COMPLAINT_UNKNOWN},
		{"Your request to access model acme/m1 has been rejected by the repo's authors.",
		 "gate-rejected", COMPLAINT_UNKNOWN},
		{"Your request to access model acme/m1 has been reset by the repo's authors.",
		 "gate-reset", COMPLAINT_UNKNOWN},
		{SETTING, "gate-token-setting", COMPLAINT_UNKNOWN},
		{"Invalid credentials in Authorization header", "token-invalid",
		 COMPLAINT_UNKNOWN},
		{"User Access Token \"my \"old\" laptop\" is expired", "token-expired",
		 COMPLAINT_UNKNOWN},
		{"You have read access but not the required permissions for this operation", "",
		 COMPLAINT_WRITE},
		{"You don't have the rights to create a model under the namespace \"acme\"", "",
		 COMPLAINT_WRITE},
		{"Access to this resource is disabled.", "repo-disabled", COMPLAINT_UNKNOWN},
		{"We had to rate limit your IP (192.0.2.1). To continue using our service, log in",
		 "rate-limited", COMPLAINT_UNKNOWN},
		{"You have depleted your monthly included credits", "quota", COMPLAINT_UNKNOWN},
	};
	static const char *const clothes[] = {"%s", "{\"error\":\"%s\"}", "X-Error-Message: %s",
					      "INFO 07:01 worker-3: %s"};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(clothes); j++) {
			AUTOBUF struct buf text = {0};
			const char *end = strstr(clothes[j], "%s");
			struct complaint found;

			buf_add(&text, clothes[j], (size_t)(end - clothes[j]));
			buf_add_text(&text, cases[i].words);
			buf_add_text(&text, end + 2);
			found = read_text(text.data, text.size);
			assert_string_equal(found.words, cases[i].words);
			assert_string_equal(found.cause, cases[i].cause);
			assert_int_equal(found.operation, cases[i].operation);
		}
	}
}

static void unknown_words_are_shown_and_not_explained(void **state UNUSED)
{
	static const char *const cases[] = {
		"403 Forbidden: The moon is in the wrong phase",
		"HTTP/2 403\nx-error-message: The moon is in the wrong phase",
		"HTTP 403 {\"error\": \"The moon is in the wrong phase\"}",
		"remote: The moon is in the wrong phase\nfatal: unable to access '" HUB
		"acme/m1/': The requested URL returned error: 403",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct complaint found = read_text(cases[i], strlen(cases[i]));

		assert_string_equal(found.words, "The moon is in the wrong phase");
		assert_string_equal(found.cause, "");
		assert_int_equal(found.status, 403);
	}
}

/* ---- hostile text ----------------------------------------------------------------------------- */

static void assert_plain(const char *text)
{
	assert_true(utf8_is_valid(text, strlen(text)));
	for (; *text; text++)
		assert_true((unsigned char)*text >= ' ' && *text != 0x7f);
	assert_null(strstr(text, "hf_aBcDeF"));
}

static void tokens_are_not_repeated(void **state UNUSED)
{
	static const char *const cases[] = {
		"403 Forbidden: your token " TOKEN " may not",
		"fatal: Authentication failed for 'https://user:" TOKEN
		"@huggingface.co/acme/m1/'",
		"404 Client Error for url: " HUB "acme/m1/resolve/" TOKEN "/x",
		"404 Client Error for url: " HUB "acme/m1/resolve/main/" TOKEN,
		"404 Client Error for url: " HUB TOKEN "/m1/resolve/main/x",
		"404 Client Error for url: " HUB
		"acme/m1/resolve/main/hf_oauth_eyJ.hf_aBcDeF-_x.y"
		"0123456789-0123456789_0123456789",
		"404 Client Error (Request ID: " TOKEN ")",
		"User Access Token \"" TOKEN "\" is expired",
		"> GET /acme/m1/resolve/main/x HTTP/1.1\n> Host: huggingface.co\n> Authorization: "
		"Bearer " TOKEN "\n< HTTP/1.1 403 Forbidden\n< x-error-message: no " TOKEN,
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct complaint found = read_text(cases[i], strlen(cases[i]));

		assert_plain(found.words);
		assert_plain(found.request_id);
		assert_plain(found.repo.namespace);
		assert_plain(found.repo.name);
		assert_plain(found.repo.revision);
		assert_plain(found.repo.path);
		assert_plain(found.repo.endpoint);
	}
}

static void hostile_bytes_do_no_harm(void **state UNUSED)
{
	static const char text[] =
		"\0\xff\xfe\n\033]0;title\a403 Forbidden: \033[31mnot\0 \xc2\x9b you"
		"\xe2\x80\xae\xff\nhttps://huggingface.co/acme/m1\033[0m/raw\n";
	struct complaint found = read_text(text, sizeof(text) - 1);

	assert_plain(found.words);
	assert_begins(found.words, "not you");
	assert_string_equal(found.repo.namespace, "acme");
	assert_int_equal(found.status, 403);
}

/* A megabyte of each, which must neither hang nor be taken for anything. */
static void floods_are_survived(void **state UNUSED)
{
	static const char *const pieces[] = {
		"https://a/b ",
		"hf.co/",
		"\033[",
		"\033]8;;",
		"Model '",
		"403 ",
		"User Access Token \"",
		"Request ID: ",
		"GET / HTTP/1 ",
		"Cloning into '",
		"from_pretrained(",
		"\n",
		"/",
		"\xe2\x94",
		"Traceback (most recent call last):\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		AUTOBUF struct buf flood = {0};
		struct complaint found;

		while (flood.size + strlen(pieces[i]) <= COMPLAINT_MAX)
			buf_add_text(&flood, pieces[i]);
		assert_int_equal(complaint_read(flood.data, flood.size, &found, NULL),
				 ERR_NOT_FOUND);
	}
}

static void who_said_it_and_whether_it_is_a_refusal(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool refusal, git;
	} cases[] = {
		{"loading https://huggingface.co/acme/m1", false, false},
		{"403 Client Error for url: https://huggingface.co/acme/m1", true, false},
		{"fatal: Authentication failed for 'https://huggingface.co/acme/m1/'", true,
		 true},
		{"remote: Repository not found\nfatal: repository "
		 "'https://huggingface.co/acme/m1/' not found",
		 true, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct complaint found;

		assert_int_equal(
			complaint_read(cases[i].text, strlen(cases[i].text), &found, NULL), 0);
		if (found.has_refusal != cases[i].refusal || found.is_git != cases[i].git)
			fail_msg("%s", cases[i].text);
	}
}

static void what_says_nothing_is_an_error(void **state UNUSED)
{
	static const char *const cases[] = {"",
					    "\n\n",
					    "hello",
					    "make: *** [all] Error 2",
					    "line 404, in main",
					    "200 OK",
					    "https://huggingface.co/"};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct complaint untouched = {.status = 7};
		struct err err = {0};

		assert_int_equal(complaint_read(cases[i], strlen(cases[i]), &untouched, &err),
				 ERR_NOT_FOUND);
		assert_true(*err.message && *err.hint);
		assert_int_equal(untouched.status, 7);
	}
}

static void too_much_is_an_error(void **state UNUSED)
{
	AUTOFREE char *text = calloc(1, COMPLAINT_MAX + 1);
	struct complaint found;

	assert_non_null(text);
	assert_int_equal(complaint_read(text, COMPLAINT_MAX + 1, &found, NULL), ERR_USAGE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_texts_are_read),
		cmocka_unit_test(real_texts_are_read_in_other_clothes),
		cmocka_unit_test(the_error_that_counts),
		cmocka_unit_test(every_refusal_is_known),
		cmocka_unit_test(unknown_words_are_shown_and_not_explained),
		cmocka_unit_test(tokens_are_not_repeated),
		cmocka_unit_test(hostile_bytes_do_no_harm),
		cmocka_unit_test(floods_are_survived),
		cmocka_unit_test(who_said_it_and_whether_it_is_a_refusal),
		cmocka_unit_test(what_says_nothing_is_an_error),
		cmocka_unit_test(too_much_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
