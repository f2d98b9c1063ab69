"""Sentences with moments in them: RFC 3339 as text, ages where people read them."""

from __future__ import annotations

import json

from stui_cli.model.phrases import From, Phrase
from stui_cli.model.times import Moment
from stui_cli.output.units import spoken

HOUR = 3_600_000
NOW = 1_760_000_000_000


def test_a_phrase_is_the_text_with_its_moments_written() -> None:
    began = Phrase("refused since ", Moment(NOW - 3 * HOUR))
    whole = Phrase("its image: ", began, "; gone ", From(Moment(NOW + 21 * HOUR)))
    text = "its image: refused since 2025-10-09T05:53:20.000Z; gone from 2025-10-10T05:53:20.000Z on"
    assert (whole, json.loads(json.dumps([whole]))) == (text, [text])
    assert spoken(whole, NOW) == "its image: refused since 3 h ago; gone in 21 h"
    assert spoken(Phrase("idle since ", Moment(NOW)), NOW) == "idle since a moment ago"
    assert spoken(Phrase("the last one of ", Moment(NOW), " stays"), NOW) == "the last one of just now stays"
    assert spoken(text, NOW) == text
    assert Phrase("since ", None) == spoken(Phrase("since ", None), NOW) == "since None"
