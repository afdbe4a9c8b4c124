"""Where the two halves of a key that signs bundles are."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class KeyPair:
    private: Path
    public: Path
