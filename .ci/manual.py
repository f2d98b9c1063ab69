"""The manual pages, in the man(7) macros, from the command tree."""

from __future__ import annotations

import re
import sys
import textwrap
from typing import TYPE_CHECKING

from examples import EXAMPLES, RECIPES
from reference import ENVIRONMENT, EXITS, FILES, GLOSSARY, OWN_EXITS, UNWRITABLE
from topics import SECTIONS

from stui_cli import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from command_tree import Command, Option
    from topics import Part

_WRAPPER = textwrap.TextWrapper(78, break_long_words=False, break_on_hyphens=False)
_ESCAPES = str.maketrans({"\\": "\\e", "-": "\\-", "'": "\\(aq", "^": "\\(ha", "~": "\\(ti"})
_HEADER = '.\\" Made by .ci/derive.py from the command tree: change that instead.'


def manual_pages(root: Command, date: str) -> dict[str, str]:
    """Every page by its file name; `date` is that of the release, as YYYY-MM-DD."""
    return {f"{command.page}.1": _page(command, root, date) for command in root.walk()}


def _page(command: Command, root: Command, date: str) -> str:
    sections = _root_sections(root) if command is root else _command_sections(command)
    lines = [
        _HEADER,
        f'.TH {command.page.upper()} 1 {date} "stui {__version__}" "User Commands"',
        ".SH NAME",
        f"{_escaped(command.page)} \\- {_escaped(_uncapitalized(command.summary))}",
        ".SH SYNOPSIS",
        _synopsis(command),
        *sections,
        ".SH SEE ALSO",
        *_see_also(command, root),
    ]
    return "\n".join(lines) + "\n"


def _root_sections(root: Command) -> Iterator[str]:
    yield from (".SH DESCRIPTION", _text(root.help[0]))
    yield from _prose(
        "It knows all images of yours: which are up and how they are, which working sessions live in each, which one "
        "is meant when none is named, and what may be swept away because its image is gone. Each command reads the "
        "store, contacts the images that it needs, prints, and exits.",
    )
    for title, parts in SECTIONS.items():
        yield f".SH {title}"
        yield from _parts(parts)
    yield ".SH GLOSSARY"
    yield from _terms(GLOSSARY)
    yield ".SH COMMANDS"
    for command in root.walk():
        if not command.subcommands:
            yield from (".TP", f".B {_escaped(command.name)}", _text(command.summary))
    yield ".SH GLOBAL OPTIONS"
    yield _text(
        "They are accepted before and after the command; the last one given wins. `-i`, `-s` and `--home`, which name "
        "what is meant, are refused (2) where one of these places names two."
    )
    yield from _options(root.options)
    yield ".SH EXIT STATUS"
    yield from _terms({str(int(code)): text for code, text in EXITS.items()})
    yield from _prose(UNWRITABLE)
    yield ".SH ENVIRONMENT"
    yield from _terms(ENVIRONMENT)
    yield ".SH FILES"
    yield _text("All but the last two are in the store's directory, which belongs to one user alone.")
    yield from _terms(FILES)
    yield from _examples(root)


def _command_sections(command: Command) -> Iterator[str]:
    yield from (".SH DESCRIPTION", _text(command.help[0]))
    yield from _prose(*command.help[1:])
    if command.default:
        yield from _prose(f"Without a command it is `{command.name} {command.default}`.")
    if command.subcommands:
        yield ".SH COMMANDS"
        for sub in command.subcommands:
            yield from (".TP", f".B {_escaped(sub.name)}", _text(sub.summary))
    yield ".SH OPTIONS"
    yield from _options(command.options)
    yield ".SH GLOBAL OPTIONS"
    yield from ("The options of every command, such as", ".BR \\-i ,", ".B \\-o")
    yield from ("and", ".BR \\-y ,", "are described in", ".BR stui (1).")
    yield ".SH EXIT STATUS"
    yield from _exits_of(command)
    yield from _examples(command)


def _parts(parts: Iterable[Part]) -> Iterator[str]:
    """Prose and lists; the first paragraph stands right below the heading."""
    for number, part in enumerate(parts):
        if isinstance(part, str):
            yield from _prose(part) if number else (_text(part),)
        else:
            yield from _terms(part)


def _exits_of(command: Command) -> Iterator[str]:
    own = OWN_EXITS.get(command.name)
    if own is None:
        yield from ("0 if it is done; the other codes are those of", ".BR stui (1).")
    else:
        yield from _terms({str(int(code)): text for code, text in own.items()})
        if 3 not in own:  # a plug-in of Nagios has no others
            yield from (".PP", "The other codes are those of", ".BR stui (1).")


def _synopsis(command: Command) -> str:
    usage = [_bold(command.name), "[\\fIOPTION\\fR]..."]
    if command.subcommands:
        usage.append("[\\fICOMMAND\\fR]..." if command.default else "\\fICOMMAND\\fR ...")
    usage += [re.sub(r"[A-Z]+(?:_[A-Z]+)*", r"\\fI\g<0>\\fR", _escaped(each.synopsis)) for each in command.arguments]
    return " ".join(usage)


def _options(options: Iterable[Option]) -> Iterator[str]:
    for option in options:
        value = f" \\fI{_escaped(option.value.metavar)}\\fR" if option.value else ""
        yield ".TP"
        yield ", ".join(_bold(name) for name in option.names) + value
        choices = option.value.words if option.value else ()
        some = "One of" if len(choices) > 1 else "So far only"
        words = "" if all(word in option.help for word in choices) else f" {some} {', '.join(choices)}."
        default = f" Default: {option.default}." if option.default else ""
        again = " May be repeated." if option.repeatable and "repeat" not in option.help else ""
        yield _text(option.help + words + default + again)


def _terms(terms: Mapping[str, str]) -> Iterator[str]:
    for term, text in terms.items():
        yield from (".TP", _bold(term), _text(text))


def _examples(command: Command) -> Iterator[str]:
    yield ".SH EXAMPLES"
    if command.path not in EXAMPLES:
        sys.exit(f"derive: .ci/examples.py has no example of {command.name}")
    for why, line in EXAMPLES[command.path]:
        yield from (".TP", _bold(line), _text(why))
    for why, lines in RECIPES.get(command.path, ()):
        yield from (".PP", _text(why), ".PP", ".in +4n", ".EX", *map(_escaped, lines.split("\n")), ".EE", ".in")


def _see_also(command: Command, root: Command) -> Iterator[str]:
    related = {"stui"} | {sub.page for sub in command.subcommands}
    for group in root.walk():
        if command in group.subcommands:
            related |= {group.page}
    pages = [(page, 1) for page in sorted(related - {command.page})]
    if command.path in (("eval",), ("inspect",), ("load",)):
        pages.append(("stui-source", 7))
    if command is root or command.path[:1] == ("config",):
        pages.append(("stui-config", 5))
    if command.path[:1] == ("store",):
        pages += [("stui-store", 5), ("stui-teams", 7)]
    if command is root:
        pages += [("stui-store", 5), ("stui-source", 7), ("stui-teams", 7)]
    for page, section in pages:
        yield f".BR {_escaped(page)} ({section}){'' if (page, section) == pages[-1] else ','}"


def _prose(*paragraphs: str) -> Iterator[str]:
    for paragraph in paragraphs:
        if "\n" in paragraph:
            yield from (".PP", ".nf", *(_protected(_escaped(line)) for line in paragraph.splitlines()), ".fi")
        else:
            yield from (".PP", _text(paragraph))


def _text(text: str) -> str:
    """A paragraph; what stands in backquotes is bold."""
    parts = text.split("`")
    line = "".join(_bold(part) if number % 2 else _escaped(part) for number, part in enumerate(parts))
    # New sentence, new line, as man-pages(7) asks.
    sentences = re.sub(r"(?<=[a-z)0-9RI][.;:]) (?=[A-Z\\`])", "\n", line).split("\n")
    lines = [short for sentence in sentences for short in _WRAPPER.wrap(sentence)]
    return "\n".join(_protected(each) for each in lines)


def _protected(line: str) -> str:
    """A line that begins with a dot or a quote would be a request."""
    return "\\&" + line if line.startswith((".", "'")) else line


def _bold(text: str) -> str:
    return f"\\fB{_escaped(text)}\\fR"


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)


def _uncapitalized(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:].rstrip(".")
