"""`stui browse`: packages, classes, methods and their text, in one image or against another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.contract.code import CLASSES, CODE, DIFFERENCES, FOUND, METHODS, MORE_UNLIKE, PACKAGES
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, command
from stui_cli.model.errors import UsageProblem
from stui_cli.model.exits import Exit
from stui_cli.model.results import Column, Result
from stui_cli.model.visible import visible
from stui_cli.option_types import TimeLimit, option
from stui_cli.work.meant.target import meant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stui_cli.protocol.code import CodeItem
    from stui_cli.work.code.browse import Unlike

COLUMNS: dict[str, Sequence[Column]] = {
    "packages": PACKAGES,
    "classes": CLASSES,
    "methods": METHODS,
    "source": FOUND,
    "comment": CLASSES,
    "hierarchy": CLASSES,
    "implementors": FOUND,
    "senders": FOUND,
}


# In strings and comments of their chunks a mark is a mark, and two are two.
_TAKES_MARKS = frozenset({"gst"})


def meant_by(what: str, words: Sequence[str]) -> str | None:
    """The words as the one text that an image takes: Foo '>>bar:', Foo class, and for a source Foo bar: as well."""
    if not words:
        return None
    text = " ".join(words).replace(" >>", ">>").replace(">> ", ">>")
    if what == "source" and ">>" not in text and len(words) > 1 and words[-1] != "class":
        text = f"{' '.join(words[:-1])}>>{words[-1]}"
    return text


def as_text(what: str, found: Sequence[CodeItem], dialect: str, comment: str | None = None) -> str | None:
    """What people read instead of a table: the tree of a hierarchy, a text, or a whole class with its comment as a file
    of chunks, as the dialect reads it."""
    from stui_cli.work.code.browse import is_whole_class

    match what:
        case "hierarchy":
            return "\n".join(_tree(found))
        case "comment":
            return found[0].source or "" if found else ""
        case "source" if len(found) == 1 and not is_whole_class(what, found):
            return (found[0].source or "").rstrip()
        case "source":
            return "\n".join(_chunks(found, comment, doubled=dialect not in _TAKES_MARKS))
        case _:
            return None


def _tree(found: Sequence[CodeItem]) -> Iterator[str]:
    depths: dict[str | None, int] = {}
    for each in found:
        depth = depths.get(each.superclass, -1) + 1
        depths[each.class_name] = depth
        yield "  " * depth + visible(each.class_name or "")


def _chunks(found: Sequence[CodeItem], comment: str | None, *, doubled: bool) -> Iterator[str]:
    """In the format that every dialect loads: a mark within a text is `doubled`, but where it stands for itself. What
    has no source would be loaded as an empty method: it is left out."""

    def chunk(text: str) -> str:
        return text.replace("!", "!!") if doubled else text

    for each in found:
        if each.source is None:
            continue
        source = chunk(each.source.strip())
        if each.selector is None:
            yield f"{source}!\n"
            if comment is not None:
                quoted = chunk(comment.replace("'", "''"))
                yield f"{each.class_name} comment: '{quoted}'!\n"
        else:
            side = " class" if each.side == "class" else ""
            category = (each.category or "as yet unclassified").replace("'", "''")
            yield f"!{each.class_name}{side} methodsFor: '{category}'!\n{source}! !\n"


def without_source(found: Sequence[CodeItem], image: str, dialect: str) -> Iterator[str]:
    """Says that methods have no source, as those of a playground's own classes."""
    from stui_cli.work.code.browse import code_name

    bare = [each for each in found if each.selector is not None and each.source is None]
    own = dialect == "playground"
    if len(bare) == 1:
        yield f"{code_name(bare[0])} has no source" + (
            ": it is a part of the playground itself" if own else f" in {image}"
        )
    elif bare:
        yield f"{len(bare)} methods have no source" + (
            ": they are parts of the playground itself" if own else f" in {image}"
        )


def compared(images: tuple[str, str], found: Sequence[Unlike], what: str) -> Result:
    """What is not alike. A text is told line by line, as patch takes it."""
    from stui_cli.work.code.browse import unlike_item

    items = [unlike_item(images, each) for each in found]
    text = "\n".join(_patch(images, found)) if what in ("source", "comment") and found else None
    return Result(CODE, items, DIFFERENCES, text=text, empty="no differences", is_diff=True)


def _patch(images: tuple[str, str], found: Sequence[Unlike]) -> Iterator[str]:
    from difflib import unified_diff

    for each in found:
        here, there = ((code.source or "").splitlines() if code else [] for code in (each.here, each.there))
        names = [f"{image}: {each.name}" for image in images]
        yield from unified_diff(here, there, names[0], names[1], lineterm="")


@command("code", name="browse", lists=True, adds=MORE_UNLIKE)
@click.argument("what", type=click.Choice(list(COLUMNS)), required=False, metavar="WHAT")
@click.argument("words", nargs=-1, metavar="[OF]...")
@option("--pattern", metavar="PATTERN", help="Only what has such a name: * and ? as in a shell.")
@option("--against", metavar="IMAGE", shell_complete=complete_image, help="Tell what this other image has not alike.")
@option("--exit-code", is_flag=True, help="With --against: exit with 8 if there are differences.")
@option("--time-limit", type=TimeLimit(), default="30s", show_default=True, metavar="DURATION",
              help="How long the image may look.")  # fmt: skip
def cli(
    invocation: Invocation,
    what: str | None,
    words: tuple[str, ...],
    pattern: str | None,
    against: str | None,
    exit_code: bool,
    time_limit: int,
) -> int:
    """Show packages, classes (of a package), methods (of a class), source (of a class or a method), a class's comment
    or hierarchy, implementors or senders (of a selector).

    OF is a class, as Foo or 'Foo class' (its class side), a method, as 'Foo>>bar:', a package or a selector. The source
    of a whole class is a file of chunks, its comment too, which `stui load` takes.
    """
    from stui_cli.work.code.browse import Wish, browse, code_item_of, differences

    if what is None:
        raise UsageProblem("what is to be shown?", todo=f"one of {', '.join(COLUMNS)}: stui browse classes")
    of = meant_by(what, words)
    if of is None and what not in ("packages", "classes"):
        raise UsageProblem(f"{what} of what?", todo=f"name it: stui browse {what} OF")
    bench = invocation.bench
    image = meant(bench, invocation.asked).target.image
    wish = Wish(what, of, pattern, time_limit / 1000)
    found = browse(bench.allowing(), image, wish)
    if against is not None:
        unlike = list(differences(found.items, browse(bench.allowing(), against, wish).items))
        result = compared((image, against), unlike, what)
        return invocation.show(result._replace(exit_code=Exit.PARTLY_DONE if unlike and exit_code else Exit.DONE))
    items = [code_item_of(image, code) for code in found.items]
    text = as_text(what, found.items, found.dialect, found.comment)
    is_source = what == "source" and text is not None
    notes = list(without_source(found.items, image, found.dialect)) if is_source else []
    return invocation.show(
        Result(CODE, items, COLUMNS[what], text=text, notes=notes, empty="none", is_source=is_source)
    )
