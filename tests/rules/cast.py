"""The cast of these tests: one incident, its vocabulary, and short ways to say who said what."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from vault.rules.consent import Consent
from vault.rules.dependence import LinkKind, Tie, Ties
from vault.rules.independence import Account
from vault.rules.observations import Observation
from vault.rules.vocabulary import DIRECT, Modality, Perception, Placed, Value, Vocabulary

ROOT = Path(__file__).parents[2]
HOSPITAL = "AAAAAAAAAAAAAAAAAAAAAA"
MOSQUE = "AAAAAAAAAAAAAAAAAAAAAQ"
AIR_STRIKE = Vocabulary.parse((ROOT / "config/vocabulary/air-strike.toml").read_text())
VOCABULARIES = {HOSPITAL: AIR_STRIKE, MOSQUE: AIR_STRIKE}
AGREES = Consent(True, frozenset({"corroboration"}))


def says(
    subject: str, *perception: str, value: Value = "yes", incident: str = HOSPITAL, **more: Any
) -> Observation:
    """An observation, affirmed unless said otherwise."""
    return Observation(incident, subject, value, frozenset(map(Perception, perception)), **more)


def person(witness: str, *observations: Observation) -> Account:
    """What a witness says."""
    return Account(witness, observations)


def tied(pairs: Iterable[tuple[str, ...]], kind: LinkKind = LinkKind.INTERVIEWED_TOGETHER) -> Ties:
    """Ties of one kind among these witnesses."""
    return Ties(frozenset(Tie(kind, frozenset(witnesses)) for witnesses in pairs))


def draft(**changes: Any) -> dict[str, Any]:
    """A draft that is accepted, with some members changed."""
    return {
        "kind": "original",
        "consent": {"recording": True, "uses": ["corroboration"]},
        "interview": {"date": "2015-11-03", "language": "ar", "mode": "in_person"},
        "testimony": "I heard it before I felt it.",
        "observations": [],
        **changes,
    }


def coded(*perception: str, **changes: Any) -> dict[str, Any]:
    """One observation of a draft: aircraft, present."""
    return {"incident": HOSPITAL, "subject": "aircraft.present", "perception": list(perception), **changes}


# Few witnesses and claims, so that Hypothesis makes them meet.
WITNESSES = st.sampled_from(["w1", "w2", "w3", "w4", "w5"])
CLAIMS = st.one_of(
    st.tuples(st.sampled_from(["strike.took_place", "aircraft.present"]), st.just("yes")),
    st.tuples(
        st.just("aircraft.number"),
        st.sampled_from([1, 2, {"min": 2, "max": 3}, {"min": 1, "max": 3}]).map(
            lambda raw: AIR_STRIKE.check_value("aircraft.number", raw)
        ),
    ),
    st.tuples(st.just("aircraft.altitude"), st.sampled_from(["low", "unusually_high"])),
)


def observations(perceptions: Iterable[Perception]) -> st.SearchStrategy[Observation]:
    """Observations of the hospital, known in one to three of some ways."""
    return st.builds(
        lambda claim, *more: Observation(HOSPITAL, claim[0], claim[1], *more),
        CLAIMS,
        st.frozensets(st.sampled_from(sorted(perceptions)), min_size=1, max_size=3),
        st.sampled_from(Modality),
        st.sampled_from(Placed),
    )


OBSERVATIONS = observations(Perception)
NOT_DIRECT = observations(set(Perception) - DIRECT)
ACCOUNTS = st.lists(st.builds(Account, WITNESSES, st.lists(OBSERVATIONS, max_size=4).map(tuple)), max_size=6)
LINKS = st.lists(st.tuples(WITNESSES, WITNESSES), max_size=4)
