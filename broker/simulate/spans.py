"""How long each incident of a made-up area lasted: its lines are moved together when they are played fast."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from broker.simulate.calendar import HOUR, seconds
from broker.simulate.files import lines_of

MOST: Final = 40 * HOUR
"""What was told later stands alone: custody is open for 48 hours at most (R3)"""
_TOLD: Final = ('"incident_ref"', '"police_link"', '"pos.s136.')


class Spans:
    """When the last line of each incident is written down. Police name an incident, health links to it."""

    def __init__(self, files: Iterable[Path]) -> None:
        """Reads every file once."""
        self._linked: dict[str, str] = {}
        self._times: dict[str, list[int]] = {}
        for path in files:
            for line in lines_of(path, only=_TOLD):
                self._take(path.stem, line)
        for episode, incident in self._linked.items():
            self._times.setdefault(incident, []).extend(self._times.get(episode, ()))
        self._ends = {name: (min(times), max(times)) for name, times in self._times.items()}

    def _take(self, agency: str, line: Mapping[str, Any]) -> None:
        link = line["person"].get("police_link")
        if link is not None:
            episode, incident = f"{agency} {line['episode_ref']}", f"{link['force']} {link['incident_ref']}"
            self._linked[episode] = incident
        self._times.setdefault(self._own(agency, line), []).append(seconds(line["recorded_at"]))

    def _own(self, agency: str, line: Mapping[str, Any]) -> str:
        return f"{agency} {line.get('incident_ref') or line.get('episode_ref')}"

    def until(self, agency: str, line: Mapping[str, Any], at: int) -> int:
        """When the incident of this line is over, 40 hours after it began at most; `at` where it has none."""
        own = self._own(agency, line)
        name = self._linked.get(own, own)
        if name == own and line.get("incident_ref") is None:
            return at
        first, last = self._ends.get(name, (at, at))
        return max(at, min(last, first + MOST))
