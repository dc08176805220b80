"""Random worlds: a few deposits and decisions about them, small enough that everything meets everything."""

from dataclasses import replace

from hypothesis import strategies as st

from tests.rules.cast import AGREES, CLAIMS, HOSPITAL, MOSQUE, WITNESSES
from vault.rules.accounts import Decisions, Deposited
from vault.rules.consent import Consent
from vault.rules.credibility import Excluded, Rating
from vault.rules.dependence import LinkKind, Settlement, Tie
from vault.rules.observations import ChainLink, Observation
from vault.rules.vocabulary import ChainKind, Modality, Perception, Placed, Value

DECLINES = Consent(True, frozenset({"verbatim"}))
LINKS = st.builds(
    ChainLink,
    st.just(ChainKind.NEIGHBOUR),
    st.booleans(),
    st.sampled_from(Placed),
    st.one_of(st.none(), WITNESSES),
)


def _observation(
    claim: tuple[str, Value],
    perception: frozenset[Perception],
    rest: tuple[Modality, Placed],
    *links: ChainLink,
) -> Observation:
    told = Perception.LEARNT_FROM_OTHERS in perception
    return Observation(HOSPITAL, claim[0], claim[1], perception, *rest, chain=links if told else ())


MODALITIES = st.sampled_from([Modality.AFFIRMED, Modality.AFFIRMED, Modality.AFFIRMED, *Modality])
OBSERVATIONS = st.builds(
    lambda claim, perception, rest, links: _observation(claim, perception, rest, *links),
    CLAIMS,
    st.frozensets(st.sampled_from(["saw", "heard", *Perception]).map(Perception), min_size=1, max_size=3),
    st.tuples(MODALITIES, st.sampled_from(Placed)),
    st.lists(LINKS, max_size=2),
)
FEW = st.lists(WITNESSES, max_size=2, unique=True).map(tuple)
LABELS = st.sampled_from([None, None, "A", "B"])
DEPOSIT = st.builds(
    Deposited,
    digest=st.uuids().map(str),
    supersedes=st.none(),
    witness=WITNESSES,
    consent=st.sampled_from([AGREES, AGREES, AGREES, DECLINES]),
    together_with=FEW,
    observations=st.lists(OBSERVATIONS, max_size=4).map(tuple),
    depositor=st.sampled_from(["R1", "R2"]),
    present=FEW,
    household=FEW,
    introducer=LABELS,
    interpreter=LABELS,
    shown_before=st.lists(st.sampled_from(["clip", "map"]), max_size=1).map(tuple),
)
DEPOSITS = st.lists(DEPOSIT, max_size=7)
CONSENTS = st.sampled_from([AGREES, AGREES, DECLINES, Consent(False, frozenset({"corroboration"}))])
PAIRS = st.lists(WITNESSES, min_size=2, max_size=2, unique=True)
SUBJECTS = st.sampled_from(["strike.took_place", "aircraft.present", "aircraft.number"])


@st.composite
def histories(draw: st.DrawFn) -> list[Deposited]:
    """Deposits of which some are corrections and some changes of consent, of earlier and later ones, of another
    witness's, of nothing, and in circles."""
    deposits = draw(DEPOSITS)
    named = st.sampled_from([None, None, None, "nobody's", *(one.digest for one in deposits)])
    changes = [draw(st.integers(0, 2)) == 0 for _ in deposits]
    return [
        Deposited(one.digest, draw(named), one.witness, draw(CONSENTS), (), (), changes_consent=True)
        if is_change
        else replace(one, supersedes=draw(named))
        for one, is_change in zip(deposits, changes, strict=True)
    ]


def _settled(kind: LinkKind, pair: list[str], dependent: bool, subject: str) -> Settlement:
    return Settlement(
        kind, pair[0], pair[1], dependent, (HOSPITAL, subject) if kind is LinkKind.ORIGIN else None
    )


SETTLEMENTS = st.builds(_settled, st.sampled_from(LinkKind), PAIRS, st.booleans(), SUBJECTS)
DECISIONS = st.builds(
    Decisions,
    settled=st.frozensets(SETTLEMENTS, max_size=4),
    ratings=st.frozensets(
        st.builds(
            Rating,
            WITNESSES,
            st.sampled_from([HOSPITAL, MOSQUE]),
            excluded=st.sampled_from([None, Excluded.OTHER]),
            reason=st.just("Decided."),
        ),
        max_size=1,
    ),
    same=st.frozensets(
        st.builds(
            Tie,
            st.sampled_from([LinkKind.SAME_PERSON, LinkKind.MAYBE_SAME_PERSON]),
            st.frozensets(WITNESSES, min_size=2, max_size=3),
            st.sampled_from([HOSPITAL, MOSQUE, None]),
        ),
        max_size=2,
    ),
)
