"""The proof beside a bundle, as a package lock: `communique.proof.json` of `communique.json`.

It keeps what nobody types, as `readout verify` measured it: the digest and length of each text, and
the place of each passage by its seal. The seal is the SHA-256 of the passage, its document and the
measures of the text: a passage that is edited, or whose text is another one, has none.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self

from pydantic import FailFast, Field, ValidationError

from app.curation.bundle import Part
from app.curation.reading import PROOF, Finding, Source, address_of, as_typed, data_of, read
from app.curation.typed import objects_in, typed_passages
from app.fields import Position, Sha256, Slug
from app.text import counted

MAX_EXACT = 4_000
"""Characters of a slice: what can't be seen adds to what is typed."""


class Text(Part):
    """The measures of the text of a document."""

    id: Slug
    sha256: Sha256
    characters: Position


class Seal(Part):
    """A passage that was proved, and where it stands."""

    seal: Sha256
    start: Position
    exact: Annotated[str, Field(max_length=MAX_EXACT)] | None = None
    """The slice of the text, where it is typed with other blanks, hyphens or quotation marks."""
    check: Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
    """The beginning of the SHA-256 of the others, so that none is changed alone."""

    @classmethod
    def of(cls, seal: str, start: int, exact: str | None) -> Self:
        """The seal of a passage that stands at a place; `exact` is None where it is as typed."""
        return cls(seal=seal, start=start, exact=exact, check=_check(seal, start, exact))


class ProofFile(Part):
    """What the file holds."""

    documents: Annotated[list[Text], FailFast()]
    passages: Annotated[list[Seal], FailFast()]


class Proof(NamedTuple):
    """A proof: the texts by the ids of their documents, the places of passages by their seals."""

    texts: dict[str, Text]
    stands: dict[str, Seal]

    def seals(self, document: str, part: dict[str, Any]) -> list[str]:
        """The seals that a passage, or a part of one, may have as it is typed."""
        if document not in self.texts:
            return []
        text, passage = self.texts[document], part.get("passage")
        return [seal_of(text, passage, by) for by in (part.get("start"), part.get("near"), None)]

    def stand(self, document: str, part: dict[str, Any]) -> Seal | None:
        """Where it was proved to stand; None if it has no seal."""
        seals = self.seals(document, part)
        return next((self.stands[seal] for seal in seals if seal in self.stands), None)

    def written(self) -> str:
        """The content of the file: equal for equal proofs."""
        seals = sorted(self.stands.values(), key=lambda one: (one.start, one.seal))
        texts = [self.texts[id_] for id_ in sorted(self.texts)]
        file = ProofFile(documents=texts, passages=seals)
        return f"{file.model_dump_json(indent=1, exclude_none=True)}\n"


def _check(*sealed_parts: str | int | None) -> str:
    sealed = ":".join(str(part) for part in sealed_parts if part is not None)
    return hashlib.sha256(sealed.encode()).hexdigest()[:16]


def seal_of(text: Text, passage: Any, by: Any) -> str:
    """The seal of a passage, by its start or by what it is near; by nothing where it is alone."""
    sealed = json.dumps([text.id, text.sha256, text.characters, passage, by])
    return hashlib.sha256(sealed.encode()).hexdigest()


def proof_of(file: str) -> str:
    """The name of the proof beside a bundle."""
    return file.removesuffix(".json") + PROOF


def bundles(files: Iterable[str]) -> list[str]:
    """The files, each once, and those in folders that end in `.json`, but for proofs of others.

    A folder that has none is given as it is. What begins with a point is not looked at.
    """
    each: dict[str, None] = {}
    for file in files:
        # A Path fails where a name is too long.
        inner = Path(file).rglob("*.json") if os.path.isdir(file) else ()  # noqa: PTH112
        own = sorted(str(one) for one in inner if not _is_passed_over(one.relative_to(file)))
        each.update(dict.fromkeys(own or [file]))
    proofs = set(map(proof_of, each))
    return [file for file in each if file not in proofs]


def _is_passed_over(path: Path) -> bool:
    return path.name.endswith(PROOF) or any(part.startswith(".") for part in path.parts)


def proof_beside(file: str) -> tuple[Proof, list[Finding], bytes]:
    """The proof beside a bundle, empty for none; what is wrong with it; the digest of its file."""
    name, digest, nothing = proof_of(file), b"", Proof({}, {})
    if not os.path.lexists(name):
        return nothing, [], digest
    anew = f"readout verify {file} --text DOCUMENT=FILE writes it anew"
    try:
        data = data_of(name, "; split its bundle")
        digest = hashlib.sha256(data).digest()
        proof = ProofFile.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        return nothing, [Finding(name, address_of(first["loc"]), f"{first['msg']}; {anew}")], digest
    except ValueError as error:
        return nothing, [Finding(name, "", str(error))], digest
    for at, one in enumerate(proof.passages):
        if one.check != _check(one.seal, one.start, one.exact):
            address = address_of(("passages", at))
            return nothing, [Finding(name, address, f"was edited; {anew}")], digest
    stands = {seal.seal: seal for seal in proof.passages}
    return Proof({text.id: text for text in proof.documents}, stands), [], digest


def read_proven(file: str) -> Source:
    """Read a bundle, and fill in what its proof says. Never raises, as `read`."""
    source = read(file)
    proof, findings, digest = proof_beside(file)
    unsealed: Counter[str] = Counter()
    findings = [*source.findings, *findings, *_filled(source, proof, unsealed)]
    why = "not compared: new or edited since readout verify"
    return source._replace(
        findings=findings,
        digest=hashlib.sha256(source.digest + digest).digest(),
        warnings=[
            Finding(file, "", f"{counted(number, 'passage')} of {document} {why}")
            for document, number in sorted(unsealed.items())
        ],
        texts=[(text.id, text.sha256, text.characters) for text in proof.texts.values()],
    )


def _filled(source: Source, proof: Proof, unsealed: Counter[str]) -> Iterator[Finding]:
    """Fill in what has a seal; count, by document, the passages that have none."""
    if not proof.texts:
        return
    for _, typed in objects_in(source.content, "documents"):
        text = proof.texts.get(str(typed.get("id")))
        for key in ("sha256", "characters") if text else ():
            if typed.get(key) is None:
                typed[key] = getattr(text, key)
    for place, document, parts in typed_passages(source):
        if document not in proof.texts:
            continue
        stands = [proof.stand(document, part) for part in parts]
        if None in stands:
            unsealed[document] += 1
        for part, stand in zip(parts, stands, strict=True):
            if stand is not None and part.get("start") not in (None, stand.start):
                proved = f"and {stand.start} in {proof_of(source.file)}; leave it out"
                both = f"is {as_typed(part['start'])}, {proved}"
                yield Finding(source.file, address_of((*place, "start")), both)
            # A passage is compared if each of its parts is.
            part["start"] = stand.start if stand and None not in stands else None
            if stand and stand.exact:
                part["passage"] = stand.exact
    for _, quote in objects_in(source.content, "quotes"):
        _as_in_the_text(quote, proof)


def _as_in_the_text(quote: dict[str, Any], proof: Proof) -> None:
    """Have the text of a quote be that of its document, where it was typed another way."""
    for _, one in objects_in(quote, "evidence"):
        stand = proof.stand(str(one.get("document")), {"passage": quote.get("text")})
        if stand and stand.exact:
            quote["text"] = stand.exact
            return
