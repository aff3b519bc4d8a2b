"""The drawing of who promised what to whom: for any promises, nothing is lost or written over."""

from collections import Counter
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from app.representations.pages.diagram import (
    FEW,
    FEW_SIDES,
    NOBODY,
    Actors,
    Lines,
    Promise,
    lines_of,
    narrow_lines_of,
)
from app.representations.pages.dots import MOST_ACTORS, Dots, dots_of
from app.representations.pages.lettering import Label, fitted, width_of

Box = tuple[float, float, float, float]

names = st.text(min_size=1, max_size=60) | st.sampled_from(
    [
        "Japan",
        "United States",
        "Lao People's Democratic Republic",
        "W" * 40,
        "日本" * 20,
        "e\u0301" * 40,
    ]
)


@st.composite
def promises(draw: st.DrawFn, most: int, actors: int) -> list[Promise]:
    """Some promises between some of so many actors, alone, together or not named."""
    everybody = [(f"actor-{at}", draw(names)) for at in range(draw(st.integers(1, actors)))]
    some = st.lists(st.sampled_from(everybody), max_size=3, unique=True).map(tuple)
    sides = st.tuples(some, some, names, st.booleans())
    return [
        Promise(f"promise-{at}", title, f"/commitments/promise-{at}", by, to, beside)
        for at, (by, to, title, beside) in enumerate(
            draw(st.lists(sides, min_size=1, max_size=most))
        )
    ]


def apart(boxes: list[Box]) -> bool:
    return not any(
        a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
        for a, b in combinations(boxes, 2)
    )


def inside(box: Box, width: float, height: float) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height


def check_lines(drawing: Lines, made: list[Promise]) -> None:
    labels = [label for bar in drawing.bars for label in bar.labels]
    labels += [label for line in drawing.lines for label in line.labels]
    boxes = [label.box for label in labels if label.text]
    assert apart(boxes)
    assert all(inside(box, drawing.width, drawing.height) for box in boxes)
    assert Counter(line.promise.id for line in drawing.lines) == Counter(p.id for p in made)
    for bar in drawing.bars:
        assert bar.y >= 0
        assert bar.y + bar.height <= drawing.height


@given(promises(FEW, FEW_SIDES))
def test_each_of_few_promises_is_a_line_with_room_for_its_words(made: list[Promise]) -> None:
    check_lines(lines_of(made), made)
    check_lines(narrow_lines_of(made), made)


def upright(label: Label) -> Box:
    """The room of a label that is turned about its place to read upwards."""
    return (
        label.x - 0.8 * label.size,
        label.y - width_of(label.text, label.size),
        label.x + 0.25 * label.size,
        label.y,
    )


def pairs(made: list[Promise]) -> Counter[tuple[str, str]]:
    """How many promises each made to each; nobody has no id."""

    def ids(actors: Actors) -> list[str]:
        return [id_ for id_, _ in actors] or [""]

    return Counter((by, to) for promise in made for by in ids(promise.by) for to in ids(promise.to))


def check_dots(drawing: Dots) -> None:
    boxes = [*(label.box for label in drawing.rows), *map(upright, drawing.columns)]
    assert apart(boxes)
    assert all(inside(box, drawing.width, drawing.height) for box in boxes)
    dots = [
        (dot.x - dot.side / 2, dot.y - dot.side / 2, dot.x + dot.side / 2, dot.y + dot.side / 2)
        for dot in drawing.dots
    ]
    assert apart(dots)
    assert all(inside(box, drawing.width, drawing.height) for box in dots)


@given(promises(120, MOST_ACTORS))
def test_many_promises_are_counted_where_who_and_whom_meet(made: list[Promise]) -> None:
    drawing = dots_of(made)
    check_dots(drawing)
    assert drawing.undrawn == 0
    assert {(dot.by[0], dot.to[0]): len(dot.promises) for dot in drawing.dots} == dict(pairs(made))


def test_where_there_are_more_actors_than_places_it_is_said_how_much_is_not_drawn() -> None:
    made = [
        Promise(
            f"p-{at}", "A promise", f"/commitments/p-{at}", ((f"a-{at}", f"A {at}"),), (), False
        )
        for at in range(MOST_ACTORS + 7)
    ]
    drawing = dots_of(made)
    check_dots(drawing)
    assert len(drawing.dots) == MOST_ACTORS
    assert drawing.undrawn == 7
    assert [label.text for label in drawing.columns] == [NOBODY.capitalize()]


@given(names, st.floats(30, 400), st.integers(1, 3))
def test_text_is_broken_and_cut_to_fit(text: str, width: float, lines: int) -> None:
    pieces = fitted(text, width, 14, lines)
    assert 1 <= len(pieces) <= lines
    assert all(width_of(line, 14) <= width for line in pieces)


def test_a_text_that_fits_is_whole_and_one_that_is_cut_says_so() -> None:
    assert fitted("Closer ties with NATO", 400, 14) == ["Closer ties with NATO"]
    assert fitted("Closer ties with NATO", 90, 14, lines=2) == ["Closer ties", "with NATO"]
    [cut] = fitted("Closer ties with NATO", 90, 14)
    assert cut.startswith("Closer")
    assert cut.endswith("…")
    assert fitted("\u202egnp\u202c e\u0301\u0301\u0301\u0301\nx", 400, 14) == [
        "gnp e\u0301\u0301 x"
    ]
