"""`stui ping`: probe images, once or several times, and tell how long it took."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.contract.ping import LISTED, MORE, PING
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, command
from stui_cli.model.exits import Exit
from stui_cli.model.results import OutputMode, Result
from stui_cli.model.status import ProbeLevel
from stui_cli.option_types import Duration, Whole, option
from stui_cli.work.images.pinging import PingWish, Series, complaint, ping, series_item, spread_of
from stui_cli.work.meant.images import chosen_images
from stui_cli.work.meant.target import meant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.errors import StuiError
    from stui_cli.model.images import Image
    from stui_cli.model.probes import Probe


def ping_result(series: Sequence[Series], wish: PingWish, now: int, *, lines: Sequence[str]) -> Result:
    """The statistics. An image that never answered is an error, and so is one whose own processes get no turn."""
    items, errors, text = [], [], list(lines)
    for each in series:
        items.append(series_item(each, wish, now))
        if wish.rounds > 1 and each.probes:
            text.append(_statistics(each))
        if (error := complaint(each, wish)) is not None:
            errors.append(error)
    return Result(PING, items, text="\n".join(text), errors=errors, exit_code=_exit_code(series, errors))


def _exit_code(series: Sequence[Series], errors: Sequence[StuiError]) -> Exit:
    if not series or any(each.latencies for each in series):
        return Exit.PARTLY_DONE if errors else Exit.DONE
    codes = {error.exit_code for error in errors}
    all_met = all(each.probes for each in series)  # nobody asked one that is parked
    return codes.pop() if all_met and len(codes) == 1 else Exit.UNREACHABLE


def line(image: Image, probe: Probe) -> str:
    """One probe as people read it."""
    if probe.latency_ms is None:
        return f"{image.name} {image.address}: no answer: {probe.reason}"
    did = "accepted the connection" if probe.reached is ProbeLevel.TCP else "answered"
    return f"{image.name} {image.address}: {did} in {probe.latency_ms:.1f} ms"


def _statistics(series: Series) -> str:
    found, sent = series.latencies, len(series.probes)
    head = f"{series.image.name}: {sent} sent, {len(found)} answered, {100 * (sent - len(found)) / sent:.0f} % lost"
    if not found:
        return head
    average, deviation = spread_of(found)
    figures = (min(found), average, max(found), deviation)
    return f"{head}; min/avg/max/stddev {'/'.join(f'{figure:.2f}' for figure in figures)} ms"


@command("image", name="ping", lists=True, adds=MORE)
@click.argument("images", nargs=-1, metavar="[IMAGE]...", shell_complete=complete_image)
@option("-c", "--count", type=Whole(1), default=1, show_default=True, help="How often.")
@option("--interval", type=Duration(), default="1s", show_default=True, help="How long from one to the next.")
@option(
    "--level",
    type=click.Choice([level.value for level in ProbeLevel]),
    default=ProbeLevel.IMAGE.value,
    show_default=True,
    help="How far: its socket (tcp), its agent's greeting (rpc), or the image and its own processes.",
)
def cli(invocation: Invocation, images: tuple[str, ...], count: int, interval: int, level: str) -> int:
    """Ping the images named, or the current one.

    Each ping is a new connection, greeted and answered as far as --level says. With -c also the least, the mean and the
    longest time and the standard deviation. Exits with 5 if no image answers, with 4 if all refused the key, with 9 if
    other images answer, with 8 if some do not answer or are blocked.
    """
    bench = invocation.bench
    wish = PingWish(count, interval / 1000, ProbeLevel(level))
    state = bench.store.read()
    asked = invocation.asked.image
    names = images or ((asked,) if asked else (meant(bench, invocation.asked).target.image,))
    lines: list[str] = []
    for_people = invocation.mode in (OutputMode.AUTO, OutputMode.TABLE, OutputMode.PLAIN)

    def show(image: Image, probe: Probe) -> None:
        text = line(image, probe)
        if count == 1:
            if probe.latency_ms is not None:
                lines.append(text)
        elif for_people and not invocation.screen.selection.picks:
            from stui_cli.output.cleaning import clean

            invocation.screen.print(f"{clean(text)}\n")

    series = ping(bench, chosen_images(state, names, {}), wish, show)
    result = ping_result(series, wish, bench.clock(), lines=lines)
    code = invocation.show(result._replace(columns=LISTED) if for_people else result)
    invocation.tell_changes({each.image.name: each.record for each in series if each.record is not None})
    return code
