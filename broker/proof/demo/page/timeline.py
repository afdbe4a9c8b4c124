"""The timeline: who published when, from dusk on, as a drawing that needs no script."""

from broker.proof.demo.page.html import Html, el
from broker.proof.demo.page.matrix import anchor
from broker.proof.demo.script import Script, Step

_LEFT, _WIDTH, _ROW, _TOP = 150, 1000, 26, 30
_HOURS = 10


def timeline(script: Script) -> Html:
    """One row an agency, one dot an event; a dot leads to the event."""
    shown = [step for step in script.steps if step.event is not None and step.clock.startswith("+")]
    agencies = list(dict.fromkeys(step.agency for step in shown))
    height = _TOP + _ROW * len(agencies) + 20
    hours = [_hour(hour, height) for hour in range(_HOURS)]
    rows = [el("text", agency, x=0, y=_y(row) + 4, class_="agency") for row, agency in enumerate(agencies)]
    dots = [_dot(step, _y(agencies.index(step.agency))) for step in shown]
    return el(
        "div",
        el(
            "svg",
            el("title", "When each agency published, in hours after dusk"),
            *hours,
            *rows,
            *dots,
            viewBox=f"0 0 {_LEFT + _WIDTH} {height}",
            role="img",
            aria_label="Timeline. The same events stand, with their times, under each person below.",
        ),
        class_="scroll timeline",
        tabindex=0,
    )


def _y(row: int) -> int:
    return _TOP + _ROW * row + 10


def _x(clock: str) -> float:
    hours, minutes = clock[1:].split(":")
    return round(_LEFT + (int(hours) + int(minutes) / 60) * _WIDTH / _HOURS, 1)


def _hour(hour: int, height: int) -> Html:
    x = _x(f"+{hour:02}:00")
    label = el("text", f"+{hour} h", x=x, y=14, class_="hour")
    return el("g", el("line", x1=x, x2=x, y1=20, y2=height), label)


def _dot(step: Step, y: int) -> Html:
    setting = "" if step.event is None else str(step.event["setting"])
    dot = el("circle", cx=_x(step.clock), cy=y, r=6 if step.scene else 4, class_=setting)
    said = el("title", f"{step.clock} {step.label}: {step.says}")
    # Not in the order of Tab: two hundred stops would bar the way; the people below hold the same.
    return el("a", said, dot, href=f"#{anchor(step.label)}", tabindex=-1)
