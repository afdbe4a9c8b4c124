"""The page opens without a network, is read without a script, and a desk's page holds what it received."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from broker.domain.decision import DECISION_FORMAT
from broker.domain.identifiers import AgencyId, DeskId
from broker.domain.vocabulary import DeliveryKind, Extent, ReplyStatus
from broker.proof.demo.books import Books, Leaf
from broker.proof.demo.client import Played
from broker.proof.demo.observe import Run, results
from broker.proof.demo.page.desk import desk_page
from broker.proof.demo.page.governance import governance_page
from broker.proof.demo.page.html import Html, el, join
from broker.proof.demo.page.record import SHOWN, shown
from broker.proof.demo.script import Chapter, Look, Person, Script, Step
from consumers.kit.delivery import Delivery, Reply

DESK, REFUSED = DeskId("moor-pos/s136-suite"), DeskId("moor-police/control-room")
BEGAN = datetime(2026, 11, 20, 21, 40, tzinfo=UTC)
HOSTILE = '<script>alert(1)</script> & "so on"'


class Parsed(HTMLParser):
    """Every element with its attributes, and all text that is shown."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] not in {"style", "script"}:
            self.text.append(data)


def step(label: str, words: str) -> Step:
    event = {
        "event_type": "crisis.triage.completed",
        "occurred_at": "+01:20",
        "setting": "emergency_live",
        "subject": {"nhs_number": "9990000018", "family_name": "Stanza"},
        "core": {"area": "northmoor"},
        "person": {"own_words": words, "who_informed": ["police"]},
    }
    return Step(label, AgencyId("northmoor-crisis"), "jamie", HOSTILE, event=event, scene=True)


def leaf(event_id: str, desk: DeskId, digest: str, **changes: Any) -> Leaf:
    record = {
        "format": DECISION_FORMAT,
        "event_id": event_id,
        "event_type": "crisis.triage.completed",
        "desk": desk,
        "subscription": f"{desk}|s",
        "outcome": "delivered",
        "extent": "minimised",
        "reasons": ["not_in_agreement"],
        "fields": {"person.own_words": "whole", "core.area": "whole"},
        "withheld": {"subject.nhs_number": ["not_in_agreement"]},
    }
    return Leaf(digest, {**record, **changes})


def delivery(digest: str, words: str, subject: str | None = "p_1") -> Delivery:
    return Delivery(
        delivery_id=f"d-{digest}",
        kind=DeliveryKind.EVENT,
        event_id=f"e-{digest}",
        event_type="crisis.triage.completed",
        extent=Extent.MINIMISED,
        subject=subject,
        fields={"person.own_words": words, "core.area": "northmoor"},
        present=(),
        purpose="P1",
        basis="B1",
        agreement="crisis-and-place-of-safety",
        policy_revision="r1",
        incident_ref=None,
        expires_at="2026-11-22T21:40:00+00:00",
        marking="direct_care",
        clinician_line="01632 960101",
        effects=("location_withheld",),
        threshold=None,
        decision=digest,
    )


def reply(event_id: str, **changes: Any) -> Reply:
    whole = Reply("r", DeliveryKind.REPLY, event_id, ReplyStatus.ACCEPTED, None, "", None, ())
    return replace(whole, **changes)


def evening() -> Run:
    steps = (step(SHOWN, "I was only cold. " + HOSTILE), step("other", "CANARY-OTHER"))
    look = (Look(SHOWN, DESK, "what to see"),)
    jamie = Person("jamie", "Jamie Stanza", "A story.", {})
    refused = leaf(
        "e1", REFUSED, "cc", outcome="denied", extent="none", fields={}, reasons=["police_planned_care"]
    )
    return Run(
        script=Script({"jamie": jamie}, (Chapter("c", "A chapter", "What happens.", look, steps),)),
        began=BEGAN,
        played=Played(
            {SHOWN: "e1", "other": "e2"},
            {
                SHOWN: reply("e1", handled_by=("moor-pos",), phone="01632 960101"),
                "other": reply("e2", code="nobody_reached", phone="01632 960101"),
            },
        ),
        books=Books(3, 3, 0, (leaf("e1", DESK, "aa"), refused, leaf("e2", DESK, "bb"))),
        deliveries={DESK: (delivery("aa", "I was only cold."), delivery("bb", "CANARY-OTHER"))},
        refused={},
    )


def page() -> str:
    run = evening()
    return governance_page(run, results(run), [])


def test_a_page_fetches_nothing_and_may_fetch_nothing() -> None:
    for text in (page(), desk_page(DESK, evening().deliveries[DESK])):
        elements = Parsed(text).elements
        assert [name for name, _ in elements if name in {"link", "img", "iframe", "object", "embed"}] == []
        links = [
            value or "" for _, given in elements for key, value in given.items() if key in {"src", "href"}
        ]
        assert [link for link in links if not link.startswith("#")] == []
        assert re.findall(r"https?:|//[a-z]|url\(|@import|fetch\(|XMLHttpRequest|import\(", text) == []
        policy = next(given["content"] or "" for name, given in elements if "http-equiv" in given)
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy


def test_what_people_wrote_cannot_become_part_of_the_page() -> None:
    scripts = [name for name, _ in Parsed(page()).elements if name == "script"]
    assert scripts == ["script"]
    assert HOSTILE not in page()


def test_every_table_has_headers_and_every_link_leads_somewhere() -> None:
    elements = Parsed(page()).elements
    ids = [given["id"] for _, given in elements if "id" in given]
    assert len(ids) == len(set(ids))
    links = {(given["href"] or "")[1:] for name, given in elements if name == "a"}
    assert links <= set(ids)
    headers = [given for name, given in elements if name == "th"]
    assert [given for given in headers if "scope" not in given] == []
    assert [given.get("lang") for name, given in elements if name == "html"] == ["en-GB"]


def test_the_page_says_who_may_read_it_and_what_was_refused_and_why() -> None:
    text = " ".join(Parsed(page()).text)
    assert "governance officer" in text
    assert "Police have no part in planned care (R1)." in text
    assert "Nobody: planned care is between the person and those who care." in text
    assert "who must act and knows: moor-pos" in text
    assert "ring 01632 960101" in text


def test_the_page_holds_values_of_the_one_event_that_it_shows_and_of_no_other() -> None:
    assert "I was only cold." in page()
    assert "CANARY-OTHER" not in page()


def test_a_cell_that_differs_is_told_at_the_top_of_the_page() -> None:
    run = evening()
    assert "from the law and the agreements: 2 cell(s)." in governance_page(
        run, results(run), ["one", "other"]
    )


def test_a_desk_s_page_holds_what_the_desk_received_and_nothing_of_the_rest() -> None:
    text = desk_page(DESK, (delivery("bb", "CANARY-OTHER"),))
    assert "CANARY-OTHER" in text
    assert "location withheld" in text
    assert "01632 960101" in text
    for unknown in ("9990000018", "Stanza", "Jamie", "police", "only cold", SHOWN, "denied", "p_1"):
        assert unknown not in " ".join(Parsed(text).text)


def test_a_desk_that_received_nothing_has_a_page_too() -> None:
    assert "0 deliveries" in desk_page(REFUSED, ())
    assert "Nobody in particular" in desk_page(DESK, (delivery("bb", "words", subject=None),))


def test_texts_are_escaped_and_html_is_not_escaped_twice() -> None:
    assert el("p", "a < b", el("b", "&"), hidden=True, class_="x", data_y=1, id=None) == (
        '<p hidden class="x" data-y="1">a &lt; b<b>&amp;</b></p>'
    )
    assert el("br") == "<br>"
    assert join([Html("<i>"), None, ["<"]]) == "<i>&lt;"


def test_values_are_shown_as_a_reader_would_write_them() -> None:
    assert shown("2026-11-20T21:40:00+00:00") == "21:40 UTC, 20 November 2026"
    assert shown("That is it") == "That is it"
    assert shown({"role": "nurse", "number": None}) == "role: nurse"
    assert (shown([]), shown(["a", "b"]), shown(True), shown(False), shown(3)) == (
        "(none)",
        "a, b",
        "yes",
        "no",
        "3",
    )
