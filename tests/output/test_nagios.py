"""The line of a plug-in, as the development guidelines of Nagios have it."""

from __future__ import annotations

from stui_cli.output.nagios import performance, plugin_line


def test_the_line() -> None:
    assert plugin_line("OK", "all is well", ["'a'=1ms"]) == "STUI OK - all is well | 'a'=1ms"
    assert plugin_line("UNKNOWN", "no store") == "STUI UNKNOWN - no store"


def test_foreign_text_stays_one_line_without_a_bar() -> None:
    line = plugin_line("CRITICAL", "a | b\n\x1b[31mc" + "x" * 9_000)
    assert line.startswith("STUI CRITICAL - a / b \\x1b[31mc")
    assert len(line) < 4_100


def test_performance_data() -> None:
    assert performance("alpha", 1.25, "ms", (100.0, 500.0, 0.0)) == "'alpha'=1.25ms;100;500;0"
    assert performance("alpha", None, "ms", (None, None, 0.0)) == "'alpha'=U;;;0"
    assert performance("it's=", 0.0) == "'it''s_'=0"
