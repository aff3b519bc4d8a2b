"""Pictures of figures, as SVG."""

import math
from html import escape

_ROW, _LEFT, _WIDTH, _TOP = 30, 250, 760, 54
_STYLE = (
    "text{font:14px system-ui,sans-serif;fill:#1b1c1e}.t{font-size:17px;font-weight:600}"
    ".grid{stroke:#e2ded2}.curve{stroke:#0b4a8f;stroke-width:2;fill:none}"
    ".curve circle{fill:#0b4a8f;stroke:none}.v{font-size:13px;fill:#595d64}"
    ".ours{fill:#0b4a8f}.bar{fill:#b9b4a6}rect.bg{fill:#fdfcf8}"
    "@media(prefers-color-scheme:dark){text{fill:#e8e6e1}.v{fill:#a6aab1}rect.bg{fill:#14161a}"
    ".ours{fill:#8fbdf2}.bar{fill:#5b6068}.grid{stroke:#33373d}"
    ".curve{stroke:#8fbdf2}.curve circle{fill:#8fbdf2}}"
)


def bars(title: str, values: list[tuple[str, float]]) -> str:
    """A bar for each value, in their order; Readout's own stand out."""
    most = max(value for _, value in values)
    height = _TOP + _ROW * len(values) + 12
    said = ", ".join(f"{name} {value:,.0f}" for name, value in values)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}: {escape(said)}"><style>{_STYLE}</style>'
        f'<rect class="bg" width="{_WIDTH}" height="{height}"/>'
        f'<text class="t" x="16" y="32">{escape(title)}</text>'
    ]
    for at, (name, value) in enumerate(values):
        y = _TOP + _ROW * at
        width = max(1, (_WIDTH - _LEFT - 90) * value / most)
        kind = "ours" if name.startswith("Readout") else "bar"
        parts.append(
            f'<text x="{_LEFT - 10}" y="{y + 17}" text-anchor="end">{escape(name)}</text>'
            f'<rect class="{kind}" x="{_LEFT}" y="{y + 3}" width="{width:.1f}" '
            f'height="{_ROW - 10}" rx="2"/>'
            f'<text class="v" x="{_LEFT + width + 8:.1f}" y="{y + 17}">{value:,.0f}</text>'
        )
    return "".join([*parts, "</svg>\n"])


def curves(title: str, values: dict[str, list[tuple[int, float]]]) -> str:
    """A curve for each name through its points; both axes are logarithmic."""
    points = [point for curve in values.values() for point in curve]
    left, right, top, bottom = 60, 470, 60, 360
    most_x, least_x = (f(x for x, _ in points) for f in (max, min))
    powers = range(
        math.floor(math.log10(min(y for _, y in points))),
        math.ceil(math.log10(max(y for _, y in points))) + 1,
    )

    def x_of(x: float) -> float:
        return left + (right - left) * math.log(x / least_x) / math.log(most_x / least_x)

    def y_of(y: float) -> float:
        return bottom - (bottom - top) * (math.log10(y) - powers[0]) / (powers[-1] - powers[0])

    said = "; ".join(
        f"{name}: " + ", ".join(f"{y:.2f} at {x:,}" for x, y in curve)
        for name, curve in values.items()
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {bottom + 40}" role="img" '
        f'aria-label="{escape(title)}: {escape(said)}"><style>{_STYLE}</style>'
        f'<rect class="bg" width="{_WIDTH}" height="{bottom + 40}"/>'
        f'<text class="t" x="16" y="32">{escape(title)}</text>'
    ]
    for power in powers:
        y = y_of(10**power)
        parts.append(
            f'<path class="grid" d="M{left} {y:.1f}H{right}"/>'
            f'<text class="v" x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{10**power:g}</text>'
        )
    parts += [
        f'<text class="v" x="{x_of(x):.1f}" y="{bottom + 24}" text-anchor="middle">{x:,}</text>'
        for x in sorted({x for x, _ in points})
    ]
    lowest = math.inf  # of the names so far, which must not cover each other
    for name, curve in sorted(values.items(), key=lambda entry: entry[1][-1][1]):
        line = "L".join(f"{x_of(x):.1f} {y_of(y):.1f}" for x, y in curve)
        dots = "".join(f'<circle cx="{x_of(x):.1f}" cy="{y_of(y):.1f}" r="3.5"/>' for x, y in curve)
        end = y_of(curve[-1][1])
        lowest = min(end, lowest - 20)
        parts.append(
            f'<g class="curve"><path d="M{line}"/>{dots}</g>'
            f'<text x="{right + 14}" y="{lowest + 5:.1f}">{escape(name)}</text>'
        )
    return "".join([*parts, "</svg>\n"])
