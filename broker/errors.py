"""
Every error Candour raises, filed by what happens next (design 2.2, 2.4):

* CandourError
  - PayloadError         quarantine this payload or entry, carry on with its neighbours
  - DependencyError      wait: something we rely on does not answer; never a denial
  - RestartError         end this process (70); the supervisor starts it again
  - IntegrityError       stop (3) and page somebody; never restarted
  - PositionError        stop (71): the position of a lane cannot be right; never restarted
  - ConfigurationError   refuse to start (2); all that is wrong, at once
  - UsageError           the caller's words are off (2)

A denial is an answer: it raises nothing. An error names where something is and what to do, never
what it says: no field value, subject, payload byte or library text.
"""

from typing import ClassVar

EXIT_DONE = 0
EXIT_NO = 1
EXIT_USAGE = 2
EXIT_INTEGRITY = 3
EXIT_RESTART = 70
EXIT_POSITION = 71


class CandourError(Exception):
    """Base class. `exit_code` is what a process ends with when nobody catches it."""

    exit_code: ClassVar[int] = EXIT_RESTART


class PayloadError(CandourError):
    """One payload cannot be accepted as it stands; its neighbours can.

    Args:
        code: stable word from `broker.domain.codes.REJECTIONS`; a metric label and part of the reply.
        fields: dotted names of the fields at fault, never their values.
    """

    def __init__(self, code: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(code if not fields else f"{code}: {', '.join(fields)}")
        self.code = code
        self.fields = fields


class DependencyError(CandourError):
    """Something the exchange relies on is not answering, or not in full. We wait for it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RestartError(CandourError):
    """A surprise: this process ends and a new one takes over from the last committed position."""


class IntegrityError(CandourError):
    """A guarantee can no longer be given."""

    exit_code = EXIT_INTEGRITY


class PositionError(CandourError):
    """The position of a lane is missing, or cannot be right; going on could skip or repeat an event."""

    exit_code = EXIT_POSITION


class ConfigurationError(CandourError):
    """Not safe to start. The message lists everything that is wrong and what to do about it."""

    exit_code = EXIT_USAGE


class UsageError(CandourError):
    """A command was called in a way it cannot serve. The message says what is wrong, where, what to do."""

    exit_code = EXIT_USAGE
