"""One desk's page: what that desk received this evening, and nothing that it did not."""

from collections.abc import Sequence

from broker.domain.codes import MARKINGS
from broker.domain.identifiers import DeskId
from broker.proof.demo.page.document import document
from broker.proof.demo.page.html import Html, el
from broker.proof.demo.page.record import shown
from broker.proof.demo.page.words import SIGNS
from consumers.kit.delivery import Delivery


def desk_page(desk: DeskId, deliveries: Sequence[Delivery]) -> str:
    """Made from the desk's own deliveries alone, so that it can hold nothing else."""
    reader = f"This page is for the desk {desk}: what it received in one invented evening, and nothing else."
    people: dict[str, list[Delivery]] = {}
    for delivery in sorted(deliveries, key=_when):
        people.setdefault(delivery.subject or "", []).append(delivery)
    sections = [_person(number, came) for number, came in enumerate(people.values(), 1)]
    return document(
        f"{desk} - Candour",
        reader,
        el(
            "header",
            el("p", "Candour", class_="brand"),
            el("h1", f"What {desk} received"),
            el("p", f"{len(deliveries)} deliveries, each opened with this desk's own key.", class_="lead"),
        ),
        *sections,
    )


def _when(delivery: Delivery) -> str:
    return str(delivery.fields.get("occurred_at", ""))


def _person(number: int, deliveries: Sequence[Delivery]) -> Html:
    title = "Nobody in particular" if deliveries[0].subject is None else f"Person {number}"
    return el("section", el("h2", title), *map(_delivery, deliveries))


def _delivery(delivery: Delivery) -> Html:
    word, meaning = SIGNS[delivery.extent]
    rows = [
        el("tr", el("th", name, scope="row"), el("td", shown(value)))
        for name, value in delivery.fields.items()
    ]
    marking = None if delivery.marking is None else MARKINGS.get(delivery.marking, delivery.marking)
    told = {
        "For": delivery.purpose,
        "Under": delivery.agreement,
        "Marked": marking,
        "Danger, in health's word": delivery.threshold,
        "Taken out": ", ".join(delivery.effects).replace("_", " "),
        "Until": None if delivery.expires_at is None else shown(delivery.expires_at),
        "A clinician answers": delivery.clinician_line,
    }
    terms = [[el("dt", key), el("dd", value)] for key, value in told.items() if value]
    return el(
        "article",
        el("h3", delivery.event_type, " ", el("span", word, class_=f"sign word {delivery.extent}")),
        el("p", meaning.capitalize() + "."),
        el("dl", *terms),
        el("table", el("caption", "Its fields"), el("tbody", *rows)),
    )
