"""Pictures of figures, as SVG."""

from html import escape

_ROW, _LEFT, _WIDTH, _TOP = 30, 250, 760, 54
_STYLE = (
    "text{font:14px system-ui,sans-serif;fill:#1b1c1e}.t{font-size:17px;font-weight:600}"
    ".v{font-size:13px;fill:#595d64}.ours{fill:#0b4a8f}.bar{fill:#b9b4a6}rect.bg{fill:#fdfcf8}"
    "@media(prefers-color-scheme:dark){text{fill:#e8e6e1}.v{fill:#a6aab1}rect.bg{fill:#14161a}"
    ".ours{fill:#8fbdf2}.bar{fill:#5b6068}}"
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
