"""The names of parameters by which others follow who comes from where.

Nobody means them. The lists that are kept by others are for browsers: they name what one site or
another adds to its own links as well, and lack what search engines add since.
"""

import re

_FAMILIES = (
    "utm", "mtm", "matomo", "pk", "piwik", "itm", "hsa", "ga", "gad", "stm", "vero", "oly", "at",
    "fb", "wt",
)  # fmt: skip
_NAMES = (
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "srsltid", "msclkid", "twclid",
    "ttclid", "li_fat_id", "rdt_cid", "epik", "sccid", "irclickid", "yclid", "ysclid", "_openstat",
    "igsh", "igshid", "si", "mibextid", "ref_src", "ref_url", "mc_cid", "mc_eid", "mkt_tok",
    "_hsenc", "_hsmi", "__hssc", "__hstc", "__hsfp", "hsctatracking", "elqtrackid", "elqtrack",
    "elqaid", "elqat", "elqcampaignid", "ml_subscriber", "ml_subscriber_hash", "_kx", "__s",
    "s_cid", "s_kwcid", "ncid", "cmpid", "mbid", "rb_clickid", "_gl", "_ga",
)  # fmt: skip
_tracking = re.compile(rf"(?:{'|'.join(_FAMILIES)})_.+|{'|'.join(_NAMES)}", re.IGNORECASE)


def is_tracking(name: str) -> bool:
    """Whether a name is known for tracking, in whatever case."""
    return _tracking.fullmatch(name) is not None
