/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/base/unit.h"

#include <inttypes.h>

#include "base/checksum.h"
#include "base/file.h"
#include "base/text.h"
#include "base/url.h"
#include "core/catalogue.h"
#include "core/grants_compact.h"

#define HUB      ENDPOINT_HUB
#define MIRROR   "https://mirror.example:8443"
#define FOLDER   ".local/share/hftoken"
#define FILE     FOLDER "/catalogue"
#define PREVIOUS FILE ".prev"
#define ID(last) "0123456789abcdef0123456789abcde" last

/* All that a token can be. */
static const struct token sample = {
	.name = "work",
	.id = ID("0"),
	.revision = 3,
	.endpoint = HUB,
	.account = "alice",
	.kind = KIND_FINE_GRAINED,
	.gated_read = YES,
	.store = "file",
	.masked = "hf_****wxyz",
	.created = 1777629600,
	.expires = 1790769600,
	.verified = 1785000000,
	.identity = "{\"type\":\"user\",\"name\":\"alice\"}",
	.extra = "",
};

/* And all that is unknown. */
static const struct token bare = {
	.name = "bare",
	.id = "",
	.revision = 1,
	.endpoint = MIRROR,
	.account = "",
	.kind = KIND_OTHER,
	.gated_read = UNKNOWN,
	.store = "file",
	.masked = "****",
	.created = TIME_UNKNOWN,
	.expires = TIME_UNKNOWN,
	.verified = TIME_UNKNOWN,
	.identity = "",
	.extra = "",
};

static void assert_token(const struct token *token, const struct token *wanted)
{
	assert_non_null(token);
	assert_string_equal(token->name, wanted->name);
	if (*wanted->id)
		assert_string_equal(token->id, wanted->id);
	assert_int_equal(token->revision, wanted->revision);
	assert_string_equal(token->endpoint, wanted->endpoint);
	assert_string_equal(token->account, wanted->account);
	assert_int_equal(token->kind, wanted->kind);
	assert_int_equal(token->gated_read, wanted->gated_read);
	assert_string_equal(token->store, wanted->store);
	assert_string_equal(token->masked, wanted->masked);
	assert_int_equal(token->created, wanted->created);
	assert_int_equal(token->expires, wanted->expires);
	assert_int_equal(token->verified, wanted->verified);
	assert_string_equal(token->identity, wanted->identity);
	assert_string_equal(token->extra, wanted->extra);
}

static struct token *add(struct catalogue *catalogue, const struct token *token)
{
	struct token *added = NULL;

	assert_int_equal(catalogue_add(catalogue, token, &added, NULL), 0);
	assert_non_null(added);
	return added;
}

static void begin(struct catalogue *catalogue)
{
	struct err err = {0};

	if (catalogue_begin(catalogue, &err))
		fail_msg("%s", err.message);
}

static void commit(struct catalogue *catalogue)
{
	struct err err = {0};

	if (catalogue_commit(catalogue, &err))
		fail_msg("%s", err.message);
}

static void load(struct catalogue *catalogue, enum catalogue_parts parts)
{
	struct err err = {0};

	if (catalogue_load(catalogue, parts, &err))
		fail_msg("%s", err.message);
}

/* A file with three tokens, two defaults and two identities. */
static void write_sample(void)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	struct token other = sample;

	begin(&catalogue);
	assert_int_equal(catalogue_set_default(&catalogue, add(&catalogue, &sample), NULL), 0);
	assert_int_equal(catalogue_set_default(&catalogue, add(&catalogue, &bare), NULL), 0);
	other.name = "ci";
	other.id = ID("1");
	other.account = "acme";
	add(&catalogue, &other);
	commit(&catalogue);
}

#define CHECK_SIZE (sizeof("check 0123456789abcdef\n") - 1)

/* The first line, whose numbers have a fixed width, and the lines of the index behind it. */
static void put_index(struct buf *text, const char *version, const char *lines, size_t index,
		      size_t details)
{
	buf_printf(text, "hftoken-catalogue %s generation=7 index=%010zu length=%010zu\n%s",
		   version, index, index + details, lines);
}

static void put_check(struct buf *text, size_t start)
{
	buf_printf(text, "check %016" PRIx64 "\n",
		   checksum(text->data + start, text->size - start));
}

/* A file with these lines in its two parts, correct in all else. */
static void write_lines(const char *version, const char *index, const char *details)
{
	AUTOBUF struct buf text = {0};
	size_t start;

	put_index(&text, version, index, 0, 0);
	start = text.size + CHECK_SIZE;
	buf_clear(&text);
	put_index(&text, version, index, start, strlen(details) + CHECK_SIZE);
	put_check(&text, 0);
	buf_add_text(&text, details);
	put_check(&text, start);
	(void)mkdir(".local", 0700);
	(void)mkdir(".local/share", 0700);
	(void)mkdir(FOLDER, 0700);
	write_bytes(FILE, text.data, text.size, 0600);
}

#define LATER   " alice read - yes file hf_****wxyz - -"
#define COLUMNS " " HUB LATER

/* ---- reading and writing ---------------------------------------------------------------------- */

static void where_there_is_none_it_is_empty(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;

	load(&catalogue, CATALOGUE_ALL);
	assert_int_equal(catalogue.count, 0);
	assert_int_equal(catalogue.generation, 0);
	assert_null(catalogue_find(&catalogue, "work"));
	assert_null(catalogue_default(&catalogue, HUB));
	assert_int_equal(access(".local", F_OK), -1); /* reading makes nothing */
}

static void what_is_written_is_read_back(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue all = CATALOGUE_NONE;
	AUTOCATALOGUE struct catalogue index = CATALOGUE_NONE;
	struct token without_identity = sample;

	write_sample();
	load(&all, CATALOGUE_ALL);
	assert_int_equal(all.count, 3);
	assert_int_equal(all.generation, 1);
	assert_token(catalogue_find(&all, "work"), &sample);
	assert_token(catalogue_find(&all, "bare"), &bare);
	assert_token(catalogue_find_id(&all, ID("0")), &sample);
	load(&index, CATALOGUE_INDEX);
	without_identity.identity = "";
	assert_token(catalogue_find(&index, "work"), &without_identity);
}

static void the_file_is_private_and_readable_as_text(void **state UNUSED)
{
	struct stat status;
	char *text;

	write_sample();
	assert_int_equal(stat(FILE, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(stat(FOLDER, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	text = read_bytes(FILE, NULL);
	assert_begins(text, "hftoken-catalogue 1 generation=1 index=");
	assert_non_null(strstr(text,
			       "\ntoken work " ID("0") ".3 = alice fine-grained 1790769600 yes "
						       "file hf_****wxyz 1777629600 "));
	assert_non_null(strstr(text, "\ndefault " HUB " " ID("0") "\n"));
	assert_non_null(strstr(text, "\nidentity " ID("0") " {\"type\""));
	free(text);
}

/* Whatever a Hub calls an account, it stays one column, and comes back as it was. */
static void texts_of_any_kind_survive(void **state UNUSED)
{
	static const char *const texts[] = {
		"alice",  "a b",         " ",        "\n",      "a\ntoken evil x",
		"a\tb\r", "100%",        "%20",      "%",       "%%41",
		"%zz",    "\x1b[31mred", "\x7f",     "-",       "--",
		"#",      "\xc3\xa4",    "a=b\"c\\", "check x", "default " HUB " " ID("0"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct token hostile = sample;
		size_t sizes[2];

		hostile.name = "hostile";
		hostile.id = ID("e");
		hostile.account = texts[i];
		for (int round = 0; round < 2; round++) {
			AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;

			begin(&catalogue);
			if (round == 0)
				add(&catalogue, &hostile);
			if (strcmp(catalogue_find(&catalogue, "hostile")->account, texts[i]))
				fail_msg("'%s' comes back as '%s'", texts[i],
					 catalogue_find(&catalogue, "hostile")->account);
			assert_token(catalogue_find(&catalogue, "hostile"), &hostile);
			commit(&catalogue);
			free(read_bytes(FILE, &sizes[round]));
		}
		assert_int_equal(sizes[0], sizes[1]);
		AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;

		begin(&catalogue);
		assert_int_equal(catalogue.count, 1);
		assert_token(catalogue_find(&catalogue, "hostile"), &hostile);
		catalogue_remove(&catalogue, catalogue_find(&catalogue, "hostile"));
		commit(&catalogue);
	}
}

/* Tokens of other makers may hold a percent sign where it is shown. */
static void a_masked_secret_survives(void **state UNUSED)
{
	struct token token = sample;

	token.masked = "a%c****%41x";
	for (int round = 0; round < 3; round++) {
		AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;

		begin(&catalogue);
		if (round == 0)
			add(&catalogue, &token);
		assert_token(catalogue_find(&catalogue, "work"), &token);
		commit(&catalogue);
	}
}

static void tokens_are_sorted_by_name(void **state UNUSED)
{
	static const char *const names[] = {"m", "a", "Z", "z", "10", "9", "a.b", "a-b"};
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	AUTOCATALOGUE struct catalogue again = CATALOGUE_NONE;

	begin(&catalogue);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct token token = bare;

		token.name = names[i];
		add(&catalogue, &token);
	}
	commit(&catalogue);
	load(&again, CATALOGUE_INDEX);
	assert_int_equal(again.count, ARRAY_SIZE(names));
	for (size_t i = 1; i < again.count; i++)
		assert_true(strcmp(again.tokens[i - 1].name, again.tokens[i].name) < 0);
}

static void nothing_is_written_before_the_commit(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	AUTOCATALOGUE struct catalogue reader = CATALOGUE_NONE;

	write_sample();
	begin(&catalogue);
	catalogue_remove(&catalogue, catalogue_find(&catalogue, "work"));
	load(&reader, CATALOGUE_ALL);
	assert_non_null(catalogue_find(&reader, "work"));
	catalogue_release(&catalogue);
	catalogue_release(&reader);
	load(&reader, CATALOGUE_ALL);
	assert_non_null(catalogue_find(&reader, "work"));
	assert_int_equal(reader.generation, 1);
}

static void each_commit_is_a_generation_and_keeps_the_one_before(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	char *before;

	write_sample();
	before = read_bytes(FILE, NULL);
	begin(&catalogue);
	assert_int_equal(catalogue.generation, 1);
	commit(&catalogue);
	assert_int_equal(catalogue.generation, 2);
	assert_file_text(PREVIOUS, before);
	commit(&catalogue);
	assert_int_equal(catalogue.generation, 3);
	free(before);
}

static void new_tokens_get_ids_of_their_own(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;

	begin(&catalogue);
	for (int i = 0; i < 100; i++) {
		struct token *token = add(&catalogue, &bare);

		assert_int_equal(strlen(token->id), TOKEN_ID_SIZE - 1);
		assert_int_equal(strspn(token->id, "0123456789abcdef"), TOKEN_ID_SIZE - 1);
		assert_ptr_equal(catalogue_find_id(&catalogue, token->id), token);
	}
}

static void texts_are_copied(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	struct token token = sample;
	char account[] = "alice";
	char name[] = "work";
	struct token *added;

	begin(&catalogue);
	token.account = account;
	token.name = name;
	added = add(&catalogue, &token);
	memset(account, 'x', 5);
	memset(name, 'x', 4);
	assert_token(added, &sample);
	token = bare;
	token.name = name;
	assert_int_equal(catalogue_update(&catalogue, added, &token, NULL), 0);
	memset(name, 'y', 4);
	assert_string_equal(added->name, "xxxx");
	assert_string_equal(added->endpoint, MIRROR);
}

static void a_thousand_tokens_are_no_trouble(void **state UNUSED)
{
	enum { COUNT = 1000 };
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	AUTOCATALOGUE struct catalogue all = CATALOGUE_NONE;
	AUTOCATALOGUE struct catalogue index = CATALOGUE_NONE;

	begin(&catalogue);
	for (int i = 0; i < COUNT; i++) {
		struct token token = sample;
		char name[32];

		(void)snprintf(name, sizeof(name), "token-%04d", COUNT - i);
		token.name = name;
		token.id = "";
		token.account = name;
		add(&catalogue, &token);
	}
	assert_int_equal(catalogue_set_default(&catalogue,
					       catalogue_find(&catalogue, "token-0500"), NULL),
			 0);
	commit(&catalogue);
	load(&all, CATALOGUE_ALL);
	load(&index, CATALOGUE_INDEX);
	assert_int_equal(all.count, COUNT);
	assert_int_equal(index.count, COUNT);
	for (int i = 0; i < COUNT; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "token-%04d", i + 1);
		assert_string_equal(all.tokens[i].name, name);
		assert_string_equal(all.tokens[i].account, name);
		assert_string_equal(all.tokens[i].identity, sample.identity);
		assert_string_equal(index.tokens[i].id, all.tokens[i].id);
		assert_string_equal(index.tokens[i].identity, "");
	}
	assert_string_equal(catalogue_default(&index, HUB)->name, "token-0500");
}

static void there_is_a_limit(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	struct token *added = NULL;

	begin(&catalogue);
	for (int i = 0; i < CATALOGUE_TOKENS; i++)
		add(&catalogue, &bare);
	assert_int_equal(catalogue_add(&catalogue, &bare, &added, NULL), ERR_NO_SPACE);
	assert_null(added);
	assert_int_equal(catalogue.count, CATALOGUE_TOKENS);
}

/* ---- defaults --------------------------------------------------------------------------------- */

static void each_endpoint_has_one_default(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;

	write_sample();
	begin(&catalogue);
	assert_string_equal(catalogue_default(&catalogue, HUB)->name, "work");
	assert_string_equal(catalogue_default(&catalogue, MIRROR)->name, "bare");
	assert_null(catalogue_default(&catalogue, "https://elsewhere.example"));
	assert_int_equal(
		catalogue_set_default(&catalogue, catalogue_find(&catalogue, "ci"), NULL), 0);
	assert_string_equal(catalogue_default(&catalogue, HUB)->name, "ci");
	assert_string_equal(catalogue_default(&catalogue, MIRROR)->name, "bare");
	assert_int_equal(catalogue.default_count, 2);
}

static void a_default_goes_with_its_token_only(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;

	write_sample();
	begin(&catalogue);
	catalogue_remove(&catalogue, catalogue_find(&catalogue, "ci"));
	assert_string_equal(catalogue_default(&catalogue, HUB)->name, "work");
	catalogue_remove(&catalogue, catalogue_find(&catalogue, "work"));
	assert_null(catalogue_default(&catalogue, HUB));
	assert_string_equal(catalogue_default(&catalogue, MIRROR)->name, "bare");
	commit(&catalogue);
	catalogue_release(&catalogue);
	load(&catalogue, CATALOGUE_ALL);
	assert_int_equal(catalogue.count, 1);
	assert_null(catalogue_default(&catalogue, HUB));
	assert_string_equal(catalogue_default(&catalogue, MIRROR)->name, "bare");
}

static void any_token_can_be_removed(void **state UNUSED)
{
	static const char *const names[] = {"bare", "ci", "work"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;

		(void)unlink(FILE);
		(void)unlink(PREVIOUS);
		write_sample();
		begin(&catalogue);
		catalogue_remove(&catalogue, catalogue_find(&catalogue, names[i]));
		assert_int_equal(catalogue.count, 2);
		for (size_t k = 0; k < ARRAY_SIZE(names); k++)
			assert_int_equal(catalogue_find(&catalogue, names[k]) != NULL, k != i);
	}
}

/* ---- what newer versions write ---------------------------------------------------------------- */

static void unknown_lines_and_columns_are_kept(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	struct token token;
	char *text;

	write_lines("1",
		    "# a comment\n"
		    "token work " ID("0") ".1" COLUMNS " more columns=2\n"
					  "colour work blue\n"
					  "token ci " ID("1") ".1" COLUMNS "\n"
							      "colour ci\n",
		    "identity " ID("0") " {}\n"
					"shape round\n");
	begin(&catalogue);
	assert_int_equal(catalogue.count, 2);
	assert_int_equal(catalogue.generation, 7);
	assert_string_equal(catalogue_find(&catalogue, "work")->extra, "more columns=2");
	assert_string_equal(catalogue_find(&catalogue, "work")->identity, "{}");
	token = *catalogue_find(&catalogue, "ci");
	token.account = "bob";
	assert_int_equal(
		catalogue_update(&catalogue, catalogue_find(&catalogue, "ci"), &token, NULL),
		0);
	commit(&catalogue);
	text = read_bytes(FILE, NULL);
	assert_non_null(strstr(text, " =" LATER " more columns=2\n"));
	assert_non_null(strstr(text, "\ncolour work blue\ncolour ci\n"));
	assert_non_null(strstr(text, "\nshape round\n"));
	free(text);
}

/* An endpoint is written once for all that follow and have the same. */
static void an_endpoint_is_that_of_the_token_before(void **state UNUSED)
{
	static const char *const endpoints[] = {"https://a.example", "https://a.example",
						"https://b.example", "https://a.example"};
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	char *text;

	begin(&catalogue);
	for (size_t i = 0; i < ARRAY_SIZE(endpoints); i++) {
		const char name[] = {(char)('a' + i), '\0'};
		struct token fresh = token_fresh(name, endpoints[i], "file", "hf_****wxyz");
		struct token *added;

		fresh.revision = 1;
		assert_int_equal(catalogue_add(&catalogue, &fresh, &added, NULL), 0);
	}
	commit(&catalogue);
	catalogue_release(&catalogue);
	text = read_bytes(FILE, NULL);
	for (const char *name = "abcd"; *name; name++) {
		const char start[] = {'\n', 't', 'o', 'k', 'e', 'n', ' ', *name, ' ', '\0'};
		const char *endpoint = strchr(strstr(text, start) + sizeof(start) - 1, ' ') + 1;

		assert_int_equal(strncmp(endpoint, "= ", 2) == 0, *name == 'b');
	}
	free(text);
	for (enum catalogue_parts parts = CATALOGUE_LOOKUP; parts <= CATALOGUE_ALL; parts++) {
		AUTOCATALOGUE struct catalogue found = CATALOGUE_NONE;

		load(&found, parts);
		assert_int_equal(found.count, ARRAY_SIZE(endpoints));
		for (size_t i = 0; i < found.count; i++)
			assert_string_equal(found.tokens[i].endpoint, endpoints[i]);
	}
}

static void words_that_are_not_known_are_read_as_unknown(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	const struct token *token;

	write_lines("1",
		    "token work " ID("0") ".1 " HUB " - magic soon perhaps tpm **** never x\n",
		    "");
	load(&catalogue, CATALOGUE_ALL);
	token = catalogue_find(&catalogue, "work");
	assert_int_equal(token->kind, KIND_OTHER);
	assert_int_equal(token->gated_read, UNKNOWN);
	assert_string_equal(token->store, "tpm");
	assert_string_equal(token->account, "");
	assert_int_equal(token->created, TIME_UNKNOWN);
	assert_int_equal(token->expires, TIME_UNKNOWN);
}

static void a_newer_version_is_not_damage(void **state UNUSED)
{
	static const char *const versions[] = {"2", "10", "1.1", "x"};

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
		struct err err = {0};

		write_lines(versions[i], "", "");
		assert_int_equal(catalogue_load(&catalogue, CATALOGUE_INDEX, &err),
				 ERR_TOO_NEW);
		assert_non_null(strstr(err.message, "newer"));
		assert_int_equal(catalogue_begin(&catalogue, NULL) < 0, 1);
	}
}

/* ---- damage ----------------------------------------------------------------------------------- */

static void lines_that_make_no_sense_are_damage(void **state UNUSED)
{
	static const char *const lines[] = {
		"token\n" /* no space behind it: an unknown line */,
		"token work\n",
		"token work " ID("0") ".1 " HUB "\n",
		"token work " ID("0") ".1 = alice read - yes file hf_****wxyz - -\n",
		"token work " ID("0") COLUMNS "\n",
		"token work " ID("0") ".0" COLUMNS "\n",
		"token work ../../x.1" COLUMNS "\n",
		"token work " ID("0") ".1 " HUB " alice read - yes file hf_****wxyz -\n",
		"default\n" /* unknown as well */,
		"default " HUB "\n",
		"default \n",
		"a line without an end",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
		bool unknown = !strchr(lines[i], ' ');
		int error;

		write_lines("1", lines[i], "");
		error = catalogue_load(&catalogue, CATALOGUE_ALL, NULL);
		if ((error < 0) == unknown)
			fail_msg("'%s': %d", lines[i], error);
	}
}

/* A look-up reads the rest of a line where it needs it, and only then sees what is wrong there. */
static void a_look_up_completes_what_it_needs(void **state UNUSED)
{
	static const struct {
		const char *rest;
		bool good;
	} cases[] = {
		{"yes file hf_****wxyz 1777629600 1785000000 g1;r;a1785000000 more=1", true},
		{"yes file hf_****wxyz 1777629600 1785000000", true},
		{"yes file hf_****wxyz 1777629600", false},
		{"yes ../file hf_****wxyz 1777629600 1785000000", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
		AUTOBUF struct buf line = {0};
		struct token *token;
		int wanted = cases[i].good ? 0 : ERR_DAMAGED;

		buf_printf(&line,
			   "token work " ID("0") ".3 " HUB
						 " alice fine-grained 1790769600 %s\n",
			   cases[i].rest);
		write_lines("1", buf_text(&line), "");
		load(&catalogue, CATALOGUE_LOOKUP);
		token = catalogue_find_id(&catalogue, ID("0"));
		assert_non_null(token);
		assert_string_equal(token->account, "alice");
		assert_int_equal(token->expires, 1790769600);
		assert_string_equal(token->store, "");
		assert_int_equal(grants_compact_only_reads(token), i == 0);
		for (int again = 0; again < 2; again++)
			assert_int_equal(catalogue_complete(token, NULL), wanted);
		assert_int_equal(grants_compact_only_reads(token), i == 0);
		if (cases[i].good) {
			assert_string_equal(token->store, "file");
			assert_int_equal(token->revision, 3);
			assert_int_equal(token->verified, 1785000000);
			assert_string_equal(token->extra, i == 0 ? "more=1" : "");
		}
		catalogue_release(&catalogue);
		assert_int_equal(catalogue_load(&catalogue, CATALOGUE_INDEX, NULL), wanted);
	}
}

/* A NUL within the first line, under a checksum that fits. */
static void a_nul_in_the_first_line_is_damage(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	AUTOBUF struct buf text = {0};
	size_t index;

	write_lines("1", "", ""); /* makes the folder */
	put_index(&text, "1", "X", 0, 0);
	index = text.size + CHECK_SIZE;
	buf_clear(&text);
	put_index(&text, "1", "\n", index, CHECK_SIZE);
	text.data[text.size - 2] = '\0';
	put_check(&text, 0);
	put_check(&text, text.size);
	write_bytes(FILE, text.data, text.size, 0600);
	assert_int_equal(catalogue_load(&catalogue, CATALOGUE_ALL, NULL), ERR_DAMAGED);
}

static void every_truncation_is_noticed(void **state UNUSED)
{
	size_t size;
	char *text;

	write_sample();
	text = read_bytes(FILE, &size);
	for (size_t cut = 0; cut < size; cut++) {
		AUTOCATALOGUE struct catalogue index = CATALOGUE_NONE;
		AUTOCATALOGUE struct catalogue all = CATALOGUE_NONE;

		write_bytes(FILE, text, cut, 0600);
		assert_int_equal(catalogue_load(&index, CATALOGUE_INDEX, NULL), ERR_DAMAGED);
		assert_int_equal(catalogue_load(&all, CATALOGUE_ALL, NULL), ERR_DAMAGED);
		assert_int_equal(all.count, 0);
	}
	free(text);
}

static void bytes_that_were_added_are_noticed(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	int fd;

	write_sample();
	fd = open(FILE, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "\n", 1), 1);
	(void)close(fd);
	assert_int_equal(catalogue_load(&catalogue, CATALOGUE_INDEX, NULL), ERR_DAMAGED);
	assert_int_equal(catalogue_load(&catalogue, CATALOGUE_ALL, NULL), ERR_DAMAGED);
}

/* A flip in the version's number can make it look like a newer one: refused all the same. */
static bool refused(int error)
{
	return error == ERR_DAMAGED || error == ERR_TOO_NEW;
}

static void every_flipped_bit_is_noticed(void **state UNUSED)
{
	size_t index_size;
	size_t size;
	char *text;
	int fd;

	write_sample();
	text = read_bytes(FILE, &size);
	index_size = (size_t)(strstr(text, "\nidentity ") + 1 - text);
	fd = open(FILE, O_WRONLY);
	assert_true(fd >= 0);
	for (size_t bit = 0; bit < 8 * size; bit++) {
		AUTOCATALOGUE struct catalogue index = CATALOGUE_NONE;
		AUTOCATALOGUE struct catalogue all = CATALOGUE_NONE;
		char byte = (char)(text[bit / 8] ^ 1 << bit % 8);
		int error;

		assert_int_equal(pwrite(fd, &byte, 1, (off_t)(bit / 8)), 1);
		error = catalogue_load(&all, CATALOGUE_ALL, NULL);
		if (!refused(error))
			fail_msg("bit %zu: %d", bit, error);
		error = catalogue_load(&index, CATALOGUE_INDEX, NULL);
		if (bit / 8 < index_size ? !refused(error) : error)
			fail_msg("bit %zu of the index: %d", bit, error);
		assert_int_equal(pwrite(fd, &text[bit / 8], 1, (off_t)(bit / 8)), 1);
	}
	(void)close(fd);
	free(text);
}

/* Parts of two versions, each whole by itself. */
static void spliced_versions_are_noticed(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	char *old, *fresh, *details;

	write_sample();
	old = read_bytes(FILE, NULL);
	begin(&catalogue);
	catalogue_remove(&catalogue, catalogue_find(&catalogue, "ci"));
	commit(&catalogue);
	catalogue_release(&catalogue);
	fresh = read_bytes(FILE, NULL);
	details = strstr(fresh, "\nidentity ") + 1;
	memcpy(details, strstr(old, "\nidentity ") + 1, strlen(details));
	write_text(FILE, fresh, 0600);
	assert_int_equal(catalogue_load(&catalogue, CATALOGUE_ALL, NULL), ERR_DAMAGED);
	free(old);
	free(fresh);
}

static void damage_points_to_the_version_before(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	struct err err = {0};

	write_sample();
	begin(&catalogue);
	commit(&catalogue);
	catalogue_release(&catalogue);
	write_text(FILE, "nonsense", 0600);
	assert_int_equal(catalogue_load(&catalogue, CATALOGUE_INDEX, &err), ERR_DAMAGED);
	assert_non_null(strstr(err.hint, "3 tokens"));
	assert_non_null(strstr(err.hint, "hftoken store recover"));
	write_text(PREVIOUS, "nonsense", 0600);
	assert_int_equal(catalogue_load(&catalogue, CATALOGUE_INDEX, &err), ERR_DAMAGED);
	assert_non_null(strstr(err.hint, "backup"));
	assert_file_text(FILE, "nonsense"); /* nothing is switched silently */
}

static void a_catalogue_that_vanished_is_damage(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	struct err err = {0};

	write_sample();
	begin(&catalogue);
	commit(&catalogue);
	catalogue_release(&catalogue);
	assert_int_equal(unlink(FILE), 0);
	assert_int_equal(catalogue_load(&catalogue, CATALOGUE_INDEX, &err), ERR_DAMAGED);
	assert_non_null(strstr(err.message, "missing"));
	assert_non_null(strstr(err.hint, "3 tokens"));
	assert_int_equal(catalogue_begin(&catalogue, NULL), ERR_DAMAGED);
	/* and the hint helps */
	assert_int_equal(link(PREVIOUS, FILE), 0);
	load(&catalogue, CATALOGUE_ALL);
	assert_int_equal(catalogue.count, 3);
}

static void what_others_could_have_changed_is_unsafe(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	struct err err = {0};

	write_sample();
	assert_int_equal(chmod(FILE, 0644), 0);
	assert_int_equal(catalogue_load(&catalogue, CATALOGUE_INDEX, &err), ERR_UNSAFE);
	assert_int_equal(chmod(FILE, 0600), 0);
	assert_int_equal(chmod(FOLDER, 0777), 0);
	assert_int_equal(catalogue_load(&catalogue, CATALOGUE_INDEX, &err), ERR_UNSAFE);
	assert_int_equal(catalogue_begin(&catalogue, &err), ERR_UNSAFE);
	assert_int_equal(chmod(FOLDER, 0700), 0);
	assert_int_equal(unlink(FILE), 0);
	assert_int_equal(mkfifo(FILE, 0600), 0);
	assert_int_equal(catalogue_load(&catalogue, CATALOGUE_INDEX, &err), ERR_UNSAFE);
}

/* ---- several at once -------------------------------------------------------------------------- */

static int add_tokens(void *user)
{
	for (int i = 0; i < 20; i++) {
		AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
		struct token token = bare;
		struct token *added;
		char name[32];

		(void)snprintf(name, sizeof(name), "%s-%d", (const char *)user, i);
		token.name = name;
		if (catalogue_begin(&catalogue, NULL) ||
		    catalogue_add(&catalogue, &token, &added, NULL) ||
		    catalogue_commit(&catalogue, NULL))
			return 1;
	}
	return 0;
}

static int read_all_the_time(void *user UNUSED)
{
	uint64_t generation = 0;

	while (generation < 80) {
		AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;

		if (catalogue_load(&catalogue, CATALOGUE_ALL, NULL))
			return 1;
		if (catalogue.generation < generation ||
		    catalogue.count != catalogue.generation)
			return 2;
		generation = catalogue.generation;
	}
	return 0;
}

static void writers_lose_nothing_and_readers_see_whole_versions(void **state UNUSED)
{
	static const char *const names[] = {"a", "b", "c", "d"};
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	pid_t writers[ARRAY_SIZE(names)];
	pid_t reader = start_child(read_all_the_time, NULL);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		writers[i] = start_child(add_tokens, (void *)(uintptr_t)names[i]);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(end_child(writers[i]), 0);
	assert_int_equal(end_child(reader), 0);
	load(&catalogue, CATALOGUE_ALL);
	assert_int_equal(catalogue.count, 80);
	assert_int_equal(catalogue.generation, 80);
}

static int die_in_the_middle(void *user UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;
	struct token *added;

	if (catalogue_begin(&catalogue, NULL) || catalogue_add(&catalogue, &bare, &added, NULL))
		return 1;
	(void)raise(SIGKILL);
	return 2;
}

static void a_writer_that_dies_leaves_the_old_version(void **state UNUSED)
{
	AUTOCATALOGUE struct catalogue catalogue = CATALOGUE_NONE;

	write_sample();
	assert_int_equal(in_child(die_in_the_middle, NULL), KILLED + SIGKILL);
	begin(&catalogue);
	assert_int_equal(catalogue.count, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_home(where_there_is_none_it_is_empty),
		in_a_home(what_is_written_is_read_back),
		in_a_home(the_file_is_private_and_readable_as_text),
		in_a_home(texts_of_any_kind_survive),
		in_a_home(a_masked_secret_survives),
		in_a_home(tokens_are_sorted_by_name),
		in_a_home(nothing_is_written_before_the_commit),
		in_a_home(each_commit_is_a_generation_and_keeps_the_one_before),
		in_a_home(new_tokens_get_ids_of_their_own),
		in_a_home(texts_are_copied),
		in_a_home(a_thousand_tokens_are_no_trouble),
		in_a_home(there_is_a_limit),
		in_a_home(each_endpoint_has_one_default),
		in_a_home(a_default_goes_with_its_token_only),
		in_a_home(any_token_can_be_removed),
		in_a_home(unknown_lines_and_columns_are_kept),
		in_a_home(words_that_are_not_known_are_read_as_unknown),
		in_a_home(an_endpoint_is_that_of_the_token_before),
		in_a_home(a_newer_version_is_not_damage),
		in_a_home(lines_that_make_no_sense_are_damage),
		in_a_home(a_look_up_completes_what_it_needs),
		in_a_home(a_nul_in_the_first_line_is_damage),
		in_a_home(every_truncation_is_noticed),
		in_a_home(bytes_that_were_added_are_noticed),
		in_a_home(every_flipped_bit_is_noticed),
		in_a_home(spliced_versions_are_noticed),
		in_a_home(damage_points_to_the_version_before),
		in_a_home(a_catalogue_that_vanished_is_damage),
		in_a_home(what_others_could_have_changed_is_unsafe),
		in_a_home(writers_lose_nothing_and_readers_see_whole_versions),
		in_a_home(a_writer_that_dies_leaves_the_old_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
