"""What a draft says of dependence reaches the coded side as tags, and words stay on the other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cast import R1, R2, V2
from tests.readers import coded, cut, told
from tests.stage import Scene
from vault.errors import Invalid
from vault.receipts import Receipt
from vault.sealing.digests import label_tag, witness_tag
from vault.sealing.words import new_pseudonym

SPOKEN = {"time": "about two", "anchor": "after the noon prayer", "words": "It roared."}


def hand_in(scene: Scene, *said: dict[str, Any], **facts: Any) -> Receipt:
    return scene.deposit(R1, *said, interview={**scene.interview()["interview"], **facts})


def test_the_coded_side_has_tags_in_ascending_order_and_no_word_of_it(scene: Scene) -> None:
    others = [new_pseudonym() for _ in range(3)]
    link = {"kind": "medic", "named": True, "origin": others[0]}
    said = scene.said("heard", "learnt_from_others", chain=[link], distance="under_2_km", **SPOKEN)
    labels = {"introducer": "The Baker", "interpreter": "I 2", "shown_before": ["Clip 3", "clip  3", "map"]}
    hand_in(scene, said, present=others, household=others[:1], **labels)
    (body,) = coded(scene)
    tags = [witness_tag(scene.case, other) for other in others]
    assert body["present"] == sorted(tags)
    assert body["household"] == tags[:1]
    assert body["introducer"] == label_tag(scene.case, "introducer", "the baker")
    assert body["interpreter"] == label_tag(scene.case, "interpreter", "I 2")
    assert body["shown_before"] == sorted(
        label_tag(scene.case, "shown_before", label) for label in ("clip 3", "map")
    )
    (observation,) = body["observations"]
    assert observation["chain"][0]["origin"] == tags[0]
    assert observation["distance"] == "under_2_km"
    written = json.dumps(body).casefold()
    assert not [word for word in (*SPOKEN.values(), *others, "baker", "clip") if word.casefold() in written]


def test_what_was_said_goes_to_the_testimony_in_the_order_of_the_observations(scene: Scene) -> None:
    hand_in(
        scene, scene.said("saw", subject="strike.took_place"), scene.said("heard", **SPOKEN), household=[]
    )
    (one,), unsound = told(scene, V2)
    assert unsound == 0
    assert one.half.body["said"] == [dict.fromkeys(SPOKEN, ""), SPOKEN]


def test_what_says_nothing_is_left_out_of_both_halves(scene: Scene) -> None:
    hand_in(scene, scene.said("heard"), present=[], introducer=" ", shown_before=[])
    (body,), ((one,), _) = coded(scene), told(scene, V2)
    assert body.keys() == {"format", "nonce", "witness", "together_with", "consent", "observations"}
    assert "said" not in one.half.body


def test_a_mistyped_pseudonym_is_refused_wherever_it_stands(scene: Scene) -> None:
    mistyped = "abacus-abdomen-ability-able"
    chain = [{"kind": "medic", "named": True, "origin": mistyped}]
    for said, facts in (
        (scene.said("heard"), {"present": [mistyped]}),
        (scene.said("heard"), {"household": [mistyped]}),
        (scene.said("learnt_from_others", chain=chain), {}),
    ):
        with pytest.raises(Invalid):
            hand_in(scene, said, **facts)


def test_weak_links_reach_the_cut_with_who_asked(scene: Scene) -> None:
    for researcher in (R1, R1, R2):
        facts = {**scene.interview()["interview"], "interpreter": "I 2"}
        scene.deposit(researcher, scene.said("heard"), interview=facts)
    entry = cut(scene).incident(scene.hospital)
    assert entry["claims"][0]["direct"] == {"min": 2, "max": 3}
    because = ["same_interviewer_and_interpreter"]
    assert entry["details"] == [
        {
            **{"subject": "aircraft.present", "value": "yes"},
            "merged": [{"of": "direct.min", "accounts": 2, "because": because}],
        }
    ]
    assert entry["excluded"] == {}


def test_what_stands_beside_figures_is_carried_with_them(scene: Scene) -> None:
    for _ in range(3):
        hand_in(scene, scene.said("heard"), introducer="A")
    first = cut(scene).incident(scene.hospital)
    hand_in(scene, scene.said("heard"), introducer="A")
    second = cut(scene, 30).incident(scene.hospital)
    assert second["status"] == "carried"
    assert (second["claims"], second["details"]) == (first["claims"], first["details"])
