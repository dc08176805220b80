"""How a testimony was coded: its observations, and with each what was said and is no code.

A first and a second coder hand in the same; the two parts go to different halves of a deposit.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from vault.errors import Invalid
from vault.rules.fields import Fields
from vault.rules.observations import Observation
from vault.rules.vocabulary import Vocabulary

LONGEST_LABEL = 200
LONGEST_TIME = 100
LONGEST_WORDS = 2_000
MOST_OBSERVATIONS = 400
PSEUDONYM = re.compile(r"[a-z]{3,9}(-[a-z]{3,9}){3}")
SPOKEN = ("time", "anchor", "words")


@dataclass(frozen=True)
class Said:
    """What goes with an observation and is no code: when, by what else it is remembered, in whose words.

    It lies with the testimony, never with the codes.
    """

    time: str
    anchor: str
    words: str

    @classmethod
    def from_json(cls, raw: object) -> "Said":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "What was said", SPOKEN)
        return cls(
            time=fields.text("time", LONGEST_TIME, ""),
            anchor=fields.text("anchor", LONGEST_LABEL, ""),
            words=fields.text("words", LONGEST_WORDS, ""),
        )

    def to_json(self) -> dict[str, str]:
        """The JSON form."""
        return {"time": self.time, "anchor": self.anchor, "words": self.words}


def read_coding(
    fields: Fields, vocabulary_of: Mapping[str, Vocabulary]
) -> tuple[tuple[Observation, ...], tuple[Said, ...]]:
    """The member `observations`: the codes, and what was said with each, in the same order. Raises Invalid."""
    spoken, coded = _split(fields.items("observations", MOST_OBSERVATIONS))
    observations, said = _observations(coded, vocabulary_of), []
    for place, one in enumerate(spoken):
        with _of_observation(place):
            said.append(Said.from_json(one))
    return observations, tuple(said)


def named_origins(observations: Iterable[Observation]) -> set[str]:
    """The witnesses whom chains name. Raises Invalid unless each has the form of a pseudonym."""
    origins: set[str] = set()
    for place, observation in enumerate(observations):
        if not all(PSEUDONYM.fullmatch(origin) for origin in observation.origins):
            raise Invalid(
                "The origin of a chain is the pseudonym of a witness, four words joined by hyphens, or null.",
                f"observations/{place}",
            )
        origins.update(observation.origins)
    return origins


@contextmanager
def _of_observation(place: int) -> Iterator[None]:
    """Whatever is found wrong is about this observation."""
    try:
        yield
    except Invalid as fault:
        raise Invalid(fault.message, f"observations/{place}") from None


def _split(items: list[object]) -> tuple[list[object], list[object]]:
    """Of each observation what was said, and its codes: the two go to different halves of the deposit."""
    spoken: list[object] = []
    coded: list[object] = []
    for item in items:
        if not isinstance(item, Mapping):
            coded.append(item)
            continue
        spoken.append({name: item[name] for name in SPOKEN if name in item})
        coded.append({name: item[name] for name in item if name not in SPOKEN})
    return spoken, coded


def _observations(items: list[object], vocabulary_of: Mapping[str, Vocabulary]) -> tuple[Observation, ...]:
    seen = set()
    observations = []
    for place, item in enumerate(items):
        with _of_observation(place):
            observation = Observation.from_json(item, vocabulary_of)
            about = (observation.incident, observation.subject, observation.value)
            if about in seen:
                label = vocabulary_of[observation.incident].subject(observation.subject).label
                raise Invalid(
                    'For "%(claim)s", the same value is coded twice; join the two into one.', claim=label
                )
        seen.add(about)
        observations.append(observation)
    return tuple(observations)
