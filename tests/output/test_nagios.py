"""The line of a plug-in, as the development guidelines of Nagios have it."""

from __future__ import annotations

from stui_cli.output.nagios import LONGEST_LINE, performance, plugin_line


def test_the_line() -> None:
    assert plugin_line("OK", "all is well", ["'a'=1ms"]) == "STUI OK - all is well | 'a'=1ms"
    assert plugin_line("UNKNOWN", "no store") == "STUI UNKNOWN - no store"


def test_foreign_text_stays_one_line_without_a_bar() -> None:
    line = plugin_line("CRITICAL", "a | b\n\x1b[31mc" + "x" * 9_000)
    assert line.startswith("STUI CRITICAL - a / b \\x1b[31mc")
    assert len(line) < 4_100


def test_performance_data() -> None:
    assert performance("alpha", 1.25, "ms", ("100", "@5:500", 0)) == "'alpha'=1.25ms;100;@5:500;0"
    assert performance("alpha", None, "ms", (None, None, 0)) == "'alpha'=U;;;0"
    assert performance("it's=", 0.0) == "'it''s_'=0"
    assert performance("a|b;c\nd", 1) == "'a/b:c d'=1"
    assert performance("long", 12_345_678.0, "ms") == "'long'=12345678ms"  # no exponent, which is no number there


def test_nothing_of_a_text_ends_it_early() -> None:
    assert plugin_line("OK", "one; two | three\r\nfour") == "STUI OK - one: two / three four"


def test_of_many_images_the_line_has_as_many_as_every_monitor_reads() -> None:
    many = [performance(f"image-{number}", number, "ms", ("100", "500", 0)) for number in range(500)]
    line = plugin_line("OK", "é" * 2_000, many, performance("ok", 500, "", (None, None, 0, 500)))
    assert 3_800 < len(line.encode()) < LONGEST_LINE
    text, data = line.split(" | ")
    kept = data.split()
    assert kept == [*many[: len(kept) - 1], "'ok'=500;;;0;500"]
    assert text.endswith(f"é... (room for {len(kept) - 1} of 500 latencies)")
