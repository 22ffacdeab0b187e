# SPDX-License-Identifier: Apache-2.0
"""What holds for every store: the contract and the wire of src/core/store.h."""

import random
import time

import pytest

from wire import RECORD_MAX, memory_of, question, record_id

TOKEN = b"hf_not_a_real_token\nendpoint=https://huggingface.co\n"
CAPABILITIES = {"writes", "lists-locked", "encrypts", "prompts", "remote", "passphrase"}


# ---- operations ----


def test_a_new_store_is_empty_and_ready(store):
    probe = store.ask("probe")
    assert probe.status == "ok"
    assert probe.fields[b"protects"]
    assert "writes" in probe.capabilities <= CAPABILITIES
    assert store.get(1).status == "not-found"
    assert store.delete(1).status == "not-found"
    answer = store.list()
    assert (answer.status, answer.ids) == ("ok", [])


def test_what_is_put_is_there(store):
    assert store.put(1, TOKEN).status == "ok"
    assert store.get(1).record == TOKEN
    assert store.list().ids == [record_id(1)]
    assert store.ask("probe").status == "ok"


def test_the_label_may_say_anything(store):
    fields = {"label": 'Hugging Face token "wörk" (alice)', "service": "huggingface.co"}
    assert store.put(1, TOKEN, username="", **fields).status == "ok"
    assert store.put(2, TOKEN, username="alice", **fields).status == "ok"
    assert store.get(2).record == TOKEN


def test_a_record_is_never_overwritten(store):
    assert store.put(1, TOKEN).status == "ok"
    answer = store.put(1, b"hf_another\n")
    assert answer.status == "failed"
    assert store.get(1).record == TOKEN


def test_revisions_are_records_of_their_own(store):
    for revision in (1, 2, 12):
        answer = store.ask("put", b"%d\n" % revision, id=record_id(7, revision))
        assert answer.status == "ok"
    assert store.ask("get", id=record_id(7, 1)).record == b"1\n"
    assert store.ask("get", id=record_id(7, 12)).record == b"12\n"
    assert store.ask("get", id=record_id(7, 3)).status == "not-found"


def test_what_is_deleted_is_gone_and_nothing_else(store):
    for number in range(3):
        assert store.put(number, b"%d\n" % number).status == "ok"
    assert store.delete(1).status == "ok"
    assert store.get(1).status == "not-found"
    assert store.delete(1).status == "not-found"
    assert store.get(0).record == b"0\n"
    assert store.get(2).record == b"2\n"
    assert sorted(store.list().ids) == [record_id(0), record_id(2)]
    assert store.put(1, b"again\n").status == "ok"
    assert store.get(1).record == b"again\n"


def test_lock_and_unlock_are_known(store):
    assert store.put(1, TOKEN).status == "ok"
    assert store.ask("unlock").status == "ok"
    assert store.get(1).record == TOKEN
    assert store.ask("lock").status == "ok"


# ---- records ----

RECORDS = {
    "printable": bytes(range(0x20, 0x7F)) + b"\n",
    "control": bytes(b for b in range(1, 0x20) if b not in b"\r\n") + b"\x7f\n",
    "bytes": bytes(range(0x80, 0x100)) + b"\n",
    "utf-8": "äöü € 🤗 \u202e\n".encode(),
    "spaces": b"  two before, two behind  \n",
    "key-like": b"store=1\nop=del\n=\nrecord[]=x\n",
    "empty lines": b"\n\nthird\n\n",
    "only an empty line": b"\n",
    "longest line": b"x" * (RECORD_MAX - 1) + b"\n",
    "most lines": b"\n" * RECORD_MAX,
    "in order": b"".join(b"line %d\n" % n for n in (3, 1, 2, 10, 1)),
}


@pytest.mark.parametrize("name", RECORDS)
def test_records_come_back_as_they_were(store, name):
    assert store.put(1, RECORDS[name]).status == "ok"
    assert store.get(1).record == RECORDS[name]


def test_many_records(store):
    count = 300
    text = b"".join(question("put", b"%d\n" % n, id=record_id(n)) for n in range(count))
    answers, status = store.run(text)
    assert status == 0
    assert [answer.status for answer in answers] == ["ok"] * count
    assert sorted(store.list().ids) == [record_id(n) for n in range(count)]
    text = b"".join(question("get", id=record_id(n)) for n in range(count))
    answers, _ = store.run(text)
    assert [answer.record for answer in answers] == [b"%d\n" % n for n in range(count)]


def test_long_records_side_by_side(store):
    records = [bytes([65 + n]) * (RECORD_MAX - 1) + b"\n" for n in range(5)]
    for number, record in enumerate(records):
        assert store.put(number, record).status == "ok"
    for number, record in enumerate(records):
        assert store.get(number).record == record


# ---- the wire ----


def test_questions_of_one_session_are_answered_in_order(store):
    text = (
        question("put", TOKEN, id=record_id(1))
        + question("get", id=record_id(2))
        + question("get", id=record_id(1))
        + question("del", id=record_id(1))
        + question("get", id=record_id(1))
        + question("list")
    )
    answers, status = store.run(text)
    assert status == 0
    expected = ["ok", "not-found", "ok", "ok", "not-found", "ok"]
    assert [answer.status for answer in answers] == expected
    assert answers[2].record == TOKEN


def test_a_question_may_come_byte_by_byte(store):
    program = store.start(bufsize=0)
    for byte in question("put", TOKEN, id=record_id(1)) + question("list"):
        program.stdin.write(bytes([byte]))
    output, _ = program.communicate(timeout=60)
    assert output.count(b"status=ok") == 2


def test_an_answer_comes_before_the_next_question(store):
    program = store.start(bufsize=0)
    for _ in range(3):
        program.stdin.write(question("list"))
        assert program.stdout.read(4096) == b"store=1\nstatus=ok\n\n"
    program.communicate(timeout=60)


def test_line_ends_may_have_a_cr(store):
    text = question("put", TOKEN, id=record_id(1)).replace(b"\n", b"\r\n")
    answers, _ = store.run(text)
    assert [answer.status for answer in answers] == ["ok"]
    assert store.get(1).record == TOKEN


def test_unknown_keys_are_ignored(store):
    text = b"store=1\nfuture=1\nop=list\nfuture=2\nfuture[]=3\n\n"
    answers, _ = store.run(text)
    assert [answer.status for answer in answers] == ["ok"]


@pytest.mark.parametrize(
    "text",
    [b"store=2\nop=list\n\n", b"store=\nop=list\n\n", b"op=list\nstore=1\n\n", b"x=1\n\n", b"\n"],
)
def test_another_version_is_refused(store, text):
    answers, _ = store.run(text)
    assert [answer.status for answer in answers] == ["too-new"]
    assert "version" in answers[0].message


ID = b"id=" + record_id(1)
MALFORMED = {
    "no op": b"store=1\n\n",
    "unknown op": b"store=1\nop=destroy\n\n",
    "op twice": b"store=1\nop=list\nop=list\n\n",
    "no equals sign": b"store=1\nop\n\n",
    "no key": b"store=1\n=x\n\n",
    "NUL": b"store=1\nop=list\0\n\n",
    "deadline": b"store=1\nop=list\ndeadline=soon\n\n",
    "no id": b"store=1\nop=get\n\n",
    "id twice": b"store=1\nop=get\n" + ID + b"\n" + ID + b"\n\n",
    "put without a record": b"store=1\nop=put\n" + ID + b"\n\n",
    "NUL in the record": b"store=1\nop=put\n" + ID + b"\nrecord[]=a\0b\n\n",
    "CR in the record": b"store=1\nop=put\n" + ID + b"\nrecord[]=a\rb\n\n",
    "record too long": b"store=1\nop=put\n" + ID + b"\nrecord[]=" + b"x" * RECORD_MAX + b"\n\n",
    "too many lines": b"store=1\nop=put\n" + ID + b"\n" + b"record[]=\n" * (RECORD_MAX + 1) + b"\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_questions_fail_and_the_next_is_answered(store, name):
    answers, _ = store.run(MALFORMED[name] + question("list"))
    assert [answer.status for answer in answers] == ["failed", "ok"]
    assert answers[1].ids == []


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"1",
        b"../../../../etc/passwd",
        record_id(1)[:-2],
        record_id(1)[:-1],
        record_id(1)[:-1] + b"0",
        record_id(1)[:-1] + b"01",
        record_id(1) + b"x",
        record_id(1) + b" ",
        record_id(1)[:-1] + b"4294967296",
        b"0" + record_id(1),
        record_id(10).upper(),
        b"x" * 60000,
    ],
)
def test_ids_of_another_form_are_refused(store, bad):
    for op, record in (("get", None), ("put", TOKEN), ("del", None)):
        assert store.ask(op, record, id=bad).status == "failed"
    assert store.list().ids == []


@pytest.mark.parametrize("cut", [1, 2, 20, 70])
def test_a_question_that_breaks_off_does_nothing(store, cut):
    text = question("put", TOKEN, id=record_id(1))
    answers, status = store.run(text[:-cut])
    assert [answer.status for answer in answers] == ["failed"]
    assert status == 1
    assert store.get(1).status == "not-found"


@pytest.mark.parametrize(
    "text",
    [
        b"x" * (1 << 20),
        b"\0" * (1 << 20),
        random.Random(1).randbytes(1 << 20),
        b"store=1\n" + b"a=b\n" * (1 << 18),
        b"store=1\nop=put\nrecord[]=" + b"x" * (1 << 20),
    ],
    ids=["one line", "NUL", "random", "many lines", "long record"],
)
def test_a_mebibyte_of_anything_is_refused(store, text):
    program = store.start()
    try:
        output, _ = program.communicate(text, timeout=60)
    except BrokenPipeError:
        output = program.stdout.read()
    assert program.wait(60) in (0, 1)
    assert b"status=ok" not in output
    assert b"status=" in output
    assert store.list().ids == []


def test_an_endless_line_ends_the_session(store):
    program = store.start(bufsize=0)
    with pytest.raises(BrokenPipeError):
        for _ in range(1000):
            program.stdin.write(b"x" * 65536)
    program.stdin.close()
    assert program.wait(60) == 1


def test_nothing_asked_nothing_said(store):
    assert store.run(b"") == ([], 0)


def test_closed_stdin(store):
    answers, status = store.run(b"", before=["sh", "-c", 'exec "$0" <&-'])
    assert (answers, status) == ([], 0)


def test_closed_stdout_does_not_hang(store):
    program = store.start()
    program.stdout.close()
    program.stdin.write(question("list") * 3)
    program.stdin.close()
    assert program.wait(60) in (0, 1)


# ---- memory ----


def test_between_questions_no_secret_is_in_memory(store):
    marker = b"hf_MarkerOfAllTokens"
    program = store.start(bufsize=0)
    for text in (
        question("put", marker + b"\n", id=record_id(1)),
        question("get", id=record_id(1)),
        question("put", marker + b"\n", id=record_id(1)),
        question("get", id=record_id(2)),
        question("list"),
        question("del", id=record_id(1)),
    ):
        program.stdin.write(text)
        assert program.stdout.read(4096).endswith(b"\n\n")
        time.sleep(0.02)  # the answer is written before the question is wiped
        assert marker not in memory_of(program)
    program.communicate(timeout=60)


# ---- several at once, and killed ----


def test_programs_that_put_at_the_same_time(store):
    programs = [store.start() for _ in range(32)]
    for number, program in enumerate(programs):
        program.stdin.write(question("put", b"%d\n" % number, id=record_id(number)))
        program.stdin.flush()
    for program in programs:
        output, _ = program.communicate(timeout=120)
        assert b"status=ok" in output, output
    assert sorted(store.list().ids) == [record_id(n) for n in range(32)]
    for number in range(0, 32, 5):
        assert store.get(number).record == b"%d\n" % number


def test_of_two_that_put_one_id_one_wins(store):
    programs = [store.start() for _ in range(8)]
    for number, program in enumerate(programs):
        program.stdin.write(question("put", b"%d\n" % number, id=record_id(1)))
        program.stdin.flush()
    outputs = [program.communicate(timeout=60)[0] for program in programs]
    winners = [n for n, output in enumerate(outputs) if b"status=ok" in output]
    assert len(winners) == 1
    assert all(b"status=failed" in o for n, o in enumerate(outputs) if n != winners[0])
    assert store.get(1).record == b"%d\n" % winners[0]


def test_readers_see_whole_states_while_others_write(store):
    assert store.put(0, TOKEN).status == "ok"
    writer = store.start()
    text = b""
    for number in range(1, 60):
        text += question("put", b"x\n", id=record_id(number))
        text += question("del", id=record_id(number))
    writer.stdin.write(text)
    writer.stdin.flush()
    for _ in range(60):
        answers, _ = store.run(question("get", id=record_id(0)) + question("list"))
        assert answers[0].record == TOKEN
        assert len(answers[1].ids) in (1, 2)
    output, _ = writer.communicate(timeout=60)
    assert output.count(b"status=ok") == 118


def test_a_put_that_is_killed_is_all_or_nothing(store):
    chance = random.Random(1)
    assert store.put(0, TOKEN).status == "ok"
    started = time.monotonic()
    assert store.put(1, TOKEN).status == "ok"
    usual = time.monotonic() - started
    there = {0, 1}
    for number in range(2, 52):
        program = store.start()
        program.stdin.write(question("put", b"%d\n" % number, id=record_id(number)))
        program.stdin.flush()
        time.sleep(chance.uniform(0, 1.2 * usual))
        program.kill()
        answered = b"status=ok" in program.communicate(timeout=60)[0]
        answers, _ = store.run(question("get", id=record_id(0)) + question("list"))
        assert answers[0].record == TOKEN
        now = set(answers[1].ids)
        before = {record_id(n) for n in there}
        assert now in (before, before | {record_id(number)})
        if record_id(number) in now:
            there.add(number)
            assert store.get(number).record == b"%d\n" % number
        else:
            assert not answered
    assert store.put(1000, TOKEN).status == "ok"
    assert store.delete(0).status == "ok"
