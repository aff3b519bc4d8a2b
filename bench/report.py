"""The figures as Markdown, and how a benchmark is called."""

import argparse
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.contests import Contest
from bench.data import Load
from bench.load import Measured
from bench.servers import Memory

README = Path(__file__).with_name("README.md")


class Run(NamedTuple):
    """One short run under load."""

    measured: Measured
    cpu: float
    """The server's processor time for an answer, in microseconds."""


class Beside(NamedTuple):
    """List pages as usual, and beside the slowest query."""

    calm: list[Run]
    disturbed: list[Run]
    slow: list[float]
    """How long each slow answer took, in seconds."""


class Result(NamedTuple):
    """What the rounds of a contest saw."""

    contest: Contest
    ours: list[Run]
    theirs: list[list[Run]]
    """Of each rival."""


def arguments(module: str, *, rounds: int, seconds: int = 2) -> argparse.ArgumentParser:
    """What every benchmark takes."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}")
    parser.add_argument("folder", type=Path, help="where the data is kept between runs")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--seconds", type=int, default=seconds, help="of each run in a round")
    parser.add_argument("--write", action="store_true", help="write the figures into README.md")
    return parser


def show(name: str, lines: list[str], options: argparse.Namespace) -> None:
    """Print them, and put them into the README if that is wanted."""
    print("\n".join(lines))
    if options.write:
        write(name, lines)


def compared(results: list[Result]) -> list[str]:
    """A line for each rival: medians of the rounds, and their ratios."""
    lines = [
        "| asked | a second | µs | held against | a second | µs | times | by µs | target |",
        "|---|--:|--:|---|--:|--:|--:|--:|--:|",
    ]
    for contest, ours, theirs in results:
        rate, cpu = _medians(ours)
        for rival, runs in zip(contest.rivals, theirs, strict=True):
            its_rate, its_cpu = _medians(runs)
            name = rival.name if rival.server == "readout" else f"Datasette's {rival.name}"
            target = f"{rival.target:.2f}" if rival.target else ""
            lines.append(
                f"| {contest.name} | {rate:,.0f} | {cpu:,.0f} | {name} | {its_rate:,.0f} "
                f"| {its_cpu:,.0f} | **{rate / its_rate:.2f}** | {its_cpu / cpu:.2f} | {target} |"
            )
    return lines


def alone(load: Load, start: float, memory: list[Memory], beside: Beside) -> list[str]:
    """What Readout is not compared in."""
    calm, disturbed = (median(run.measured.p99 for run in runs) for runs in beside[:2])
    return [
        "| Readout alone | | target |",
        "|---|--:|--:|",
        f"| check and load | {load.seconds:.0f} s | 300 s |",
        f"| its memory at the peak | {load.gibibytes:.2f} GiB | 2 GiB |",
        f"| start to first answer | {start:.2f} s | 1.5 s |",
        f"| private memory after the runs (anonymous) | {_memory(memory[0])} | 120 MB |",
        f"| the same after the slowest queries | {_memory(memory[1])} | |",
        f"| p99 of list pages | {calm:.1f} ms | |",
        f"| p99 beside the slowest query | {disturbed:.1f} ms ({disturbed / calm:.1f} times) "
        "| 3 times |",
        f"| the slowest query then takes | {median(beside.slow):.1f} s | |",
    ]


def write(name: str, lines: list[str]) -> None:
    """Put them between the marks of this name in the README, in the place of the last ones."""
    begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->\n"
    before, _, rest = README.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    text = f"{before}{begin}\n" + "\n".join(lines) + f"\n\n{end}{after}"
    README.write_text(text, encoding="utf-8")


def _medians(runs: list[Run]) -> tuple[float, float]:
    return median(run.measured.rate for run in runs), median(run.cpu for run in runs)


def _memory(memory: Memory) -> str:
    return f"{memory.private:.0f} MB ({memory.anonymous:.0f} MB)"
