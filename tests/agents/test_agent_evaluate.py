"""Evaluation: what comes back, in time and under its own name."""

from __future__ import annotations

import time

import pytest
from running import KEYS, Clients, Starter
from stopwatch import Stopwatch
from wire import RemoteError, Wire


def error_of(wire: Wire, source: str, session: str | None = None, **params: object) -> RemoteError:
    with pytest.raises(RemoteError) as caught:
        wire.evaluate(source, session, **params)
    return caught.value


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("3 + 4", "7"),
        ("", "nil"),
        ('"nothing but a comment"', "nil"),
        ("^ 42", "42"),
        ("| a | a := 5. a * a", "25"),
        ("#(1 $a 'it''s' #sym #(2))", "(1 $a 'it''s' #sym (2 ) )"),
        ("'größer → 日本'", "'größer → 日本'"),
        ("[:x | x] value: 3", "3"),
        ("true & false", "false"),
        ("3 @ 4", "3@4"),
        ("3 @4", "3@4"),
        ("'@1'", "'@1'"),
        ("$@ value", "64"),
        ("1000000000000 * 1000", "1000000000000000"),
        ("self", "a Workspace"),
        ("(1 to: 3) inject: 0 into: [:a :b | a + b]", "6"),
        ("#a -> 'b'", "#a->'b'"),
    ],
)
def test_values(wire: Wire, source: str, printed: str) -> None:
    assert wire.value(source) == printed


@pytest.mark.parametrize(
    ("source", "number"),
    [
        ("3.14", 3.14),
        ("0.1", 0.1),
        ("1.0d100", 1e100),
        ("5.0d-324", 5e-324),
        ("1.7976931348623157d308", 1.7976931348623157e308),
        ("-0.0", -0.0),
        ("1.0d0 / 3", 1 / 3),
        ("1.0d16", 1e16),
        ("123456.789", 123456.789),
    ],
)
def test_floats_travel_exactly_and_print_shortest(wire: Wire, source: str, number: float) -> None:
    value = wire.evaluate(source)["value"]
    assert value["float"] == number
    assert str(value["float"]) == str(number)
    assert float(value["print"]) == number
    assert len(value["print"]) <= len(repr(number)) + 2


def test_floats_inside_collections(wire: Wire) -> None:
    assert wire.value("{0.1. 1/3. {2.5. #a -> 1.0d300}. 3.5 @ 2}") == "(0.1 1/3 (2.5 #a->1.0e300 ) 3.5@2 )"


def test_a_result_has_its_fields(wire: Wire, session: str) -> None:
    result = wire.evaluate("Transcript showCr: 'seen'. 3 + 4", session)
    assert result["outcome"] == "returned"
    assert result["value"] == {"print": "7", "class": "SmallInteger", "truncated": False, "ref": 1}
    assert result["error"] is None
    assert result["output"] == "seen\n"
    assert isinstance(result["elapsed_ms"], int)
    assert result["repeated"] is False


def test_without_a_session_nothing_is_kept(wire: Wire) -> None:
    assert wire.evaluate("gone := 5")["value"]["ref"] is None
    result = wire.evaluate("gone")
    assert result["outcome"] == "not_run"
    assert result["error"]["class"] == "UndeclaredVariable"


def test_no_evaluation_makes_a_class(wire: Wire, session: str) -> None:
    """Of the garbage of one without a session that was a sixth."""
    count = "n := 0. c := Metaclass someInstance. [c isNil] whileFalse: [n := n + 1. c := c nextInstance]. n"
    before = wire.value(count)
    for number in range(5):
        assert wire.value(f"a{number} := {number}") == wire.value(f"a{number} := {number}", session)
    assert int(wire.value(count, session)) <= int(before)
    assert wire.evaluate("a3")["outcome"] == "not_run"
    assert wire.value("a3", session) == "3"


def test_variables_persist_in_their_session(wire: Wire, session: str) -> None:
    wire.call("create_session", session_id="elsewhere", name="other", description="")
    wire.value("x := 6 * 7. Upper := 'case'", session)
    assert wire.value("x + 1", session) == "43"
    assert wire.value("Upper", session) == "'case'"
    assert wire.evaluate("x", "elsewhere")["outcome"] == "not_run"
    assert wire.evaluate("Upper", "elsewhere")["outcome"] == "not_run"
    assert wire.value("Smalltalk includesKey: #Upper") == "false"


def test_a_misspelt_variable_is_named(wire: Wire, session: str) -> None:
    result = wire.evaluate("| a |\na := 1.\na + misspelt", session)
    assert result["outcome"] == "not_run"
    assert "misspelt" in result["error"]["message"]
    assert result["error"]["line"] == 3
    assert wire.evaluate("misspelt", session)["outcome"] == "not_run"


def test_kept_results_are_variables(wire: Wire, session: str) -> None:
    refs = [wire.evaluate(source, session)["value"]["ref"] for source in ("10", "'abc'", "it size")]
    assert refs == [1, 2, 3]
    assert wire.value("@1 + @3", session) == "13"
    assert wire.value("(@2 , '@2') -> (@1@@3)", session) == "'abc@2'->10@3"
    assert wire.value("it key size + (5 max:@1)", session) == "15"


def test_a_forgotten_result_is_told(starter: Starter) -> None:
    agent = starter(KEYS[1], resultsPerSession=3).start()
    wire = starter.clients_of(agent)()
    wire.call("create_session", session_id="s", name="n", description="")
    for number in range(5):
        wire.value(str(number), "s")
    assert wire.value("@3 + @5", "s") == "6"
    assert error_of(wire, "@1", "s").code == "ObjectNotFound"
    assert error_of(wire, "@99", "s").code == "ObjectNotFound"
    assert error_of(wire, "@1").code == "ObjectNotFound"


@pytest.mark.parametrize(
    ("source", "name", "message", "line"),
    [
        ("1/0", "ZeroDivide", "divide", 1),
        ("nil foo", "MessageNotUnderstood", "UndefinedObject did not understand #foo", 1),
        ("3.\n\n#(1 2) at: 7", "SystemExceptions.IndexOutOfRange", "7", 3),
        ("self error: 'größer'", "Error", "größer", 1),
        ("self halt", "Halt", "halt", 1),
        ("Error new signal", "Error", "", 1),
        ("Exception new signal: 'bare'", "Exception", "bare", 1),
        ("SystemExceptions.NotYetImplemented signal", "SystemExceptions.NotYetImplemented", "", 1),
    ],
)
def test_errors(wire: Wire, source: str, name: str, message: str, line: int) -> None:
    result = wire.evaluate(source)
    assert result["outcome"] == "raised"
    assert result["value"] is None
    error = result["error"]
    assert error["class"] == name
    assert message in error["message"]
    assert error["line"] == line
    assert error["stack"][-1] == f"evaluated source, line {line}"
    assert not any("Stui" in frame and "Workspace" not in frame for frame in error["stack"])


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("3 + ", 1),
        ("x := .", 1),
        ("1.\n2.\n3 + + 4", 3),
        ("#(1 2", 1),
        ("1.\n'open", 2),
        ('"open', 1),
        ("1.\n(2 + [3)", 2),
        ("3)", 1),
        ("$", 1),
        ("self := 3", 1),
        ("thisContext := 3", 1),
    ],
)
def test_what_does_not_compile(wire: Wire, source: str, line: int) -> None:
    result = wire.evaluate(source)
    assert result["outcome"] == "not_run"
    assert result["value"] is None
    assert result["error"]["message"]
    assert result["error"]["line"] == line


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("1.\n2.\n  Nowhere foo", 3, 3),
        ("1.\r\n2.\r\n'ä'. Nowhere foo", 3, 6),
        ("1.\r2.\r\rNowhere foo", 4, 1),
        ("1.\f2.\x1c\u2028\n2. Nowhere foo", 2, 4),
        ("1.\n2.\n3 + missing", 3, 5),
        ("1.\r2.\r3 + missing", 3, 5),
        ("'a\rb'.\r2.\r3 + missing", 4, 5),
        ('"a\r\nb"\r\n2.\r3 + missing', 4, 5),
        ("[:gone | gone] value: 3.\ngone", 2, 1),
        ("1.\n  (3", 2, 3),
        ("1.\r  'open", 2, 3),
    ],
)
def test_a_line_ends_with_lf_cr_or_both_and_with_nothing_else(wire: Wire, source: str, line: int, column: int) -> None:
    source = source.replace("\u2028", "'\u2028'. ")
    result = wire.evaluate(source)
    assert result["outcome"] == "not_run"
    assert (result["error"]["line"], result["error"]["column"]) == (line, column)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_line_that_raised_is_counted_so_too(wire: Wire, end: str) -> None:
    source = f"'a{end}b'.{end}\f{end}2.{end}1/0"
    assert wire.evaluate(source)["error"]["line"] == 5
    assert wire.value(f"'a{end}b' size") == str(2 + len(end))


@pytest.mark.parametrize(
    "source",
    [
        "Smalltalk := 3",
        "Processor := nil",
        "Transcript := 3",
        "Object := 3. Object foo",
        "3 changeClassTo: String",
        "thisContext parentContext: nil",
        "'s'. " * 300,
        "[3 foo]. " * 300,
        "1" * 30_000,
        "(" * 10_000 + "3" + ")" * 10_000,
        "3. " * 60_000,
        "3 " + "negated " * 60_000,
    ],
    ids=lambda source: source[:25],
)
def test_what_would_end_the_image_is_refused(wire: Wire, source: str) -> None:
    result = wire.evaluate(source)
    assert result["outcome"] == "not_run"
    assert result["error"]["class"] == "Refused"
    assert wire.value("3 + 4") == "7"


def test_notifications_and_warnings_go_on(wire: Wire) -> None:
    assert wire.value("Notification signal: 'x'. 5") == "5"
    result = wire.evaluate("Warning signal: 'careful'. 6")
    assert result["value"]["print"] == "6"
    assert result["output"] == "Warning: careful\n"


def test_output_of_every_kind(wire: Wire) -> None:
    source = (
        "Transcript show: 'a'; cr; tab; space; show: #sym; nl; display: 4; print: 'q'; nl; showCr: 'ü'. "
        "3 printNl. 'x' displayNl. 'y' printNl. 4 displayNl. Transcript nextPutAll: 'z'; nextPut: $!; next: 3 put: $-"
    )
    assert wire.evaluate(source)["output"] == "a\n\t sym\n4'q'\nü\n3\nx\n'y'\n4\nz!---"


def test_output_of_others_is_not_ours(clients: Clients) -> None:
    wires = [clients(f"client-{number}") for number in range(5)]
    source = "1 to: 20 do: [:i | Transcript show: '%d '. (Delay forMilliseconds: 2) wait]"
    numbers = [
        wire.request("evaluate", session_id=None, source=source % index, time_limit_ms=5000)
        for index, wire in enumerate(wires)
    ]
    for index, (wire, number) in enumerate(zip(wires, numbers, strict=True)):
        assert wire.answer(number)["output"] == f"{index} " * 20


def test_output_streams_while_the_code_runs(wire: Wire) -> None:
    source = "1 to: 5 do: [:i | Transcript showCr: i printString; show: 'ä'. (Delay forMilliseconds: 60) wait]"
    number = wire.request("evaluate", session_id=None, source=source, time_limit_ms=5000)
    wire.receive()
    assert wire.notifications[0][0] == "output"
    assert wire.notifications[0][1]["id"] == number
    assert wire.notifications[0][1]["text"].startswith("1\n")
    result = wire.answer(number)
    streamed = "".join(params["text"] for _, params in wire.notifications)
    assert len(wire.notifications) >= 4
    assert result["output"].startswith(streamed)


def test_output_is_cut_at_its_limit(starter: Starter) -> None:
    agent = starter(KEYS[1], outputLimit=1000).start()
    wire = starter.clients_of(agent)()
    output = wire.evaluate("1 to: 100000 do: [:i | Transcript show: 'abcdefghij']")["output"]
    assert output == "abcdefghij" * 100 + "[output cut: 999000 more]"


def test_print_limit(wire: Wire) -> None:
    value = wire.evaluate("String new: 100000 withAll: $a", print_limit=50)["value"]
    assert value == {"print": "'" + "a" * 49, "class": "String", "truncated": True, "ref": None}
    assert wire.evaluate("'äääää'", print_limit=4)["value"]["print"] == "'ä"
    assert wire.evaluate("(1 to: 1000000) asOrderedCollection", print_limit=30)["value"]["truncated"] is True
    assert wire.evaluate("7", print_limit=0)["value"]["print"] == ""


def test_defaults_for_limits(wire: Wire) -> None:
    result = wire.call("evaluate", session_id=None, source="String new: 100000 withAll: $a")
    assert len(result["value"]["print"]) == 10_000


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"source": 5},
        {"source": None},
        {"source": "3", "time_limit_ms": 0},
        {"source": "3", "time_limit_ms": "1"},
        {"source": "3", "time_limit_ms": 1.5},
        {"source": "3", "print_limit": -1},
        {"source": "3", "session_id": 5},
        {"source": "3", "once": 5},
        {"source": "3", "once": "k" * 201},
    ],
    ids=lambda params: str(params)[:40],
)
def test_bad_parameters(wire: Wire, params: dict[str, object]) -> None:
    with pytest.raises(RemoteError) as caught:
        wire.call("evaluate", **params)
    assert caught.value.code == "InvalidRequest"


def test_an_unknown_session(wire: Wire) -> None:
    assert error_of(wire, "3", "never made").code == "SessionNotFound"


def test_source_has_a_limit(wire: Wire) -> None:
    error = error_of(wire, '"' + "x" * 1_100_000 + '"')
    assert (error.code, error.details) == ("LimitExceeded", {"started": False})


def test_the_time_limit(clients: Clients, wire: Wire, session: str) -> None:
    watch = Stopwatch(clients.agent.pid)
    error = error_of(wire, "Transcript show: 'begun'. (Delay forSeconds: 100) wait", session, time_limit_ms=300)
    assert error.code == "Timeout"
    assert error.details["output"] == "begun"
    assert 290 <= error.details["elapsed_ms"] < 1500 + watch.lost * 1000
    assert watch.seconds < 2
    assert wire.value("3 + 4", session) == "7"


def test_interrupt(clients: Clients, wire: Wire, session: str) -> None:
    number = wire.request("evaluate", session_id=session, source="(Delay forSeconds: 100) wait", time_limit_ms=60_000)
    wire.call("ping", message=1)
    wire.notify("interrupt", id=number)
    watch = Stopwatch(clients.agent.pid)
    with pytest.raises(RemoteError) as caught:
        wire.answer(number)
    assert caught.value.code == "Interrupted"
    assert watch.seconds < 1
    assert wire.value("3 + 4", session) == "7"


def test_interrupt_of_what_still_waits(wire: Wire, session: str) -> None:
    numbers = [
        wire.request("evaluate", session_id=session, source=source, time_limit_ms=10_000)
        for source in ("(Delay forMilliseconds: 300) wait. 1", "ran := true", "3")
    ]
    wire.notify("interrupt", id=numbers[1])
    with pytest.raises(RemoteError) as caught:
        wire.answer(numbers[1])
    assert caught.value.code == "Interrupted"
    assert wire.answer(numbers[0])["value"]["print"] == "1"
    assert wire.answer(numbers[2])["value"]["print"] == "3"
    assert wire.evaluate("ran", session)["outcome"] == "not_run"


def test_nobody_interrupts_another_client(clients: Clients) -> None:
    wire, other = clients(), clients("other")
    number = wire.request(
        "evaluate", session_id=None, source="(Delay forMilliseconds: 300) wait. 5", time_limit_ms=5000
    )
    for each in range(number + 3):
        other.notify("interrupt", id=each)
    assert wire.answer(number)["value"]["print"] == "5"


def test_answers_out_of_order(wire: Wire) -> None:
    slow = wire.request("evaluate", session_id=None, source="(Delay forMilliseconds: 300) wait. 1")
    quick = wire.request("evaluate", session_id=None, source="2")
    ping = wire.request("ping", message=3)
    wire.answer(ping)
    wire.answer(quick)
    assert slow not in wire.answers
    assert wire.answer(slow)["value"]["print"] == "1"


def test_one_session_keeps_the_order(wire: Wire, session: str) -> None:
    wire.value("list := OrderedCollection new", session)
    numbers = [wire.request("evaluate", session_id=session, source=f"list add: {number}") for number in range(200)]
    assert [wire.answer(number)["value"]["print"] for number in numbers] == [str(n) for n in range(200)]
    assert wire.value("list asArray = (0 to: 199) asArray", session) == "true"


def test_too_many_under_way(starter: Starter) -> None:
    agent = starter(KEYS[1], inFlight=3).start()
    wire = starter.clients_of(agent)()
    numbers = [
        wire.request("evaluate", session_id=None, source="(Delay forMilliseconds: 300) wait. 1") for _ in range(4)
    ]
    with pytest.raises(RemoteError) as caught:
        wire.answer(numbers[3])
    assert (caught.value.code, caught.value.details) == ("LimitExceeded", {"started": False})
    assert [wire.answer(number)["value"]["print"] for number in numbers[:3]] == ["1"] * 3


COUNTING = "Smalltalk at: #StuiCounted put: (Smalltalk at: #StuiCounted ifAbsent: [0]) + 1. Smalltalk at: #StuiCounted"


def test_once_runs_once(clients: Clients) -> None:
    wire = clients("once")
    wire.evaluate("Smalltalk at: #StuiCounted put: 0")
    first = wire.evaluate(COUNTING, once="key")
    again = clients("once").evaluate(COUNTING, once="key")
    assert first["value"]["print"] == again["value"]["print"] == "1"
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert wire.evaluate(COUNTING, once="another")["value"]["print"] == "2"
    assert clients("somebody else").evaluate(COUNTING, once="key")["value"]["print"] == "3"


def test_once_while_the_first_still_runs(wire: Wire) -> None:
    wire.evaluate("Smalltalk at: #StuiCounted put: 0")
    numbers = [
        wire.request(
            "evaluate",
            session_id=None,
            source="(Delay forMilliseconds: 200) wait. " + COUNTING,
            time_limit_ms=5000,
            once="shared",
        )
        for _ in range(3)
    ]
    results = [wire.answer(number) for number in numbers]
    assert [result["value"]["print"] for result in results] == ["1"] * 3
    assert [result["repeated"] for result in results] == [False, True, True]


def test_once_after_the_client_vanished(clients: Clients) -> None:
    lost = clients("lost")
    lost.request(
        "evaluate", session_id=None, source="(Delay forMilliseconds: 200) wait. 'did it'", time_limit_ms=5000, once="k"
    )
    lost.call("ping", message=1)
    lost.close()
    again = clients("lost").evaluate("'must not run'", once="k", time_limit_ms=5000)
    assert again["value"]["print"] == "'did it'"
    assert again["repeated"] is True


def test_once_repeats_failures_too(wire: Wire) -> None:
    assert error_of(wire, "[true] whileTrue", once="loop", time_limit_ms=100).code == "Timeout"
    start = time.monotonic()
    assert error_of(wire, "[true] whileTrue", once="loop", time_limit_ms=20_000).code == "Timeout"
    assert time.monotonic() - start < 15
    assert wire.evaluate("1/0", once="zero")["outcome"] == "raised"
    assert wire.evaluate("3", once="zero")["error"]["class"] == "ZeroDivide"


def test_receipts_are_bounded(starter: Starter) -> None:
    agent = starter(KEYS[1], receipts=10).start()
    wire = starter.clients_of(agent)()
    for number in range(12):
        wire.evaluate(str(number), once=f"key-{number}")
    assert wire.evaluate("'again'", once="key-11")["value"]["print"] == "11"
    assert wire.evaluate("'again'", once="key-0")["value"]["print"] == "'again'"


def test_classes_and_methods_by_message(wire: Wire) -> None:
    wire.value(
        "Object subclass: #StuiTold instanceVariableNames: 'a' classVariableNames: '' "
        "poolDictionaries: '' category: 'x'. StuiTold compile: 'answer [ ^41 ]'"
    )
    assert wire.value("StuiTold new answer + 1") == "42"


def test_classes_and_methods_by_definition(wire: Wire) -> None:
    source = """Object subclass: StuiMade [
        | count | <comment: 'made [ by ] a test'>
        Limit := 10.
        StuiMade class >> fresh [ ^self new setUp ]
        setUp [ <category: 'x'> count := 0 ]
        + n [ "a ] here" count := count + n. ^self ]
        at: a with: b [ ^{a. $]. ']'. b. Limit. count} ]
    ]
    StuiMade extend [ more [ ^77 ] ]"""
    assert wire.value(source) == "StuiMade"
    assert wire.value("(StuiMade fresh + 5) at: 1 with: #two") == "(1 $] ']' #two 10 5 )"
    assert wire.value("StuiMade comment -> StuiMade new more") == "'made [ by ] a test'->77"
    assert wire.value("StuiMade class extend [ other [ ^8 ] ]") == "StuiMade class"
    assert wire.value("StuiMade >> single [ ^9 ]") == "StuiMade"
    assert wire.value("StuiMade other + StuiMade new single") == "17"


@pytest.mark.parametrize(
    ("source", "line", "told"),
    [
        ("Object subclass: StuiBad [\n a [ ^1 ]\n b [\n ^3 + ] ]", 4, "expected"),
        ("Object subclass: StuiBad [\n a [ ^unknown ] ]", 2, "unknown"),
        ("StuiNowhere extend [ a [ ^1 ] ]", 1, "StuiNowhere"),
        ("StuiNowhere >> a [ ^1 ]", 1, "StuiNowhere"),
        ("Object subclass: StuiBad [ ].\n3 + 4", 2, "definition"),
    ],
)
def test_bad_definitions(wire: Wire, source: str, line: int, told: str) -> None:
    result = wire.evaluate(source)
    assert result["outcome"] == "not_run"
    assert told in result["error"]["message"]
    assert result["error"]["line"] == line


def test_the_time_runs_in_the_image(clients: Clients, wire: Wire) -> None:
    watch = Stopwatch(clients.agent.pid)
    taken = wire.evaluate("(Delay forMilliseconds: 100) wait")["elapsed_ms"]
    assert 90 <= taken < 400 + watch.lost * 1000


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("Object subclass: StuiHalf [ a [ ^1 ] ]\n3 + 4", 2),
        ("Object subclass: StuiHalf [ a [ ^1 ] ]\nStuiHalf extend [ b [ ^3 + ] ]", 2),
        ("Object subclass: StuiHalf [ a [ ^1 ]\n b [ ^3 + ] ]", 2),
        ("Object subclass: StuiHalf [ a [ ^1 ] ]\nStuiNowhere extend [ b [ ^1 ] ]", 2),
        ("Object subclass: StuiHalf [ a [ ^1 ] ]\nObject subclass: StuiOther [\n b [ ^missing ] ]", 3),
        ("StuiKept extend [ a [ ^2 ] ]\nStuiKept extend [ a [ ^missing ] ]", 2),
    ],
)
def test_not_run_means_that_nothing_was_changed(wire: Wire, source: str, line: int) -> None:
    """A text is read and compiled whole before any of it is installed."""
    wire.value("Object subclass: StuiKept [ a [ ^1 ] ]")
    result = wire.evaluate(source)
    assert (result["outcome"], result["error"]["line"]) == ("not_run", line)
    assert wire.value("(Smalltalk includesKey: #StuiHalf) | (Smalltalk includesKey: #StuiOther)") == "false"
    assert wire.value("StuiKept new a") == "1"
    assert wire.value("StuiKept subclasses size + StuiKept class subclasses size") == "0"


def test_definitions_that_need_each_other(wire: Wire) -> None:
    """Variables of all kinds, inherited ones, a class that comes later, one that was there."""
    wire.value("Object subclass: StuiBase [ |base| Shared := 3. base [ ^base ] base: x [ base := x ] ]")
    source = """StuiBase subclass: StuiUp [ |own| StuiUp class [ |count| ]
        StuiUp class >> counted [ ^count := 8 ]
        own [ own := 4. ^own + base + Shared ]
        later [ ^StuiLater new five ] ]
    StuiUp subclass: StuiLater [ five [ ^base + 5 + own ] own: x [ own := x ] ]
    StuiUp extend [ |added| added [ added := 6. ^added + own ] ]
    StuiBase extend [ twice [ ^base * 2 + Shared ] ]
    StuiUp class extend [ again [ ^count ] ]"""
    assert wire.value(source) == "StuiUp class"
    assert wire.value("(StuiUp new base: 1) own") == "8"
    assert wire.value("(StuiLater new base: 1; own: 2) five") == "8"
    assert wire.value("StuiUp counted + StuiUp again") == "16"
    assert wire.value("(StuiUp new base: 2; own; yourself) twice") == "7"
    assert wire.value("| up | up := StuiUp new base: 1. up own. up added") == "10"
    assert wire.value("SystemExceptions.NotFound extend [ stuiMade [ ^#made ] ]") == "SystemExceptions.NotFound"


def test_what_was_installed_before_it_failed_is_no_text_that_did_not_run(wire: Wire) -> None:
    wire.value("Smalltalk at: #StuiClash put: 3")
    result = wire.evaluate("Object subclass: StuiFirst [ a [ ^1 ] ]\nObject subclass: StuiClash [ b [ ^2 ] ]")
    if wire.value("Smalltalk includesKey: #StuiFirst") == "true":
        assert result["outcome"] != "not_run", result
