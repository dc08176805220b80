"""vault.rules.drafts, and that docs/interview-draft.schema.json agrees with it"""

import json
from datetime import date
from typing import Any

import jsonschema
import pytest

from tests.rules.cast import HOSPITAL, MOSQUE, ROOT, VOCABULARIES, coded, draft
from vault.errors import Invalid, Refused, VaultError
from vault.rules.asking import Answer, Capacity, Given, Withdrawal
from vault.rules.consent import Consent, IdentityForm, Recipient, Use
from vault.rules.drafts import InterviewDraft, InterviewFacts, Kind, Mode
from vault.rules.observations import Certainty, Distance, WhyNot
from vault.rules.said import Said
from vault.rules.vocabulary import ChainKind, Modality, Perception, Placed

SCHEMA = json.loads((ROOT / "docs/interview-draft.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)  # that the schema is one, is tested below
WITNESS = "abacus-ladder-river-stone"
OTHER = "candle-meadow-tunnel-window"
DIGEST = "A" * 43
LINK = {"kind": "medic", "named": True, "origin_direct": "yes"}


def facts(**changes: Any) -> dict[str, Any]:
    return {"date": "2015-11-03", "language": "ar", "mode": "in_person", **changes}


def observed(*perception: str, **changes: Any) -> dict[str, Any]:
    return draft(observations=[coded(*perception, **changes)])


def correction(**changes: Any) -> dict[str, Any]:
    wrong_hour = {"kind": "correction", "pseudonym": WITNESS, "supersedes": DIGEST, "reason": "A slip."}
    return draft(**{**wrong_hour, **changes})


def without(raw: dict[str, Any], name: str) -> dict[str, Any]:
    return {member: value for member, value in raw.items() if member != name}


def change(**changes: Any) -> dict[str, Any]:
    return draft(**{"kind": "consent", "pseudonym": WITNESS, **changes})


def consented(**changes: Any) -> dict[str, Any]:
    return draft(consent={"recording": True, "uses": ["corroboration"], **changes})


GOOD = {
    "plain": draft(),
    "kind left out": without(draft(), "kind"),
    "follow-up": draft(kind="follow-up", pseudonym=WITNESS),
    "correction": correction(),
    "correction that retracts all": correction(testimony=""),
    "observations alone": {**observed("saw"), "testimony": " "},
    "two values of a claim": draft(
        observations=[coded("saw", subject="aircraft.number", value=value) for value in (1, 2)]
    ),
    "two incidents": draft(observations=[coded("saw"), coded("saw", incident=MOSQUE)]),
    "a range": observed("saw", subject="aircraft.number", value={"min": 2, "max": 3}),
    "hearsay": observed("learnt_from_others", chain=[LINK]),
    "not perceived": observed("did_not_see", "did_not_hear"),
    "denied": observed("did_not_see", modality="denied", placed="yes"),
    "all uses": draft(consent={"recording": True, "uses": [*Use, "detail:aircraft.number"]}),
    "together": draft(interview=facts(together_with=[OTHER], language="ku-Latn", interpreter="I2")),
    "present, household, introducer, shown before": draft(
        interview=facts(present=[OTHER], household=[OTHER], introducer="I 7", shown_before=["clip 3", "map"])
    ),
    "why not": observed("did_not_see", "heard", why_not=["night", "looked_elsewhere"]),
    "certainty, distance": observed("saw", certainty="fairly", distance="under_500_m"),
    "certainty, distance not known": observed("saw", certainty=None, distance=None, why_not=[]),
    "a known origin": observed("learnt_from_others", chain=[LINK, {**LINK, "origin": OTHER}]),
    "an origin that is not known": observed("learnt_from_others", chain=[{**LINK, "origin": None}]),
    "in words": observed("heard", time="about two", anchor="after the noon prayer", words="It roared."),
    "sealed identity": draft(sealed_identity={"purpose": "identity"}),
    "no identity": draft(sealed_identity=None, pseudonym=None, supersedes=None, reason=""),
    "consent withdrawn": change(consent={"recording": False, "uses": []}, testimony=""),
    "consent changed": change(interview=facts(interpreter="I2")),
    "consent widened": change(supersedes=DIGEST),
    "consent in full": draft(
        consent={
            "recording": True,
            "uses": ["internal", "legal"],
            "recipients": {"icc": "under_custody", "media": "none"},
            "embargo": "2027-03-15",
            "until": "2036-12-31",
            "asking": {"restated": "yes", "capacity": "represented", "guardian": "An aunt", "language": "ar"},
        }
    ),
    "not understood": draft(consent={"recording": True, "uses": [], "asking": {"restated": "no"}}),
    "longest": draft(testimony="ش" * 200_000, reason="r" * 2_000),
}

BAD = {
    "nothing": {},
    "no object": [],
    "unknown member": draft(colour="red"),
    "no consent": without(draft(), "consent"),
    "no interview": without(draft(), "interview"),
    "no testimony": without(draft(), "testimony"),
    "nothing to hand in": draft(testimony=" \n"),
    "testimony that is no text": draft(testimony=["I heard it"]),
    "testimony too long": draft(testimony="t" * 200_001),
    "reason too long": draft(reason="r" * 2_001),
    "unknown kind": draft(kind="rumour"),
    "withdrawal request": draft(kind="withdrawal-request", pseudonym=WITNESS),
    "original with a pseudonym": draft(pseudonym=WITNESS),
    "original that replaces": draft(supersedes=DIGEST),
    "follow-up without a pseudonym": draft(kind="follow-up"),
    "follow-up that replaces": draft(kind="follow-up", pseudonym=WITNESS, supersedes=DIGEST),
    "correction without a pseudonym": correction(pseudonym=None),
    "correction of nothing": correction(supersedes=None),
    "correction without a reason": correction(reason=" "),
    "change of consent without a pseudonym": change(pseudonym=None),
    "change of consent with observations": change(observations=[coded("saw")]),
    "change of consent with an identity": change(sealed_identity={"purpose": "identity"}),
    "change of consent with a match record": change(sealed_match={"purpose": "match"}),
    "change of consent told together": change(interview=facts(together_with=[OTHER])),
    "change of consent told before others": change(interview=facts(present=[OTHER])),
    "change of consent with a household": change(interview=facts(household=[OTHER])),
    "change of consent with an introducer": change(interview=facts(introducer="I 7")),
    "change of consent after a picture": change(interview=facts(shown_before=["map"])),
    "pseudonym in capitals": correction(pseudonym=WITNESS.upper()),
    "pseudonym of three words": correction(pseudonym="abacus-ladder-river"),
    "pseudonym that is no text": correction(pseudonym=4),
    "digest too short": correction(supersedes="A" * 42),
    "digest with loose bits": correction(supersedes="A" * 42 + "B"),
    "unknown use": draft(consent={"recording": True, "uses": ["marketing"]}),
    "use twice": draft(consent={"recording": True, "uses": ["verbatim", "verbatim"]}),
    "unknown recipient": consented(recipients={"neighbours": "none"}),
    "unknown form of identity": consented(recipients={"icc": "all"}),
    "embargo in words": consented(embargo="next spring"),
    "last day in words": consented(until="in ten years"),
    "unknown capacity": consented(asking={"capacity": "odd"}),
    "nobody who agreed for them": consented(asking={"capacity": "with_guardian", "guardian": " "}),
    "agreed to what was not understood": consented(asking={"restated": "no"}),
    "a remark too long": consented(asking={"explained": "e" * 2_001}),
    "date without hyphens": draft(interview=facts(date="20151103")),
    "date in words": draft(interview=facts(date="3 November")),
    "date in the far past": draft(interview=facts(date="1015-11-03")),
    "date in the far future": draft(interview=facts(date="2105-11-03")),
    "unknown mode": draft(interview=facts(mode="telepathy")),
    "language in words": draft(interview=facts(language="Arabic, I think")),
    "no language": draft(interview=without(facts(), "language")),
    "interpreter too long": draft(interview=facts(interpreter="i" * 201)),
    "unknown fact": draft(interview=facts(place="x")),
    "too many together": draft(
        interview=facts(
            together_with=[f"abacus-ladder-river-stone{letter}" for letter in "abcdefghijklmnopqrstu"]
        )
    ),
    "together with a name": draft(interview=facts(together_with=["My Neighbour"])),
    "together twice": draft(interview=facts(together_with=[OTHER, OTHER])),
    "present by name": draft(interview=facts(present=["My Neighbour"])),
    "household by name": draft(interview=facts(household=["My Neighbour"])),
    "introducer too long": draft(interview=facts(introducer="i" * 201)),
    "shown twice": draft(interview=facts(shown_before=["clip", "clip"])),
    "shown nothing": draft(interview=facts(shown_before=[" "])),
    "shown on two lines": draft(interview=facts(shown_before=["clip\nthree"])),
    "shown too long": draft(interview=facts(shown_before=["c" * 201])),
    "why not, but it was perceived": observed("saw", why_not=["night"]),
    "unknown why not": observed("did_not_see", why_not=["bored"]),
    "why not twice": observed("did_not_see", why_not=["night", "night"]),
    "unknown certainty": observed("saw", certainty="0.9"),
    "a distance in metres": observed("saw", distance=120),
    "an origin by name": observed("learnt_from_others", chain=[{**LINK, "origin": "My Neighbour"}]),
    "time too long": observed("saw", time="t" * 101),
    "anchor too long": observed("saw", anchor="t" * 201),
    "words too long": observed("saw", words="t" * 2_001),
    "words that are no text": observed("saw", words=["It roared."]),
    "an observation that is no object": draft(observations=["saw"]),
    "observations that are no list": draft(observations={}),
    "too many observations": draft(observations=[coded("saw")] * 401),
    "unknown perception": observed("felt_it_coming"),
    "no perception": observed(),
    "perception twice": observed("saw", "saw"),
    "saw and did not": observed("saw", "did_not_see"),
    "heard and did not": observed("heard", "did_not_hear"),
    "felt and did not perceive": observed("felt", "did_not_perceive"),
    "unknown and inferred": observed("unknown", "inferred"),
    "perceived but not asked": observed("saw", modality="not_asked"),
    "not perceived but affirmed": observed("did_not_see", modality="affirmed"),
    "chain without hearsay": observed("saw", chain=[LINK]),
    "chain too long": observed("learnt_from_others", chain=[LINK] * 11),
    "unknown link": observed("learnt_from_others", chain=[{**LINK, "kind": "stranger"}]),
    "half a range": observed("saw", subject="aircraft.number", value={"min": 2}),
    "value of another type": observed("saw", subject="aircraft.number", value=True),
    "sealed identity that is no record": draft(sealed_identity="sealed"),
}

# What only the parser can know: calendars, other members, the case and its vocabularies.
BEYOND_THE_SCHEMA = {
    "31 February": draft(interview=facts(date="2015-02-31")),
    "together with oneself": correction(interview=facts(together_with=[WITNESS])),
    "present at one's own interview": correction(interview=facts(present=[WITNESS])),
    "in one's own household": correction(interview=facts(household=[WITNESS])),
    "one's own origin": correction(
        observations=[coded("learnt_from_others", chain=[{**LINK, "origin": WITNESS}])]
    ),
    "unknown incident": observed("saw", incident="elsewhere"),
    "unknown claim": observed("saw", subject="aircraft.colour"),
    "value out of range": observed("saw", subject="aircraft.number", value=101),
    "range backwards": observed("saw", subject="aircraft.number", value={"min": 3, "max": 2}),
    "value of another claim": observed("saw", value="hmaymim"),
    "coded twice": draft(observations=[coded("saw"), coded("heard")]),
    "unpaired surrogate": draft(testimony="\ud800"),
}


@pytest.mark.parametrize("name", GOOD)
def test_the_parser_and_the_schema_accept(name: str) -> None:
    InterviewDraft.parse(GOOD[name], VOCABULARIES)
    VALIDATOR.validate(GOOD[name])


@pytest.mark.parametrize("name", BAD)
def test_the_parser_and_the_schema_refuse(name: str) -> None:
    with pytest.raises(Invalid):
        InterviewDraft.parse(BAD[name], VOCABULARIES)
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(BAD[name])


@pytest.mark.parametrize("name", BEYOND_THE_SCHEMA)
def test_the_parser_refuses_what_a_schema_cannot_express(name: str) -> None:
    with pytest.raises(Invalid):
        InterviewDraft.parse(BEYOND_THE_SCHEMA[name], VOCABULARIES)
    VALIDATOR.validate(BEYOND_THE_SCHEMA[name])


def test_the_schema_is_one_and_knows_every_code() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    text = json.dumps(SCHEMA)
    codes: list[str] = [*Recipient, *IdentityForm, *Answer, *Capacity, *Given, *Withdrawal]
    codes += [*Kind, *Mode, *Use, *Perception, *Modality, *Placed, *ChainKind, *WhyNot, *Certainty, *Distance]
    assert [code for code in codes if f'"{code}"' not in text] == []


@pytest.mark.parametrize("identity", [{"name": "Invented Person"}, {}, None])
def test_an_identity_that_is_not_sealed_is_refused_and_not_repeated(identity: Any) -> None:
    with pytest.raises(Invalid, match="sealed on your device") as caught:
        InterviewDraft.parse(draft(identity=identity, colour="red"), VOCABULARIES)
    assert "Invented" not in caught.value.message


def test_the_schema_lets_an_identity_stand_only_where_it_is_not_yet_sealed() -> None:
    VALIDATOR.validate(draft(identity={"name": "Invented Person"}))
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(draft(identity={}, sealed_identity=None))


def test_without_consent_to_a_record_nothing_is_kept() -> None:
    raw = draft(consent={"recording": False, "uses": ["corroboration"]})
    with pytest.raises(Refused, match="has not agreed to a record"):
        InterviewDraft.parse(raw, VOCABULARIES)
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(raw)


def test_a_draft_is_read_whole() -> None:
    parsed = InterviewDraft.parse(
        correction(
            interview=facts(together_with=[OTHER], interpreter="I2"),
            observations=[coded("heard")],
            sealed_identity={"purpose": "identity"},
        ),
        VOCABULARIES,
    )
    assert (parsed.kind, parsed.pseudonym, parsed.supersedes) == (Kind.CORRECTION, WITNESS, DIGEST)
    assert (parsed.reason, parsed.testimony) == ("A slip.", "I heard it before I felt it.")
    assert parsed.consent == Consent(True, frozenset({"corroboration"}))
    assert parsed.interview == InterviewFacts(date(2015, 11, 3), "ar", Mode.IN_PERSON, "I2", (OTHER,))
    assert [said.incident for said in parsed.observations] == [HOSPITAL]
    assert parsed.sealed_identity == {"purpose": "identity"}


def test_the_facts_of_an_interview_survive_json() -> None:
    read = InterviewFacts.from_json(facts(together_with=[OTHER], interpreter="I2"))
    assert InterviewFacts.from_json(read.to_json()) == read
    assert read.to_json() == facts(together_with=[OTHER], interpreter="I2")


def test_later_facts_survive_json_and_are_left_out_where_they_say_nothing() -> None:
    all_of = {"present": [OTHER], "household": [WITNESS], "introducer": "I 7", "shown_before": ["clip 3"]}
    read = InterviewFacts.from_json(facts(**all_of))
    assert read.named == {OTHER, WITNESS}
    assert InterviewFacts.from_json(read.to_json()) == read
    assert read.to_json().items() >= all_of.items()
    assert InterviewFacts.from_json(facts()).to_json().keys().isdisjoint(all_of)


def test_what_was_said_lies_apart_from_the_codes_in_the_same_order() -> None:
    spoken = {"time": "about two", "anchor": "after the noon prayer", "words": "It roared."}
    raw = draft(observations=[coded("heard", **spoken), coded("saw", incident=MOSQUE)])
    parsed = InterviewDraft.parse(raw, VOCABULARIES)
    assert [said.to_json() for said in parsed.said] == [spoken, dict.fromkeys(spoken, "")]
    assert Said.from_json(spoken) == parsed.said[0]
    assert all(observation.to_json().keys().isdisjoint(spoken) for observation in parsed.observations)


CANARY = "Invented Canary"


@pytest.mark.parametrize(
    "raw",
    [
        CANARY,
        draft(**{CANARY: 1}),
        draft(testimony=[CANARY]),
        draft(kind=CANARY),
        draft(kind="follow-up", pseudonym=CANARY),
        correction(supersedes=CANARY),
        draft(consent={"recording": True, "uses": [CANARY]}),
        draft(interview=facts(date=CANARY)),
        draft(interview=facts(mode=CANARY)),
        draft(interview=facts(language=CANARY)),
        draft(interview=facts(together_with=[CANARY])),
        draft(interview=facts(household=[CANARY])),
        draft(interview=facts(shown_before=[CANARY + "\n"])),
        observed("learnt_from_others", chain=[{**LINK, "origin": CANARY}]),
        observed("saw", distance=CANARY),
        observed("saw", words=[CANARY]),
        observed("saw", incident=CANARY),
        observed("saw", subject=CANARY),
        observed("saw", value=CANARY),
        observed(CANARY),
    ],
)
def test_no_refusal_repeats_what_was_typed(raw: Any) -> None:
    with pytest.raises(VaultError) as caught:
        InterviewDraft.parse(raw, VOCABULARIES)
    assert CANARY not in caught.value.message
    assert caught.value.message.endswith(".")
