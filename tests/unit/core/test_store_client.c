/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The caller's side of the store contract, against stores that are small shell scripts. A store's
 * program is looked for beside the running one, so this program runs as a copy in a folder of its
 * own, where each case writes its `store-fake`.
 */
#include "tests/unit/base/unit.h"

#include <errno.h>

#include "core/store_client.h"
#include "tests/unit/core/own_stores.h"

#define ID   "0123456789abcdef0123456789abcdef.1"
#define FAKE "store-fake"

#define TEXT_OF(number) #number
#define TEXT(number)    TEXT_OF(number)

/* Reads one question into a file; at the end of its input the store ends. */
#define ASKED                                                                               \
	"asked() { while :; do IFS= read -r line || exit 0; [ -n \"$line\" ] || return 0; " \
	"echo \"$line\" >>asked; done; }\n"

/* A store that does this for each question. */
static void write_store(const char *work)
{
	AUTOBUF struct buf script = {0};

	buf_printf(&script,
		   "#!/bin/sh\n" ASKED "echo $$ >>started\nwhile :; do\nasked\n%s\ndone\n",
		   work);
	(void)unlink("asked");
	(void)unlink("started");
	write_text(FAKE, buf_text(&script), 0700);
}

/* A store that gives this answer to each question; %b of printf(1). */
static void write_answer(const char *answer)
{
	AUTOBUF struct buf work = {0};

	buf_printf(&work, "printf '%%b' '%s'", answer);
	write_store(buf_text(&work));
}

static int enter_store(void **state UNUSED)
{
	static struct store_client store;
	struct err err;

	*state = &store;
	return store_init(&store, "fake", &err);
}

static int leave_store(void **state)
{
	store_release(*state);
	(void)unlink(FAKE);
	return 0;
}

#define with_store(test) cmocka_unit_test_setup_teardown(test, enter_store, leave_store)

static void assert_no_children(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void assert_times_started(size_t times)
{
	char *text = read_bytes("started", NULL);
	size_t count = 0;

	for (const char *c = text; *c; c++)
		count += *c == '\n';
	free(text);
	assert_int_equal(count, times);
}

/* ---- good stores ------------------------------------------------------------------------------ */

static void a_record_is_got(void **state)
{
	AUTOSECRET struct secret record = {0};

	write_answer("store=1\\nstatus=ok\\nrecord[]=hf_x\\nrecord[]=endpoint=a=b\\n"
		     "record[]=\\nfuture=1\\n\\n");
	assert_int_equal(store_get(*state, ID, &record, NULL), 0);
	assert_string_equal(secret_text(&record), "hf_x\nendpoint=a=b\n\n");
	assert_file_text("asked", "store=1\nop=get\ndeadline=" TEXT(
					  STORE_READ_MS) "\ninteractive=0\nid=" ID "\n");
}

static void a_record_is_put(void **state)
{
	static const struct store_label label = {"Hugging Face token \"work\"",
						 "huggingface.co", ""};
	AUTOSECRET struct secret record = {0};

	write_answer("store=1\\nstatus=ok\\n\\n");
	assert_int_equal(secret_add_text(&record, "hf_x\nendpoint=a\n\nlast"), 0);
	assert_int_equal(store_put(*state, ID, &record, &label, NULL), 0);
	assert_file_text(
		"asked",
		"store=1\nop=put\ndeadline=" TEXT(
			STORE_WRITE_MS) "\ninteractive=0\nid=" ID
					"\nlabel=Hugging Face token \"work\"\nservice=huggingface.co\n"
					"username=\nrecord[]=hf_x\nrecord[]=endpoint=a\nrecord[]=\n"
					"record[]=last\n");
}

static void what_would_break_a_line_is_not_put(void **state)
{
	static const struct store_label labels[] = {
		{"a\nop=del", "b", "c"}, {"a", "b\n", "c"}, {"a", "b", "c\r"}};
	AUTOSECRET struct secret record = {0};

	write_answer("store=1\\nstatus=ok\\n\\n");
	assert_int_equal(secret_add_text(&record, "hf_x\n"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++)
		assert_int_equal(store_put(*state, ID, &record, &labels[i], NULL), ERR_FORMAT);
	assert_int_equal(store_get(*state, ID "\nop=del", &record, NULL), ERR_FORMAT);
	assert_int_equal(access("asked", F_OK), -1);
}

static void a_record_is_deleted(void **state)
{
	write_answer("store=1\\nstatus=ok\\n\\n");
	assert_int_equal(store_del(*state, ID, NULL), 0);
	assert_file_text("asked", "store=1\nop=del\ndeadline=" TEXT(
					  STORE_WRITE_MS) "\ninteractive=0\nid=" ID "\n");
}

static void ids_are_listed(void **state)
{
	AUTOBUF struct buf ids = {0};

	write_answer("store=1\\nstatus=ok\\nid[]=a\\nid[]=b\\n\\n");
	assert_int_equal(store_list(*state, &ids, NULL), 0);
	assert_string_equal(buf_text(&ids), "a\nb\n");
}

static void a_probe_tells_the_state(void **state)
{
	static const struct {
		const char *answer;
		enum err_code code;
		const char *why, *protects;
		unsigned capabilities;
	} cases[] = {
		{"store=1\\nstatus=ok\\nprotects=a copy\\ncapability[]=writes\\n\\n", ERR_OK,
		 "", "a copy", STORE_WRITES},
		{"store=1\\nstatus=locked\\nmessage=needs a password\\nprotects=all\\n"
		 "capability[]=passphrase\\ncapability[]=future\\ncapability[]=encrypts\\n\\n",
		 ERR_LOCKED, "needs a password", "all", STORE_PASSPHRASE | STORE_ENCRYPTS},
		{"store=1\\nstatus=unavailable\\n\\n", ERR_UNAVAILABLE, "", "", 0},
		{"store=1\\nstatus=ok\\nprotects=a\\033[31m hf_abcdefghijkl\\n\\n", ERR_OK, "",
		 "a [31m hf_************", 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct store_state probed;

		store_release(*state);
		write_answer(cases[i].answer);
		assert_int_equal(store_probe(*state, &probed, NULL), 0);
		assert_int_equal(probed.code, cases[i].code);
		assert_string_equal(probed.why, cases[i].why);
		assert_string_equal(probed.protects, cases[i].protects);
		assert_int_equal(probed.capabilities, cases[i].capabilities);
	}
}

#define ASKED_TO(op, wait_ms, interactive) \
	"store=1\nop=" op "\ndeadline=" TEXT(wait_ms) "\ninteractive=" interactive "\n"

static void a_store_is_unlocked_and_locked(void **state)
{
	AUTOSECRET struct secret passphrase = {0};

	write_answer("store=1\\nstatus=ok\\n\\n");
	assert_int_equal(secret_add_text(&passphrase, " a=\xff\t "), 0);
	assert_int_equal(store_unlock(*state, false, NULL, NULL), 0);
	assert_int_equal(store_unlock(*state, true, &passphrase, NULL), 0);
	assert_int_equal(store_lock(*state, NULL), 0);
	assert_int_equal(store_set_passphrase(*state, &passphrase, NULL), 0);
	assert_int_equal(store_set_passphrase(*state, NULL, NULL), 0);
	assert_file_text(
		"asked",
		ASKED_TO("unlock", STORE_WRITE_MS, "0") ASKED_TO(
			"unlock", STORE_UNLOCK_MS,
			"1") "passphrase= a=\xff\t \n" ASKED_TO("lock", STORE_WRITE_MS, "0")
			ASKED_TO("passphrase", STORE_DERIVE_MS,
				 "0") "passphrase= a=\xff\t \n" ASKED_TO("passphrase",
									 STORE_WRITE_MS, "0"));
}

static void who_is_there_is_waited_for(void **state)
{
	static const struct store_label label = {"l", "s", "u"};
	AUTOSECRET struct secret record = {0};
	struct store_client *store = *state;

	write_answer("store=1\\nstatus=ok\\n\\n");
	assert_int_equal(secret_add_text(&record, "hf_x\n"), 0);
	store->interactive = true;
	assert_int_equal(store_del(store, ID, NULL), 0);
	assert_int_equal(store_unlock(store, false, NULL, NULL), 0);
	assert_int_equal(store_put(store, ID, &record, &label, NULL), 0);
	assert_int_equal(store_get(store, ID, &record, NULL), 0);
	store->interactive = false;
	assert_file_text(
		"asked",
		ASKED_TO("del", STORE_WRITE_MS,
			 "1") "id=" ID "\n" ASKED_TO("unlock", STORE_UNLOCK_MS, "1")
			ASKED_TO(
				"put", STORE_UNLOCK_MS,
				"1") "id=" ID
				     "\nlabel=l\nservice=s\nusername=u\nrecord[]=hf_x\n" ASKED_TO(
					     "get", STORE_PATIENT_READ_MS, "1") "id=" ID "\n");
}

static void what_cannot_be_a_passphrase_is_not_sent(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		const char *message;
	} cases[] = {
		{"", 0, "the passphrase is empty"},
		{"a\nop=del", 8, "a passphrase cannot hold a line break or NUL"},
		{"a\r", 2, "a passphrase cannot hold a line break or NUL"},
		{"a\0b", 3, "a passphrase cannot hold a line break or NUL"},
		{NULL, PASSPHRASE_MAX + 1, "the passphrase is longer than 1024 bytes"},
		{NULL, PASSPHRASE_MAX, NULL},
	};

	write_answer("store=1\\nstatus=ok\\n\\n");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOSECRET struct secret passphrase = {0};
		static char many[PASSPHRASE_MAX + 1];
		struct err err = {0};
		int wanted = cases[i].message ? ERR_USAGE : 0;

		memset(many, 'x', sizeof(many));
		assert_int_equal(secret_set(&passphrase, cases[i].text ? cases[i].text : many,
					    cases[i].size),
				 0);
		assert_int_equal(store_unlock(*state, false, &passphrase, &err), wanted);
		assert_int_equal(store_set_passphrase(*state, &passphrase, &err), wanted);
		assert_string_equal(err.message, cases[i].message ? cases[i].message : "");
		assert_int_equal(access("asked", F_OK), wanted ? -1 : 0);
	}
}

static void each_status_is_an_error_of_its_own(void **state)
{
	static const enum err_code codes[] = {
		ERR_NOT_FOUND, ERR_LOCKED,  ERR_UNAVAILABLE, ERR_TIMED_OUT, ERR_DENIED,
		ERR_UNSAFE,    ERR_DAMAGED, ERR_TOO_NEW,     ERR_BUSY,      ERR_READ_ONLY,
		ERR_NO_SPACE,  ERR_IO,      ERR_FAILED,
	};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		AUTOSECRET struct secret record = {0};
		AUTOBUF struct buf answer = {0};
		struct err err = {0};

		buf_printf(&answer,
			   "store=1\\nstatus=%s\\nmessage=it is so\\nhint=do this\\n"
			   "record[]=hf_x\\n\\n",
			   err_name(codes[i]));
		store_release(*state);
		write_answer(buf_text(&answer));
		assert_int_equal(store_get(*state, ID, &record, &err), codes[i]);
		assert_int_equal(err.code, codes[i]);
		assert_string_equal(err.message, "store 'fake': it is so");
		assert_string_equal(err.hint, "do this");
		assert_int_equal(record.size, 0);
	}
}

static void an_unknown_status_is_a_failure(void **state)
{
	static const char *const statuses[] = {"on-fire", "OK", "ok ", " ok", "0", "usage"};

	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		AUTOBUF struct buf answer = {0};

		buf_printf(&answer, "store=1\\nstatus=%s\\n\\n", statuses[i]);
		store_release(*state);
		write_answer(buf_text(&answer));
		assert_int_equal(store_del(*state, ID, NULL), ERR_FAILED);
	}
}

static void one_program_answers_many_questions(void **state)
{
	write_answer("store=1\\nstatus=ok\\nid[]=x\\n\\n");
	for (int i = 0; i < 5; i++) {
		AUTOBUF struct buf ids = {0};

		assert_int_equal(store_list(*state, &ids, NULL), 0);
		assert_string_equal(buf_text(&ids), "x\n");
	}
	assert_times_started(1);
	store_release(*state);
	assert_no_children();
	store_release(*state);
}

static void an_answer_may_come_in_drops(void **state)
{
	AUTOBUF struct buf ids = {0};

	write_store("for part in s tore=1 '\\n' status= ok '\\nid[]=' a '\\n' '\\n'; do "
		    "printf '%b' \"$part\"; sleep 0.01; done");
	assert_int_equal(store_list(*state, &ids, NULL), 0);
	assert_string_equal(buf_text(&ids), "a\n");
}

static void a_long_list_fits(void **state)
{
	AUTOBUF struct buf ids = {0};

	write_store("printf 'store=1\\nstatus=ok\\n'; seq -f 'id[]=%043.0f' 20000; echo");
	assert_int_equal(store_list(*state, &ids, NULL), 0);
	assert_int_equal(ids.size, 20000 * 44);
}

/* ---- bad stores ------------------------------------------------------------------------------- */

static void a_store_that_is_not_there_is_unavailable(void **state)
{
	AUTOSECRET struct secret record = {0};
	struct err err = {0};

	assert_int_equal(store_get(*state, ID, &record, &err), ERR_UNAVAILABLE);
	assert_non_null(strstr(err.message, "fake"));
	write_text(FAKE, "#!/bin/sh\n", 0600); /* no program */
	assert_int_equal(store_get(*state, ID, &record, &err), ERR_UNAVAILABLE);
	(void)unlink(FAKE);
	write_text(FAKE, "#!/no/such/shell\n", 0700);
	assert_int_equal(store_get(*state, ID, &record, &err), ERR_UNAVAILABLE);
	assert_no_children();
}

/* Whatever is wrong with it, it is said in the same way, and the program is gone. */
static void a_store_that_does_not_follow_the_protocol_is_unavailable(void **state)
{
	static const char *const works[] = {
		/* it dies */
		"exit 0",
		"exit 1",
		"kill -KILL $$",
		"kill -SEGV $$",
		/* before it has said all */
		"printf 'store=1\\n'; exit 0",
		"printf 'store=1\\nstatus=o'; exit 0",
		"printf 'store=1\\nstatus=ok'; exit 0",
		"printf 'store=1\\nstatus=ok\\nid[]=a'; exit 0",
		"printf 'store=1\\nstatus=ok\\nid[]=a\\n'; exit 0",
		"printf 'store=1\\nstatus=ok\\nid[]=a\\nid'; exit 0",
		/* no answer at all, or another one */
		"echo",
		"echo hello; echo",
		"echo '{\"status\":\"ok\"}'; echo",
		"printf 'status=ok\\n\\n'",
		"printf 'status=ok\\nstore=1\\n\\n'",
		"printf 'Store=1\\nstatus=ok\\n\\n'",
		/* other versions */
		"printf 'store=2\\nstatus=ok\\n\\n'",
		"printf 'store=\\nstatus=ok\\n\\n'",
		"printf 'store=10\\nstatus=ok\\n\\n'",
		/* no status */
		"printf 'store=1\\n\\n'",
		"printf 'store=1\\nid[]=a\\n\\n'",
		"printf 'store=1\\nstatus=\\n\\n'",
		/* a line that is none, before or behind the status */
		"printf 'store=1\\nwarning: x\\nstatus=ok\\n\\n'",
		"printf 'store=1\\nstatus=ok\\nwarning: x\\n\\n'",
		"printf 'store=1\\nstatus=ok\\nmessage=a\\0b\\n\\n'",
		/* too much */
		"exec yes",
		"exec yes a=b",
		"exec cat /dev/zero",
		"printf 'store=1\\nstatus=ok\\na='; head -c 70000 /dev/zero | tr '\\0' x; "
		"printf '\\n\\n'",
	};

	for (size_t i = 0; i < ARRAY_SIZE(works); i++) {
		AUTOBUF struct buf ids = {0};
		struct store_state probed = {.code = ERR_BUSY};
		struct err err = {0};
		int error;

		write_store(works[i]);
		error = store_list(*state, &ids, &err);
		if (error != ERR_UNAVAILABLE)
			print_error("list: '%s': %d, '%s'\n", works[i], error, buf_text(&ids));
		assert_int_equal(error, ERR_UNAVAILABLE);
		assert_non_null(strstr(err.message, "fake"));
		assert_no_children();
		error = store_probe(*state, &probed, NULL);
		if (error != ERR_UNAVAILABLE)
			print_error("probe: '%s': %d\n", works[i], error);
		assert_int_equal(error, ERR_UNAVAILABLE);
		assert_int_equal(probed.code, ERR_BUSY);
		assert_no_children();
	}
}

static void a_store_that_never_answers_is_killed(void **state)
{
	static const char *const works[] = {
		"exec sleep 100",
		"printf 'store=1\\nstatus=ok\\n'; exec sleep 100",
		"while :; do printf 'a=b\\n'; sleep 0.1; done",
		"trap '' TERM INT HUP; while :; do sleep 0.1; done",
	};

	for (size_t i = 0; i < ARRAY_SIZE(works); i++) {
		AUTOSECRET struct secret record = {0};
		struct err err = {0};
		deadline_ms started = deadline_in(0);

		write_store(works[i]);
		assert_int_equal(store_get(*state, ID, &record, &err), ERR_TIMED_OUT);
		assert_int_equal(err.code, ERR_TIMED_OUT);
		assert_non_null(strstr(err.message, "1.5 s"));
		assert_true(deadline_in(0) - started < 20000);
		assert_int_equal(record.size, 0);
		assert_no_children();
	}
}

static void a_store_that_stays_behind_is_killed(void **state)
{
	AUTOBUF struct buf ids = {0};
	deadline_ms started = deadline_in(0);

	write_store("printf 'store=1\\nstatus=ok\\n\\n'; exec sleep 100");
	assert_int_equal(store_list(*state, &ids, NULL), 0);
	store_release(*state);
	assert_no_children();
	assert_true(deadline_in(0) - started < 20000);
}

static void the_next_question_starts_a_new_program(void **state)
{
	AUTOBUF struct buf ids = {0};

	write_store("if [ -e been_here ]; then printf 'store=1\\nstatus=ok\\nid[]=a\\n\\n'; "
		    "else >been_here; exit 1; fi");
	assert_int_equal(store_list(*state, &ids, NULL), ERR_UNAVAILABLE);
	assert_int_equal(store_list(*state, &ids, NULL), 0);
	assert_string_equal(buf_text(&ids), "a\n");
	assert_times_started(2);
	(void)unlink("been_here");
}

/* It dies between two questions, so that the second one meets a closed pipe. */
static void a_store_that_has_gone_is_unavailable(void **state)
{
	AUTOBUF struct buf ids = {0};

	write_store("printf 'store=1\\nstatus=ok\\n\\n'; exit 0");
	assert_int_equal(store_list(*state, &ids, NULL), 0);
	deadline_sleep(NO_DEADLINE, 100);
	assert_int_equal(store_list(*state, &ids, NULL), ERR_UNAVAILABLE);
	assert_no_children();
}

static void its_words_are_made_harmless(void **state)
{
	static const struct {
		const char *answer, *message, *hint;
	} cases[] = {
		{"status=failed\\nmessage=a\\033[31mb\\nhint=c\\r\\rd", "store 'fake': a [31mb",
		 "c d"},
		{"status=failed\\nmessage=x \\0342\\0200\\0256 y\\nhint=\\0377",
		 "store 'fake': x ? y", "?"},
		{"status=failed\\nmessage=got hf_abcdefghijklmnop\\nhint=api_org_abcdefgh",
		 "store 'fake': got hf_****************", "api_************"},
		{"status=failed", "store 'fake': failed", ""},
		/* the status itself is a word of the store as well */
		{"status=a\\033[31mb", NULL, ""},
		{"status=hf_abcdefghijklmnop", NULL, ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOBUF struct buf answer = {0};
		struct err err = {0};

		buf_printf(&answer, "store=1\\n%s\\n\\n", cases[i].answer);
		store_release(*state);
		write_answer(buf_text(&answer));
		assert_int_equal(store_del(*state, ID, &err), ERR_FAILED);
		if (cases[i].message)
			assert_string_equal(err.message, cases[i].message);
		assert_null(strchr(err.message, '\033'));
		assert_null(strstr(err.message, "abcdefgh"));
		assert_string_equal(err.hint, cases[i].hint);
	}
}

static void a_record_that_is_too_long_is_damaged(void **state)
{
	AUTOSECRET struct secret record = {0};

	write_store("printf 'store=1\\nstatus=ok\\nrecord[]='; "
		    "head -c 16384 /dev/zero | tr '\\0' x; printf '\\n\\n'");
	assert_int_equal(store_get(*state, ID, &record, NULL), ERR_DAMAGED);
	assert_int_equal(record.size, 0);
}

static void names_that_are_none_are_refused(void **state UNUSED)
{
	static const char *const names[] = {"", "../fake", "Fake", "fake/x", "hf_secretsecret"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct store_client store;
		struct err err = {0};

		assert_int_equal(store_init(&store, names[i], &err), ERR_USAGE);
		assert_null(strstr(err.message, "secret"));
	}
}

int main(int argc UNUSED, char **argv)
{
	const struct CMUnitTest tests[] = {
		with_store(a_record_is_got),
		with_store(a_record_is_put),
		with_store(what_would_break_a_line_is_not_put),
		with_store(a_record_is_deleted),
		with_store(ids_are_listed),
		with_store(a_probe_tells_the_state),
		with_store(a_store_is_unlocked_and_locked),
		with_store(who_is_there_is_waited_for),
		with_store(what_cannot_be_a_passphrase_is_not_sent),
		with_store(each_status_is_an_error_of_its_own),
		with_store(an_unknown_status_is_a_failure),
		with_store(one_program_answers_many_questions),
		with_store(an_answer_may_come_in_drops),
		with_store(a_long_list_fits),
		with_store(a_store_that_is_not_there_is_unavailable),
		with_store(a_store_that_does_not_follow_the_protocol_is_unavailable),
		with_store(a_store_that_never_answers_is_killed),
		with_store(a_store_that_stays_behind_is_killed),
		with_store(the_next_question_starts_a_new_program),
		with_store(a_store_that_has_gone_is_unavailable),
		with_store(its_words_are_made_harmless),
		with_store(a_record_that_is_too_long_is_damaged),
		cmocka_unit_test(names_that_are_none_are_refused),
	};
	const char *folder = getenv("HFTOKEN_TEST_FOLDER");
	int failed;

	if (!folder)
		return become_copy(argv);
	(void)signal(SIGPIPE, SIG_IGN);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	return failed;
}
