/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "base/text.h"
#include "core/repo.h"

#define HUB "https://huggingface.co"
#define X10 "xxxxxxxxxx"
#define X90 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define Z40 "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
#define SHA "0123456789abcdef0123456789abcdef01234567"

/* Every text, and what it says: repository, revision, file, endpoint. */
static void each_form_is_read(void **state UNUSED)
{
	static const struct {
		const char *text, *repo, *revision, *path, *endpoint;
	} rows[] = {
		/* ids */
		{"acme/m1", "acme/m1", "", "", ""},
		{"models/acme/m1", "acme/m1", "", "", ""},
		{"datasets/acme/d1", "datasets/acme/d1", "", "", ""},
		{"spaces/acme/s1", "spaces/acme/s1", "", "", ""},
		{"kernels/acme/k1", "kernels/acme/k1", "", "", ""},
		{"buckets/acme/b1", "buckets/acme/b1", "", "", ""},
		{"gpt2", "models/gpt2", "", "", ""},
		{"models/gpt2", "models/gpt2", "", "", ""},
		{"datasets/squad", "datasets/squad", "", "", ""},
		{"meta-llama/Llama-3.1-8B-Instruct", "meta-llama/Llama-3.1-8B-Instruct", "", "",
		 ""},
		{"a/b", "a/b", "", "", ""},
		{"_a/b_", "_a/b_", "", "", ""},
		{"a.b/c_d-e.f", "a.b/c_d-e.f", "", "", ""},
		{"Acme/M1", "Acme/M1", "", "", ""},
		{"acme/m1/", "acme/m1", "", "", ""},
		{"acme/m1.git", "acme/m1", "", "", ""},
		{"acme/" X90 "xxxxxx", "acme/" X90 "xxxxxx", "", "", ""},
		{"acme/models", "acme/models", "", "", ""},
		{"acme/resolve", "acme/resolve", "", "", ""},
		{"a/0b", "a/0b", "", "", ""},
		{"datasets/docs/x", "datasets/docs/x", "", "", ""},
		{"datasets/acme/datasets", "datasets/acme/datasets", "", "", ""},
		/* pages and downloads */
		{HUB "/acme/m1", "acme/m1", "", "", HUB},
		{HUB "/acme/m1/", "acme/m1", "", "", HUB},
		{HUB "/acme/m1?library=x#files", "acme/m1", "", "", HUB},
		{HUB "/acme/m1#a/b", "acme/m1", "", "", HUB},
		{HUB "/models/acme/m1", "acme/m1", "", "", HUB},
		{HUB "/gpt2", "models/gpt2", "", "", HUB},
		{HUB "/datasets/squad", "datasets/squad", "", "", HUB},
		{HUB "/datasets/acme/d1/viewer/default/train", "datasets/acme/d1", "", "", HUB},
		{HUB "/spaces/acme/s1/settings", "spaces/acme/s1", "", "", HUB},
		{HUB "/kernels/acme/k1", "kernels/acme/k1", "", "", HUB},
		{HUB "/acme/m1/discussions/7", "acme/m1", "", "", HUB},
		{HUB "/acme/m1/tree/main", "acme/m1", "main", "", HUB},
		{HUB "/acme/m1/tree/main/a/b", "acme/m1", "main", "a/b", HUB},
		{HUB "/acme/m1/tree/main/a/b/", "acme/m1", "main", "a/b", HUB},
		{HUB "/acme/m1/blob/main/a.json", "acme/m1", "main", "a.json", HUB},
		{HUB "/acme/m1/raw/v1.0/a.json", "acme/m1", "v1.0", "a.json", HUB},
		{HUB "/acme/m1/blame/main/a.json", "acme/m1", "main", "a.json", HUB},
		{HUB "/acme/m1/commits/main", "acme/m1", "main", "", HUB},
		{HUB "/acme/m1/commit/" SHA, "acme/m1", SHA, "", HUB},
		{HUB "/acme/m1/resolve/main/a.json?download=true", "acme/m1", "main", "a.json",
		 HUB},
		{HUB "/gpt2/resolve/main/config.json", "models/gpt2", "main", "config.json",
		 HUB},
		{HUB "/datasets/squad/resolve/main/x", "datasets/squad", "main", "x", HUB},
		{HUB "/acme/resolve/resolve/main/x", "acme/resolve", "main", "x", HUB},
		{HUB "/acme/m1/resolve/refs%2Fpr%2F1/x", "acme/m1", "refs/pr/1", "x", HUB},
		{HUB "/acme/m1/resolve/refs/pr/1/x", "acme/m1", "refs/pr/1", "x", HUB},
		{HUB "/acme/m1/tree/refs/convert/parquet", "acme/m1", "refs/convert/parquet",
		 "", HUB},
		{HUB "/acme/m1/tree/refs/heads/x", "acme/m1", "refs", "heads/x", HUB},
		{HUB "/acme/m1/resolve/main/a%20b.txt", "acme/m1", "main", "a b.txt", HUB},
		{HUB "/acme/m1/resolve/main/a%2520b", "acme/m1", "main", "a%20b", HUB},
		{HUB "/acme/m1/resolve/main/%C3%A9", "acme/m1", "main", "\xc3\xa9", HUB},
		{HUB "/acme/m1/resolve/main/..a/b..", "acme/m1", "main", "..a/b..", HUB},
		{HUB "/acme/%6d1", "acme/m1", "", "", HUB},
		{HUB "/buckets/acme/b1/resolve/a/b", "buckets/acme/b1", "", "a/b", HUB},
		{HUB "/buckets/acme/b1/tree/a", "buckets/acme/b1", "", "a", HUB},
		/* hosts */
		{"https://hf.co/acme/m1", "acme/m1", "", "", HUB},
		{"https://www.huggingface.co/acme/m1", "acme/m1", "", "", HUB},
		{"HTTPS://HuggingFace.co:443/acme/m1", "acme/m1", "", "", HUB},
		{"https://hub-ci.huggingface.co/a/b", "a/b", "", "",
		 "https://hub-ci.huggingface.co"},
		{"http://127.0.0.1:8080/a/b", "a/b", "", "", "http://127.0.0.1:8080"},
		{"http://[::1]:8080/a/b", "a/b", "", "", "http://[::1]:8080"},
		{"https://hub.example/a/b", "a/b", "", "", "https://hub.example"},
		{"https://alice@huggingface.co/acme/m1", "acme/m1", "", "", HUB},
		{"hf_alice/public-model", "hf_alice/public-model", "", "", ""},
		{"https://a:hf_x@huggingface.co/acme/m1.git", "acme/m1", "", "", HUB},
		{"https://huggingface.co@evil.example/a/b", "a/b", "", "",
		 "https://evil.example"},
		{"hf.co/acme/m1", "acme/m1", "", "", HUB},
		{"hf.co/acme/m1:Q4_K_M", "acme/m1", "", "", HUB},
		{"huggingface.co/datasets/a/b", "datasets/a/b", "", "", HUB},
		{"HF.co/acme/m1/tree/main", "acme/m1", "main", "", HUB},
		/* huggingface_hub's URIs */
		{"hf://acme/m1", "acme/m1", "", "", ""},
		{"hf://models/acme/m1", "acme/m1", "", "", ""},
		{"hf://datasets/acme/d1/data/x.csv", "datasets/acme/d1", "", "data/x.csv", ""},
		{"hf://acme/m1@v1/x", "acme/m1", "v1", "x", ""},
		{"hf://acme/m1@refs/pr/3/x/y", "acme/m1", "refs/pr/3", "x/y", ""},
		{"hf://acme/m1@refs%2Fpr%2F3/x", "acme/m1", "refs/pr/3", "x", ""},
		{"hf://datasets/a/b@refs/convert/parquet", "datasets/a/b",
		 "refs/convert/parquet", "", ""},
		{"hf://a/b@feature%2Fx", "a/b", "feature/x", "", ""},
		{"hf://a/b/x@y", "a/b", "", "x@y", ""},
		{"hf://buckets/a/b/x", "buckets/a/b", "", "x", ""},
		{"hf://spaces/a/b", "spaces/a/b", "", "", ""},
		{"hf://a/b@main:/data:ro", "a/b", "main", "", ""},
		{"hf://datasets/a/b:/mnt", "datasets/a/b", "", "", ""},
		{"HF://a/b", "a/b", "", "", ""},
		/* SSH */
		{"git@hf.co:acme/m1", "acme/m1", "", "", HUB},
		{"git@hf.co:datasets/acme/d1.git", "datasets/acme/d1", "", "", HUB},
		{"git@huggingface.co:spaces/acme/s1", "spaces/acme/s1", "", "", HUB},
		{"git@hf.co:/acme/m1", "acme/m1", "", "", HUB},
		{"ssh://git@hf.co/acme/m1", "acme/m1", "", "", HUB},
		{"ssh://git@hf.co:22/datasets/acme/d1", "datasets/acme/d1", "", "", HUB},
		{"git@github.com:acme/m1.git", "acme/m1", "", "", "https://github.com"},
		/* paths of git, LFS, the API, the OCI view */
		{"/acme/m1", "acme/m1", "", "", ""},
		{"/acme/m1.git/info/refs?service=git-upload-pack", "acme/m1", "", "", ""},
		{"acme/m1.git/info/lfs", "acme/m1", "", "", ""},
		{"acme/m1.git/info/lfs/objects/batch", "acme/m1", "", "", ""},
		{"acme/m1/git-upload-pack", "acme/m1", "", "", ""},
		{"datasets/acme/d1.git/info/lfs", "datasets/acme/d1", "", "", ""},
		{"gpt2.git", "models/gpt2", "", "", ""},
		{"gpt2.git/info/lfs", "models/gpt2", "", "", ""},
		{"gpt2/info/lfs", "models/gpt2", "", "", ""},
		{"/gpt2/info/refs", "models/gpt2", "", "", ""},
		{"datasets/squad.git/info/lfs", "datasets/squad", "", "", ""},
		{"acme/m1/resolve/main/x", "acme/m1", "main", "x", ""},
		{"/acme/m1/anything/else", "acme/m1", "", "", ""},
		{"/api/models/acme/m1", "acme/m1", "", "", ""},
		{"api/datasets/acme/d1", "datasets/acme/d1", "", "", ""},
		{"/api/models/acme/m1/auth-check/write", "acme/m1", "", "", ""},
		{"/api/models/gpt2", "models/gpt2", "", "", ""},
		{"/api/models/gpt2/auth-check", "models/gpt2", "", "", ""},
		{"/api/models/gpt2/revision/main", "models/gpt2", "main", "", ""},
		{"/api/models/acme/m1/revision/refs%2Fpr%2F1", "acme/m1", "refs/pr/1", "", ""},
		{"/api/datasets/acme/d1/tree/main/data?recursive=1", "datasets/acme/d1", "main",
		 "data", ""},
		{"/api/models/acme/m1/resolve/main/x", "acme/m1", "main", "x", ""},
		{"/api/models/acme/m1/xet-read-token/" SHA, "acme/m1", SHA, "", ""},
		{"/api/spaces/acme/s1/runtime", "spaces/acme/s1", "", "", ""},
		{"/api/kernels/acme/k1", "kernels/acme/k1", "", "", ""},
		{"/api/buckets/acme/b1/paths", "buckets/acme/b1", "", "", ""},
		{"/api/resolve-cache/models/acme/m1/" SHA "/x", "acme/m1", SHA, "x", ""},
		{"/api/resolve-cache/models/gpt2/" SHA "/a/b", "models/gpt2", SHA, "a/b", ""},
		{"/api/resolve-cache/models/acme/" Z40 "/" SHA "/x", "acme/" Z40, SHA, "x", ""},
		{"/api/models/acme/m1/revision/main/x", "acme/m1", "main", "", ""},
		{HUB "/api/models/acme/m1?blobs=true", "acme/m1", "", "", HUB},
		{"/v2/acme/m1/manifests/latest", "acme/m1", "", "", ""},
		{HUB "/v2/acme/m1/blobs/sha256:00", "acme/m1", "", "", HUB},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct repo repo;
		struct err err = {0};
		char text[REPO_ID_SIZE];

		if (repo_parse(rows[i].text, &repo, &err))
			fail_msg("%s: %s", rows[i].text, err.message);
		repo_text(&repo, text);
		if (strcmp(text, rows[i].repo) != 0 ||
		    strcmp(repo.revision, rows[i].revision) != 0 ||
		    strcmp(repo.path, rows[i].path) != 0 ||
		    strcmp(repo.endpoint, rows[i].endpoint) != 0)
			fail_msg("%s: %s @%s /%s %s", rows[i].text, text, repo.revision,
				 repo.path, repo.endpoint);
	}
}

static void what_is_wrong_is_said(void **state UNUSED)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"", "empty"},
		{"/", "no repository"},
		{"a b/c", "space"},
		{"a/b\n", "space or a control"},
		{"a/b\x7f", "control"},
		{"a//b", "empty"},
		{"//a/b", "empty"},
		{"a/b/c", "more than two"},
		{"datasets/a/b/c", "more than two"},
		{"datasets", "no name of"},
		{"datasets/", "no name of"},
		{"kernels/k1", "lacks its namespace"},
		{"buckets/b1", "lacks its namespace"},
		{"-a/b", "begins or ends"},
		{"a/b.", "begins or ends"},
		{"a/.b", "begins or ends"},
		{"a/..", "begins or ends"},
		{"../a", "begins or ends"},
		{"a/b--c", "'--'"},
		{"a/b..c", "'..'"},
		{"a/b.git.git", "'.git'"},
		{"a.git/b", "more than two"},
		{"a/b:c", "no name has"},
		{"a/b@main", "no name has"},
		{"a/\xc3\xa9", "no name has"},
		{"a\\b", "no name has"},
		{"a/" X90 "xxxxxxx", "too long"},
		{X90 "xxxxxxx/b", "too long"},
		{"a/%", "percent"},
		{"a/%6", "percent"},
		{"a/%zz", "percent"},
		{"a/b%00", "control"},
		{"a/b%0a", "control"},
		{"a%2Fb/c", "no name has"},
		{"a/b%2Fc", "no name has"},
		{"a/b%252Fc", "no name has"},
		{"models/docs/x", "page of the Hub"},
		{"/api/models/docs/x", "page of the Hub"},
		{"models/hf.co/x", "page of the Hub"},
		{"a/.git", "begins or ends"},
		{"%64atasets/a", "page of the Hub"},
		{HUB, "no repository"},
		{HUB "/", "no repository"},
		{HUB "?a/b", "no repository"},
		{HUB "/settings/tokens", "page of the Hub"},
		{HUB "/docs/hub", "page of the Hub"},
		{HUB "/collections/acme/x", "page of the Hub"},
		{HUB "/api/whoami-v2", "API without"},
		{HUB "/api/models", "no name"},
		{HUB "/v2/", "no name"},
		{HUB "/v2/acme", "lacks its namespace"},
		{HUB "/acme/m1/resolve/main/../x", "leads out"},
		{HUB "/acme/m1/resolve/main/%2e%2e/x", "leads out"},
		{HUB "/acme/m1/resolve/main/a%2F..%2Fb", "leads out"},
		{HUB "/acme/m1/resolve/main/a//b", "empty"},
		{HUB "/acme/m1/resolve/main/%1b", "control"},
		{"http://huggingface.co/a/b", "plain http"},
		{"https://hugging face.co/a/b", "space"},
		{"https:///a/b", "host"},
		{"https://a@/a/b", "host"},
		{"https://huggingface.co\\@evil.example\\x/a/b", "not valid"},
		{"ftp://huggingface.co/a/b", "none of a Hub"},
		{"file:///a/b", "none of a Hub"},
		{"hf://a", "namespace and a name"},
		{"hf://datasets/squad", "namespace and a name"},
		{"hf://", "no repository"},
		{"hf://a/b@", "revision is empty"},
		{"hf://buckets/a/b@main", "no revisions"},
		{"hf://settings/a", "page of the Hub"},
		{"git@:a/b", "host"},
		{"git@hf.co:", "no repository"},
		{"hf_abcdefghijklmnopqrstuvwxyzabcdefgh", "token"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct repo repo = {.name = "untouched"};
		struct err err = {0};

		if (repo_parse(rows[i].text, &repo, &err) != ERR_USAGE)
			fail_msg("%s is taken", rows[i].text);
		if (!strstr(err.message, rows[i].message))
			fail_msg("%s: %s", rows[i].text, err.message);
		assert_string_equal(repo.name, "untouched");
		assert_true(*err.hint);
	}
}

static void a_text_without_end_is_refused(void **state UNUSED)
{
	char text[REPO_TEXT_MAX + 10];
	struct repo repo;

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(repo_parse(text, &repo, NULL), ERR_USAGE);
	for (size_t i = 1; i < 1000; i += 2)
		text[i] = '/';
	text[1000] = '\0';
	assert_int_equal(repo_parse(text, &repo, NULL), ERR_USAGE);
	memcpy(text, "/a/b/resolve/main/", 18);
	memset(text + 18, 'a', 2000);
	text[2018] = '\0';
	assert_int_equal(repo_parse(text, &repo, NULL), ERR_USAGE);
}

/* The text of a repository is one way to write it, and its id is that of the Hub. */
static void a_repository_has_one_text(void **state UNUSED)
{
	static const struct {
		const char *text, *id;
	} rows[] = {
		{HUB "/datasets/Acme/D1/tree/main", "Acme/D1"},
		{"gpt2", "gpt2"},
		{"acme/m1", "acme/m1"},
		{"datasets/squad", "squad"},
		{"buckets/a/b", "a/b"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct repo repo;
		struct repo again;
		char text[REPO_ID_SIZE];
		char id[REPO_ID_SIZE];

		assert_int_equal(repo_parse(rows[i].text, &repo, NULL), 0);
		repo_text(&repo, text);
		repo_id(&repo, id);
		assert_string_equal(id, rows[i].id);
		assert_int_equal(repo_parse(text, &again, NULL), 0);
		assert_true(repo_equal(&repo, &again));
	}
}

static void case_is_no_difference_and_type_is(void **state UNUSED)
{
	static const struct {
		const char *one, *other;
		bool equal;
	} rows[] = {
		{"acme/m1", "ACME/M1", true},      {"acme/m1", "datasets/acme/m1", false},
		{"acme/m1", "acme/m2", false},     {"acme/m1", "m1", false},
		{"acme/m1", HUB "/acme/m1", true}, {"acme/m1", "hf://acme/m1@v1/x", true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct repo one;
		struct repo other;

		assert_int_equal(repo_parse(rows[i].one, &one, NULL), 0);
		assert_int_equal(repo_parse(rows[i].other, &other, NULL), 0);
		assert_int_equal(repo_equal(&one, &other), rows[i].equal);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_is_read),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(a_text_without_end_is_refused),
		cmocka_unit_test(a_repository_has_one_text),
		cmocka_unit_test(case_is_no_difference_and_type_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
