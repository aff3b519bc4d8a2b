"""What is said of a form: where its problems are, and what it may lack."""

import re
from collections.abc import Iterator

from app.curate.forms import Form


def name_of(form: Form) -> str:
    """The id of the record of a form: of news, that of the record of which it is."""
    head = form["fields"][0]
    return str(head["value"] if head["name"] in {"id", "commitment"} else form["id"])


def as_in(form: Form, address: str, message: str) -> str:
    """What is wrong at an address of an entry, which is named as the field of its form is."""
    name, *steps = re.findall(r"\w+", address) or [""]
    field = next((field for field in form["fields"] if field["name"] == name), None)
    if field is None:
        return f"{address}: {message}".lstrip(": ")
    steps = [f"{int(step) + 1}" if step.isdigit() else step for step in steps]
    return f"{' '.join([field['label'], *steps])}: {message}"


def notices(form: Form) -> Iterator[str]:
    """What a record may lack, but seldom does."""
    who = {"commitment": ("by", "commits itself"), "agreement": ("parties", "agrees")}
    name, does = who.get(form["kind"], ("", ""))
    for field in form["fields"]:
        if field["name"] == name and not str(field["value"]).strip():
            yield f"{field['label']}: nobody is named who {does}; does the text name nobody?"
