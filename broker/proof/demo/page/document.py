"""The frame of every page: one file, its style and script inside it, and leave to fetch nothing."""

import base64
import hashlib
from pathlib import Path

from broker.proof.demo.page.html import Child, Html, el

_HERE = Path(__file__).parent


def document(title: str, reader: str, *body: Child) -> str:
    """A whole page.

    Args:
        reader: who may read it, in words; stands at the top and at the foot.
    """
    style = (_HERE / "style.css").read_text(encoding="utf-8")
    script = (_HERE / "view.js").read_text(encoding="utf-8")
    # The page may run what it brought and nothing else: it fetches nothing and can be sent nowhere.
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", title),
        el("style", Html(style)),
    )
    frame = el(
        "body",
        el("a", "Skip to the content", class_="skip", href="#content"),
        el("p", el("strong", "For one reader. "), reader, class_="reader"),
        el("main", *body, id="content"),
        el("footer", el("p", "Everybody here is invented. ", reader)),
        el("script", Html(script)),
    )
    return "<!doctype html>\n" + el("html", head, frame, lang="en-GB")


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"
