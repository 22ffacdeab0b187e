/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include "cli/docker_config.h"

static void set(struct secret *text, const char *content)
{
	assert_int_equal(secret_set(text, content, strlen(content)), 0);
}

#define ALL_TABS                                                                       \
	"\"credHelpers\": {\n\t\t\"registry.hf.space\": \"hftoken\",\n\t\t\"hf.co\": " \
	"\"hftoken\",\n\t\t\"huggingface.co\": \"hftoken\"\n\t}"
#define ALL_COMPACT                                                                 \
	"\"credHelpers\":{\"registry.hf.space\":\"hftoken\",\"hf.co\":\"hftoken\"," \
	"\"huggingface.co\":\"hftoken\"}"

/* What others wrote stays byte for byte, and is laid out as before; taking ours out gives it back. */
static void files_are_edited_in_place(void **state UNUSED)
{
	static const struct {
		const char *before, *wired, *undone; /* NULL: as before */
	} files[] = {
		{"", "{\n\t" ALL_TABS "\n}\n", "{}\n"},
		{" \n", "{\n\t" ALL_TABS "\n}\n", "{}\n"},
		{"{}", "{\n\t" ALL_TABS "\n}", NULL},
		{"{\n\t\"auths\": {\n\t\t\"x\": {}\n\t}\n}\n",
		 "{\n\t\"auths\": {\n\t\t\"x\": {}\n\t},\n\t" ALL_TABS "\n}\n", NULL},
		{"{\"auths\":{}}", "{\"auths\":{}," ALL_COMPACT "}", NULL},
		{"{\"credHelpers\":{\"gcr.io\":\"gcloud\"},\"z\":1.50}\n",
		 "{\"credHelpers\":{\"gcr.io\":\"gcloud\",\"registry.hf.space\":\"hftoken\","
		 "\"hf.co\":\"hftoken\",\"huggingface.co\":\"hftoken\"},\"z\":1.50}\n",
		 NULL},
		{"{\n  \"credsStore\" : \"pass\"\n}",
		 "{\n  \"credsStore\" : \"pass\",\n  \"credHelpers\" : {\n    "
		 "\"registry.hf.space\" : \"hftoken\",\n    \"hf.co\" : \"hftoken\",\n    "
		 "\"huggingface.co\" : \"hftoken\"\n  }\n}",
		 NULL},
		/* partly there, and in the middle */
		{"{\"credHelpers\":{\"hf.co\":\"hftoken\",\"gcr.io\":\"gcloud\"}}",
		 "{\"credHelpers\":{\"hf.co\":\"hftoken\",\"gcr.io\":\"gcloud\","
		 "\"registry.hf.space\":\"hftoken\",\"huggingface.co\":\"hftoken\"}}",
		 "{\"credHelpers\":{\"gcr.io\":\"gcloud\"}}"},
		{"{\"credHelpers\":{},\"a\":\"\\u003c\"}",
		 "{" ALL_COMPACT ",\"a\":\"\\u003c\"}", "{\"a\":\"\\u003c\"}"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTOSECRET struct secret text = {0};
		AUTOSECRET struct secret wired = {0};
		AUTOSECRET struct secret again = {0};
		bool before[DOCKER_REGISTRIES];
		struct err err = {0};

		set(&text, files[i].before);
		if (docker_config_wire(&text, false, &wired, before, &err))
			fail_msg("'%s': %s", files[i].before, err.message);
		assert_string_equal(secret_text(&wired), files[i].wired);
		assert_int_equal(docker_config_wire(&wired, false, &again, before, NULL), 0);
		assert_string_equal(secret_text(&again), files[i].wired);
		assert_true(before[0] && before[1] && before[2]);
		assert_int_equal(docker_config_unwire(&wired, &again, before, NULL), 0);
		assert_string_equal(secret_text(&again),
				    files[i].undone ? files[i].undone : files[i].before);
		assert_true(before[0] && before[1] && before[2]);
	}
}

static void without_ours_nothing_is_taken_out(void **state UNUSED)
{
	static const char *const files[] = {"{}", "{\"credHelpers\":{}}",
					    "{\"credHelpers\":{\"hf.co\":\"pass\"}}",
					    "{ \"auths\" : { \"hf.co\" : \"hftoken\" } }"};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTOSECRET struct secret text = {0};
		AUTOSECRET struct secret after = {0};
		bool before[DOCKER_REGISTRIES];

		set(&text, files[i]);
		assert_int_equal(docker_config_unwire(&text, &after, before, NULL), 0);
		assert_string_equal(secret_text(&after), files[i]);
		assert_false(before[0] || before[1] || before[2]);
	}
}

static void another_helper_is_in_the_way(void **state UNUSED)
{
	AUTOSECRET struct secret text = {0};
	AUTOSECRET struct secret after = {0};
	bool before[DOCKER_REGISTRIES];
	struct err err = {0};

	set(&text, "{\"credHelpers\":{\"hf.co\":\"de\\u001bsktop\"}}");
	assert_int_equal(docker_config_wire(&text, false, &after, before, &err), ERR_FAILED);
	assert_string_equal(err.message, "docker asks its helper 'de?sktop' for hf.co");
	assert_int_equal(after.size, 0);
	assert_int_equal(docker_config_wire(&text, true, &after, before, &err), 0);
	assert_string_equal(secret_text(&after),
			    "{\"credHelpers\":{\"hf.co\":\"hftoken\",\"registry.hf.space\":"
			    "\"hftoken\",\"huggingface.co\":\"hftoken\"}}");
}

static void what_is_no_such_file_is_left_alone(void **state UNUSED)
{
	static const char *const files[] = {
		"[]",
		"{",
		"{\"credHelpers\":[]}",
		"{\"credHelpers\":null}",
		"{\"credHelpers\":\"hftoken\"}",
		"{\"credHelpers\":{},\"credHelpers\":{}}",
		"{\"credHelpers\":{\"hf.co\":\"a\",\"hf.co\":\"b\"}}",
		"{} // comment",
		"\xef\xbb\xbf{}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTOSECRET struct secret text = {0};
		AUTOSECRET struct secret after = {0};
		bool before[DOCKER_REGISTRIES];

		set(&text, files[i]);
		assert_int_equal(docker_config_wire(&text, true, &after, before, NULL),
				 ERR_FORMAT);
		assert_int_equal(docker_config_unwire(&text, &after, before, NULL), ERR_FORMAT);
		assert_int_equal(after.size, 0);
	}
}

static void note(void *user, const char *registry, const char *helper)
{
	char *told = user;
	size_t size = strlen(told);

	(void)snprintf(told + size, 256 - size, "%s -> %s\n", registry, helper);
}

static void helpers_are_listed(void **state UNUSED)
{
	static const struct {
		const char *text, *told;
	} files[] = {
		{"{}", ""},
		{"{\"auths\":{\"hf.co\":{}}}", ""},
		{"{\"credHelpers\":{\"ghcr.io\":\"x\",\"huggingface.co\":\"a\\u002fb\","
		 "\"hf.co\":\"hftoken\",\"registry.hf.space\":1}}",
		 "hf.co -> hftoken\nhuggingface.co -> a/b\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTOSECRET struct secret text = {0};
		char told[256] = "";

		set(&text, files[i].text);
		assert_int_equal(docker_config_each(&text, note, told, NULL), 0);
		assert_string_equal(told, files[i].told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_edited_in_place),
		cmocka_unit_test(helpers_are_listed),
		cmocka_unit_test(without_ours_nothing_is_taken_out),
		cmocka_unit_test(another_helper_is_in_the_way),
		cmocka_unit_test(what_is_no_such_file_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
