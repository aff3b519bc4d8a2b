"""The commands for a bundle before it is loaded: its text, what that may hold, check and proof.

Each imports what it needs when it runs, as those of `app/cli.py` do.
"""

# ruff: noqa: PLC0415 - for the reason above

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from app.curation.reading import Finding, visible
from app.text import counted

FILES = click.argument("files", nargs=-1, required=True, metavar="FILES…")
STRICT = click.option("--strict", is_flag=True, help="Take warnings for problems.")


@click.command()
@FILES
@STRICT
def check(files: tuple[str, ...], *, strict: bool) -> None:
    """Find every problem of the files, taken together as one data set.

    A warning is what a field claims and no passage that is given for it says, and what was not
    compared with its text as the rest of its file was.
    """
    from app.curation.check import check as check_files

    warnings: list[Finding] = []
    findings = check_files(files, warnings)
    if strict:
        report(findings + warnings)
    else:
        report(findings, warnings=warnings)
    if strict or not warnings:
        name = visible(files[0]) if len(files) == 1 else f"{len(files)} files"
        click.echo(f"{name}: no problems")


@click.command()
@FILES
@click.option(
    "--text",
    "texts",
    multiple=True,
    metavar="DOCUMENT=FILE",
    help="The text of a document, as UTF-8. Repeat it for each document.",
)
@click.option("--fix", is_flag=True, help="Fill start, characters and sha256 into the files.")
def verify(files: tuple[str, ...], texts: tuple[str, ...], *, fix: bool) -> None:
    """Prove each passage against the text of its document, and say so in a proof beside its file.

    The proof of communique.json is communique.proof.json. A passage that is new, or edited
    afterwards, is published as not compared, until it is verified again.
    """
    from app.curation.verify import Texts, verify_files

    made = verify_files(files, Texts.read(texts), fix=fix)
    report(made.findings, made.notes)


@click.command()
@click.argument("source", metavar="SOURCE")
@click.option("-o", "--output", required=True, metavar="DOCUMENT.txt", help="Where to write it.")
def text(source: str, output: str) -> None:
    """Make the plain text of a document, in which passages are counted, of PDF, HTML or text.

    Says what it dropped (heads, feet and numbers of pages) and joined, so that you can look.
    """
    from app.curation.extract import extract
    from app.curation.verify import TextError
    from app.curation.writing import write_whole

    made = extract(source)
    there = Path(output)
    if there.exists() and there.read_bytes() != made.text.encode():
        raise TextError(
            f"{output}: is there already, with other words, in which passages may be counted; "
            "write to another name, or remove it first"
        )
    write_whole(output, made.text)
    for line in made.notes:
        click.echo(visible(line))
    paragraphs = made.text.count("\n\n") + 1
    size = f"{len(made.text):,} characters in {counted(paragraphs, 'paragraph')}"
    click.echo(f"{visible(output)}: written, {size}")


@click.command()
@click.argument("text_file", metavar="DOCUMENT.txt")
@click.option("--document", required=True, metavar="ID", help="The id of the document.")
@click.option(
    "--actors", multiple=True, metavar="FILE", help="A bundle or folder with actors to recognise."
)
@click.option("--we", multiple=True, metavar="ID", help="Who is meant by “we”: the id of an actor.")
@click.option("-o", "--output", metavar="FILE", help="Where to write it; else it is printed.")
def draft(
    text_file: str, document: str, actors: tuple[str, ...], we: tuple[str, ...], output: str | None
) -> None:
    """Propose what a text holds for the record, each with its passage and its rule.

    The same text gives the same proposals. They are JSON, to be looked at one by one:
    readout curate shows them beside the text.
    """
    from app.curation.proposals import Draft, actors_in
    from app.curation.seals import bundles
    from app.curation.verify import Texts
    from app.curation.writing import write_whole
    from app.settings import STARTER

    whole = Texts.read([f"{document}={text_file}"])[document].text
    names = actors_in([*bundles(actors), str(STARTER)])
    proposals = [one.written(document) for one in Draft(whole, names, we).proposals()]
    made = {"document": document, "proposals": proposals}
    written = f"{json.dumps(made, indent=1, ensure_ascii=False)}\n"
    if output is None:
        click.echo(written, nl=False)
    else:
        write_whole(output, written)
        click.echo(f"{visible(output)}: written, {counted(len(proposals), 'proposal')}")


@click.command()
@FILES
@click.option("--text", "texts", multiple=True, metavar="DOCUMENT=FILE", help="As for verify.")
@click.option(
    "--at-most",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Fail where the passages publish more of a text than this share of it.",
)
def coverage(files: tuple[str, ...], texts: tuple[str, ...], at_most: float | None) -> None:
    """Say which paragraphs of a text nothing refers to, and how much of it is published."""
    from app.curation.coverage import coverage as coverage_of
    from app.curation.seals import bundles
    from app.curation.verify import Texts

    over = False
    for document, text in Texts.read(texts).items():
        seen = coverage_of(bundles(files), document, text)
        share = f"{100 * seen.share:.1f} % of the text ({seen.published:,} characters)"
        referred = f"{seen.paragraphs - len(seen.uncited)} of {seen.paragraphs} paragraphs"
        click.echo(f"{visible(document)}: passages in {referred}, which publish {share}")
        if seen.missing:
            click.echo(f"  {counted(seen.missing, 'passage')} not found; readout verify says why")
        for number in seen.uncited:
            words = " ".join(text.text[slice(*text.paragraphs[number - 1])].split())
            click.echo(visible(f"  {number:>4}  {words[:80]}{'…' * (len(words) > 80)}"))
        if at_most is not None and 100 * seen.share > at_most:
            over = True
            click.echo(f"{visible(document)}: more than {at_most:g} % is published", err=True)
    if over:
        sys.exit(1)


@click.command()
def schema() -> None:
    """Print the JSON Schema of the files that curators write."""
    from app.curation.bundle import bundle_schema

    click.echo(json.dumps(bundle_schema(), indent=2, ensure_ascii=False))


def report(
    findings: list[Finding], notes: Iterable[str] = (), warnings: Iterable[Finding] = ()
) -> None:
    """Every problem on a line, then the warnings and notes; with problems, exit status 1."""
    from app.curation.writing import lines_of

    wrong, warned = lines_of(findings), lines_of(warnings, "warning: ")
    for line in (*wrong, *warned, *map(visible, notes)):
        click.echo(line)
    if wrong or warned:
        also = f", {counted(len(warned), 'warning')}" if warned else ""
        click.echo(f"{counted(len(wrong), 'problem')}{also}", err=True)
    if findings:
        sys.exit(1)
