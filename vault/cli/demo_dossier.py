"""The demonstration's dossier: evidence, what experts say, what the accused said, a finding, and a rebuttal sheet.

R2 hands the items in and cannot read them back; V1 weighs them and proposes, V2 decides. Pictures stand for what the
case has.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vault.cli.common import Member, Place
from vault.cli.demo_pictures import placard
from vault.client import Client
from vault.profile import Profile
from vault.sealing.digests import b64
from vault.sealing.pieces import PIECE

_UPHELD = {"upheld": True, "reason": "I looked at what it rests on, and come to the same"}
_EVENT = {"file": None, "held": None}


@dataclass
class Dossier:
    """A case, its incidents and what was published of it; and what is put beside them, by the story's short names."""

    folder: Path
    server: str
    passphrases: Mapping[str, str] = field(repr=False)
    case: str
    incidents: tuple[str, ...]
    statement: str
    lines: Mapping[str, str]  # what the statement's lines say, by subject
    story: Mapping[str, Any] = field(repr=False)
    items: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    responses: dict[str, str] = field(default_factory=dict, repr=False)
    approaches: list[str] = field(default_factory=list, repr=False)

    def hand_in(self) -> None:
        """R2 hands in every item with its file."""
        with self._signed_in("R2") as client:
            for told in self.story["items"]:
                content = placard(told["picture"]["says"], told["picture"]["colour"])
                upload = self._sent(client, content)
                draft = {name: told[name] for name in ("kind", "title", "origin", "bears")}
                events = [{**event, **_EVENT} for event in told["events"]]
                parts = {
                    "item": upload["item"],
                    "incident": self.incidents[told["incident"]],
                    "events": events,
                }
                handed = {**draft, **parts, "giver": None, "original": upload["upload"], "working": None}
                client.call("POST", self._at("evidence"), handed)
                self.items[told["key"]] = {"item": upload["item"], "opinions": [], "releases": []}

    def weigh(self) -> None:
        """V1 writes down what assessors and experts say and proposes what may be told; V2 upholds it."""
        with self._signed_in("V1") as client:
            for told in self.story["items"]:
                self._weigh(client, told)
        with self._signed_in("V2") as client:
            for known in self.items.values():
                for release in known["releases"]:
                    decided = {"act": "decision", "motion": release, **_UPHELD}
                    client.call("POST", self._at("evidence", known["item"]), decided)

    def hear(self) -> None:
        """V1 writes down what the accused said, and what they were asked: nothing came back."""
        with self._signed_in("V1") as client:
            for told in self.story["responses"]:
                said = {name: told[name] for name in ("said", "who", "where", "source")}
                points = [
                    {**point, "about": list(map(self._claim, point["about"]))} for point in told["points"]
                ]
                imagery = [{**one, "item": self.items[one["item"]]["item"]} for one in told["imagery"]]
                entry = {"act": "response", **said, "points": points, "imagery": imagery, "replaces": None}
                self.responses[told["key"]] = client.call("POST", self._at("responses"), entry)["name"]
            for told in self.story["approaches"]:
                about = [self.incidents[place] for place in told["incidents"]]
                entry = {"act": "approach", **told, "incidents": about}
                self.approaches.append(client.call("POST", self._at("responses"), entry)["name"])

    def find(self) -> str:
        """V1 proposes the finding, V2 upholds it; by what it is called."""
        told = self.story["finding"]
        with self._signed_in("V1") as client:
            heads = {
                key: client.call("GET", self._at("evidence", known["item"]))["entries"][-1]["name"]
                for key, known in self.items.items()
            }
            said = {name: told[name] for name in ("proposition", "likelihood", "reasons")}
            factors = [self._factor(one, heads) for one in told["factors"]]
            entry = {"incident": self.incidents[told["incident"]], "factors": factors, **said}
            finding = client.call(
                "POST", self._at("findings"), {"act": "finding", "finding": None, "version": 1, **entry}
            )["finding"]
        with self._signed_in("V2") as client:
            newest = client.call("GET", self._at("findings", finding))[0]
            client.call(
                "POST", self._at("findings"), {"act": "decision", "motion": newest["name"], **_UPHELD}
            )
        return str(finding)

    def answer(self, finding: str) -> list[str]:
        """V1 proposes the rebuttal sheet, V2 signs it too; what it says, point by point."""
        told = self.story["rebuttal"]
        points = [
            {"point": place, "answers": [self._source(one, finding) for one in chosen]}
            for place, chosen in enumerate(told["answers"])
        ]
        entry = {"about": told["about"], "response": self.responses[told["response"]], "points": points}
        with self._signed_in("V1") as client:
            name = client.call("POST", self._at("rebuttals"), {"act": "rebuttal", **entry})["rebuttal"]
        with self._signed_in("V2") as client:
            client.call("POST", self._at("rebuttals"), {"act": "decision", "rebuttal": name, **_UPHELD})
            return list(self._told(client.call("GET", self._at("rebuttals"))[0]["sheet"]))

    def _sent(self, client: Client, content: bytes) -> dict[str, Any]:
        digest = b64(hashlib.sha256(content).digest())
        head = b64(hashlib.sha256(content[:PIECE]).digest())
        facts = {"size": len(content), "media": "image/jpeg", "head": head, "sha256": digest}
        upload = client.call("POST", self._at("uploads"), facts)
        client.call("PUT", f"/api/uploads/{upload['upload']}/0", content)
        return dict(upload)

    def _weigh(self, client: Client, told: Mapping[str, Any]) -> None:
        known = self.items[told["key"]]
        at = self._at("evidence", known["item"])
        if "authenticity" in told:
            client.call("POST", at, {"act": "authenticity", **told["authenticity"]})
        for opinion in told.get("opinions", ()):
            known["opinions"].append(client.call("POST", at, {"act": "opinion", **opinion})["name"])
        released = []
        if "release" in told:
            released.append({"of": None, "text": told["release"], "picture": told["shown"]})
        if "release_opinion" in told:
            of = known["opinions"][0]
            released.append({"of": of, "text": told["release_opinion"], "picture": False})
        known["releases"] = [client.call("POST", at, {"act": "release", **one})["name"] for one in released]

    def _claim(self, about: tuple[int, str, Any]) -> dict[str, Any]:
        place, subject, value = about
        return {"incident": self.incidents[place], "subject": subject, "value": value}

    def _factor(self, told: Mapping[str, Any], heads: Mapping[str, str]) -> dict[str, Any]:
        said = dict(told)
        if told["kind"] == "claim":
            return {**said, "edition": 1}
        if told["kind"] == "response":
            return {**said, "response": self.responses[told["response"]]}
        known = self.items[told["item"]]
        if told["kind"] == "opinion":
            return {**said, "item": known["item"], "opinion": known["opinions"][0]}
        return {**said, "item": known["item"], "at": heads[told["item"]]}

    def _source(self, told: list[Any], finding: str) -> dict[str, Any]:
        """What answers a point, as the story calls it."""
        match told:
            case ["statement", subject]:
                return {"statement": self.statement, "line": list(self.lines).index(subject)}
            case ["conflict", response, point]:
                return {"response": self.responses[response], "point": point}
            case ["reply", place]:
                return {"approach": self.approaches[place]}
            case ["finding"]:
                return {"finding": finding, "version": 1}
            case [_, key]:  # an item's own release comes first, an opinion's is the only one
                return {"item": self.items[key]["item"], "release": self.items[key]["releases"][0]}
        raise ValueError("the story names an answer that there is not")

    def _told(self, sheet: Mapping[str, Any]) -> Iterator[str]:
        said = sheet["response"]
        yield f"The rebuttal sheet answers what was said on {said['said']}, by {said['who'].lower()}:"
        for point in sheet["points"]:
            yield f"  {point['words']['en']}"
            yield from (f"    {answer['kind']}: {self._says(answer)}" for answer in point["answers"])
            if not point["answers"]:
                yield "    Nobody can: who they are is sealed, and no one person can open it."

    def _says(self, answer: Mapping[str, Any]) -> str:
        match answer["kind"]:
            case "statement":
                return [*self.lines.values()][int(answer["line"])]
            case "reply":
                return f"They were asked on {answer['day']}; nothing came back."
            case "response":
                return f"They said before, on {answer['said']}: {answer['words']['en']}"
            case "finding":
                return f"{answer['likelihood'].capitalize()}: {answer['proposition']['en']}"
        return str(answer["text"]["en"])

    def _at(self, *path: str) -> str:
        return "/".join(("/api/cases", self.case, *path))

    @contextlib.contextmanager
    def _signed_in(self, code: str) -> Iterator[Client]:
        member = Member(Profile(self.folder / code), code, self.passphrases[code], Place(self.server))
        with member.signed_in() as (client, _):
            yield client
