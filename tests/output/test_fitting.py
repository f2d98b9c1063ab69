from hypothesis import given
from hypothesis import strategies as st

from stui_cli.output.fitting import GAP, Span, fit

NAME, STATUS, ADDRESS, VERSION = (
    Span(10, 10, True),
    Span(8, 8, False),
    Span(30, 12, False),
    Span(20, 12, False),
)


def test_natural_widths_where_there_is_room() -> None:
    assert fit([NAME, STATUS, ADDRESS], 52) == [10, 8, 30]
    assert fit([NAME, STATUS, ADDRESS], None) == [10, 8, 30]


def test_the_widest_gives_way_first() -> None:
    assert fit([NAME, STATUS, ADDRESS, VERSION], 70) == [10, 8, 26, 20]
    assert fit([NAME, STATUS, ADDRESS, VERSION], 61) == [10, 8, 19, 18]
    assert fit([NAME, STATUS, ADDRESS, VERSION], 48) == [10, 8, 12, 12]


def test_a_word_is_broken_only_where_nothing_else_helps() -> None:
    addresses = ADDRESS._replace(whole=30)
    assert fit([NAME, STATUS, addresses, VERSION], 70) == [10, 8, 30, 16]
    assert fit([NAME, STATUS, addresses, VERSION], 66) == [10, 8, 30, 12]
    assert fit([NAME, STATUS, addresses, VERSION], 65) == [10, 8, 21, 20]


def test_then_it_is_left_out_and_the_rest_has_its_room() -> None:
    assert fit([NAME, STATUS, ADDRESS, VERSION], 47) == [10, 8, 25, None]
    assert fit([NAME, STATUS, ADDRESS, VERSION], 20) == [10, 8, None, None]


def test_what_is_spare_is_left_out_first_wherever_it_stands() -> None:
    spare = STATUS._replace(spare=True)
    assert fit([NAME, spare, ADDRESS, VERSION], 47) == [10, None, 17, 16]
    assert fit([NAME, spare, ADDRESS, VERSION], 37) == [10, None, 25, None]
    assert fit([NAME, STATUS, ADDRESS._replace(wish=24), spare, VERSION], 65) == [10, 8, 24, None, 17]


def test_no_table_where_only_names_would_be_left() -> None:
    assert fit([NAME, STATUS, ADDRESS], 19) is None


def test_no_table_where_not_even_what_is_kept_has_room() -> None:
    assert fit([NAME, NAME], 21) is None
    assert fit([NAME, NAME], 22) == [10, 10]


def test_what_a_column_wishes_for_comes_before_those_right_of_it() -> None:
    wishing = ADDRESS._replace(wish=24)
    assert fit([NAME, STATUS, wishing, VERSION], 60) == [10, 8, 24, 12]
    assert fit([NAME, STATUS, wishing, VERSION], 59) == [10, 8, 30, None]
    assert fit([NAME, STATUS, wishing, VERSION, VERSION], 60) == [10, 8, 24, 12, None]
    assert fit([NAME, STATUS, wishing, VERSION._replace(keep=True)], 59) == [10, 8, 23, 12]


def test_a_wish_is_no_reason_to_leave_its_own_column_out() -> None:
    assert fit([NAME, STATUS, ADDRESS._replace(wish=24)], 40) == [10, 8, 18]


SPANS = st.builds(
    lambda least, more, keep, wish: Span(least + more, least, keep, min(wish, least + more)),
    st.integers(0, 30),
    st.integers(0, 60),
    st.booleans(),
    st.integers(0, 90),
)


@given(st.lists(SPANS, min_size=1, max_size=12), st.integers(1, 300))
def test_what_fits_fits(spans: list[Span], room: int) -> None:
    widths = fit(spans, room)
    if widths is not None:
        shown = [width for width in widths if width is not None]
        assert sum(shown) + GAP * (len(shown) - 1) <= room
        for span, width in zip(spans, widths, strict=True):
            assert span.least <= width <= span.width if width is not None else not span.keep
