"""Rules of the schema linter about names: what no event may be able to say of a person (R5, R6, R7, R22)."""

import re

from broker.policy.schema_places import Place

_FORBIDDEN = (
    (
        r"risk_(level|score|rating|band|grade|tier|category|flag|low|medium|high)|(low|medium|high)_risk"
        r"|(suicide|harm)_risk|predicted|score|scores|scored|scoring|severity",
        "R22",
    ),
    (
        r"frequent|frequency|frequently|high_intensity|repeat_(caller|attender|user)|attention_seek(ing|er)"
        r"|time_waster|label|labels|labelled|tag|tags",
        "R5",
    ),
    (r"manipulative|non_?complian(t|ce)|not_engaging", "R5"),
    (
        r"count|counts|tally|number_of|times_(called|detained|attended|arrested)"
        r"|previous_(contacts|calls|detentions|attendances|admissions)",
        "R6",
    ),
    (
        r"withhold|withholds|withholding|do_not|no_response|refuse_(response|care|treatment)"
        r"|deny_(response|care|treatment)",
        "R7",
    ),
)
_FORBIDDEN_WORDS = tuple((re.compile(rf"(^|_)({words})(_|$)"), rule) for words, rule in _FORBIDDEN)
# R5: what somebody has, how often they come or how they take part is no reason to turn them away.
_DECLINE_REASON = re.compile(r"(^|_)decline_reason$")
_ABOUT_THE_PERSON = re.compile(
    r"diagnos|personality|disorder|self_harm|suicid|behaviou?r|engag|attend|appointment|history|repeat|again"
)
_LEVELS = frozenset({"very_low", "low", "medium", "moderate", "high", "very_high"})


def name_forbidden(place: Place) -> str:
    """Some things no event may be able to say (R5, R6, R7, R22)."""
    names = [place.path.rpartition(".")[2].removesuffix("[]"), snake(str(place.attribute("name") or ""))]
    symbols = place.attribute("symbols")
    if isinstance(symbols, list):
        names.extend(str(symbol).lower() for symbol in symbols)
        if len(_LEVELS & set(names)) > 1:
            return "A coded level is forbidden (R22): say what is happening and what helps (R23)."
    for one in names:
        rule = forbidden_by(one)
        if rule:
            return f"The name {one} is forbidden ({rule}): say what is happening and what helps (R23)."
    return ""


def decline_reason(place: Place) -> str:
    """Why a service says no comes from a closed list, and nothing of the person is on it (R5)."""
    if place.field is None or not _DECLINE_REASON.search(str(place.field.get("name"))):
        return ""
    symbols = place.attribute("symbols")
    if not isinstance(symbols, list):
        return "Could say anything of a person (R5): make it an enum of reasons of the service."
    told = [str(one) for one in symbols if _ABOUT_THE_PERSON.search(str(one).lower())]
    return f"Would turn somebody away for what they are (R5): take {', '.join(told)} out." if told else ""


def forbidden_by(name: str) -> str:
    """The rule that forbids a name of a field, type or code, such as `R6`; empty when none does.

    Args:
        name: in snake_case, without the names of what it stands in.
    """
    return next((rule for words, rule in _FORBIDDEN_WORDS if words.search(name)), "")


def snake(words: str) -> str:
    """A type's name in the spelling of fields: `RiskLevel` is `risk_level`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", words).lower()
