"""Looking at the code of an image, and comparing it with that of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stui_cli.contract.code import code_item
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import NotFound, ProtocolBroken
from stui_cli.protocol.code import Browse, Browsed, CodeItem
from stui_cli.work.talking.reach import reach
from stui_cli.work.workbench import Workbench, known_image

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stui_cli.image.client import Client

# How many items come with one answer: of methods with their text a thousand are some 300 kB.
_PAGE = 1_000

# So many items, and so many characters of text, are taken of one image: the largest have some 200,000 methods.
_MOST_ITEMS = 1_000_000
_MOST_TEXT = 64 * 1024 * 1024


class Wish(NamedTuple):
    """What is to be seen: `of` is a package, class, Class>>selector or selector, None for all; `time_s` for it all."""

    what: str
    of: str | None
    pattern: str | None
    time_s: float


class Unlike(NamedTuple):
    """A thing that two images have not alike: `here` and `there`, None where it is missing."""

    name: str
    here: CodeItem | None
    there: CodeItem | None


class Found(NamedTuple):
    """What fits the wish in an image, in its order, and the dialect of that image. Of a whole class's source also its
    `comment`, None where it has none."""

    items: list[CodeItem]
    dialect: str
    comment: str | None = None


def browse(bench: Workbench, image_name: str, wish: Wish) -> Found:
    """All that fits the wish in one image. Raises NotFound for an unknown class, method or package, ProtocolBroken for
    a listing without end."""
    state = bench.store.read()
    image = known_image(state, image_name)
    with reach(bench, state, image) as client:
        deadline = Deadline.after(wish.time_s)
        items: list[CodeItem] = []
        total, text = 1, 0
        try:
            while len(items) < total:
                asked = Browse(wish.what, wish.of, wish.pattern, len(items) + 1, _PAGE)
                page = client.call(asked, Browsed, deadline)
                items += page.items
                text += sum(len(item.source or "") for item in page.items)
                if len(page.items) > _PAGE or len(items) > _MOST_ITEMS or text > _MOST_TEXT:
                    raise ProtocolBroken(
                        f"{image.name} told of {len(items)} items and did not come to an end",
                        todo=f"ask for less (--pattern), or check its agent: stui doctor {image.name}",
                        image=image.name,
                    )
                total = page.total if page.items else 0  # of what shrinks meanwhile
            comment = _comment(client, wish, deadline) if is_whole_class(wish.what, items) else None
        except NotFound as error:
            if error.answer != "ObjectNotFound":
                raise
            raise _unknown(image.name, wish) from error
        return Found(items, client.greeting.dialect, comment)


def is_whole_class(what: str, found: Sequence[CodeItem]) -> bool:
    """Whether it is a class with its definition and all its methods: the definition comes first, and is no method's."""
    return what == "source" and bool(found) and found[0].selector is None


def _comment(client: Client, wish: Wish, deadline: Deadline) -> str | None:
    """Of the class whose source was asked for: its definition tells no comment in any dialect."""
    page = client.call(Browse("comment", wish.of, None, 1, 1), Browsed, deadline)
    return (page.items[0].source or None) if page.items else None


def differences(here: Sequence[CodeItem], there: Sequence[CodeItem]) -> Iterator[Unlike]:
    """What two images have not alike, in the order of the first, then what only the other has."""
    others = {code_name(item): item for item in there}
    for item in here:
        name = code_name(item)
        other = others.pop(name, None)
        if other != item:
            yield Unlike(name, item, other)
    for name, item in others.items():
        yield Unlike(name, None, item)


def code_name(item: CodeItem) -> str:
    """As `stui browse source` takes it: Foo, Foo>>bar:, Foo class>>bar:; of a package its name."""
    if item.class_name is None:
        return item.package or ""
    if item.selector is None:
        return item.class_name
    side = " class" if item.side == "class" else ""
    return f"{item.class_name}{side}>>{item.selector}"


def code_item_of(image: str, code: CodeItem) -> dict[str, object]:
    """A thing for programs."""
    return code_item(
        code_name(code),
        image,
        package=code.package,
        class_name=code.class_name,
        side=code.side,
        selector=code.selector,
        category=code.category,
        superclass=code.superclass,
        source=code.source,
    )


def unlike_item(images: tuple[str, str], unlike: Unlike) -> dict[str, object]:
    """The item of a thing that two images, named in order, have not alike."""
    code = unlike.here or unlike.there
    assert code is not None
    only_in = None if unlike.here and unlike.there else images[0] if unlike.here else images[1]
    more = {
        "against": images[1],
        "difference": "missing" if only_in else "differs",
        "only_in": only_in,
        "there": unlike.there.source if unlike.there else None,
    }
    return code_item_of(images[0], code) | ({} if unlike.here else {"source": None}) | more


def _unknown(image: str, wish: Wish) -> NotFound:
    of = wish.of or ""
    class_name, arrows, _ = of.partition(">>")
    class_name = class_name.removesuffix(" class")
    if wish.what == "classes":
        return NotFound(f"{image} knows no package {of!r}", todo="see `stui browse packages`", image=image)
    todo = f"see `stui browse classes --pattern '*{class_name}*'`"
    if arrows:
        todo += f", or `stui browse methods {class_name}`"
    return NotFound(f"{image} knows no {'method' if arrows else 'class'} {of}", todo=todo, image=image)
