"""The dashboard and the page about operations name figures that there are."""

import json
import re

from app import metrics
from app.settings import PROJECT

DASHBOARD = json.loads((PROJECT / "deploy" / "grafana.json").read_text(encoding="utf-8"))
GUIDE = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
FIGURES = {
    family.name + suffix
    for family in metrics.registry().collect()
    for suffix in {"counter": ("_total",), "histogram": ("", "_bucket", "_count", "_sum")}.get(
        family.type, ("",)
    )
}


def named(text: str) -> set[str]:
    """The figures that a text names."""
    return set(re.findall(r"\breadout_[a-z_]+\b", text))


def test_every_figure_of_the_dashboard_is_served() -> None:
    expressions = [t["expr"] for panel in DASHBOARD["panels"] for t in panel["targets"]]
    assert len(expressions) > 10
    assert named(" ".join(expressions)) <= FIGURES
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]}
    assert len(places) == len({panel["id"] for panel in DASHBOARD["panels"]})


def test_every_figure_is_in_the_guide_and_no_other() -> None:
    ours = {name for name in FIGURES if name.startswith("readout_")}
    assert {name for name in ours if not name.endswith(("_bucket", "_count", "_sum"))} == named(
        GUIDE
    )
