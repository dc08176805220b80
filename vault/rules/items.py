"""What an item's custody chain makes of it, entry by entry (docs/FORMATS.md §19).

**Files.** The newest of each role stands; what came before is still there. **Authenticity.** The newest word of each
author stands, and authors may disagree. **Opinions** all stand, by question. **Releases** take two: nobody decides on
their own; one signature recalls. A released picture is the working copy that stood then, and no later one.
**Withdrawn** by who gave it, an item has no files any more, gets none, and nothing is said of it in public.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

from vault.errors import Invalid
from vault.rules.access import Permission
from vault.rules.assessments import LONGEST_REASON, Decision, reason
from vault.rules.custody import OF_THE_VAULT, Added, Event, File, FileRole, What
from vault.rules.evidence import Arrival, Authenticity, Bearing, Bearings
from vault.rules.fields import Fields
from vault.rules.opinions import Given, Opinion, Question, questions
from vault.rules.releases import Recall, Release, Released
from vault.rules.vocabulary import Vocabulary

_CODE = 80
Said: TypeAlias = Arrival | Added | Event | Bearings | Authenticity | Opinion | Release | Decision | Recall


class Act(StrEnum):
    """What an entry does."""

    ARRIVAL = "arrival"
    FILE = "file"
    EVENT = "event"
    BEARING = "bearing"
    AUTHENTICITY = "authenticity"
    OPINION = "opinion"
    RELEASE = "release"
    DECISION = "decision"
    RECALL = "recall"


# Whoever holds the key keeps an item and writes down what happens to it; reviewers weigh it.
NEEDS: Mapping[Act, Permission] = {
    **dict.fromkeys(Act, Permission.WEIGH_EVIDENCE),
    Act.ARRIVAL: Permission.ADD_EVIDENCE,
    Act.FILE: Permission.READ_EVIDENCE,
    Act.EVENT: Permission.READ_EVIDENCE,
}


@dataclass(frozen=True)
class Entry:
    """One entry of a chain: by what it is called, who wrote it on which day, and what it says."""

    name: str
    author: str
    day: str
    said: Said


@dataclass
class Item:
    """What stands of an item."""

    arrival: Arrival
    entries: list[Entry] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    current: dict[FileRole, File] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    bears: tuple[Bearing, ...] = ()
    assessed: dict[str, Authenticity] = field(default_factory=dict)
    opinions: dict[str, Given] = field(default_factory=dict)
    released: dict[str, Released] = field(default_factory=dict)
    withdrawn: bool = False

    @property
    def head(self) -> str:
        """By what the newest entry is called."""
        return self.entries[-1].name

    @property
    def original(self) -> File | None:
        """The file as it came."""
        return self.current.get(FileRole.ORIGINAL)

    @property
    def working(self) -> File | None:
        """The copy that may be shown."""
        return self.current.get(FileRole.WORKING)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What experts were asked, and answered."""
        return questions(self.opinions.values())

    @property
    def disagree(self) -> bool:
        """Whether two grade its authenticity differently."""
        return len({one.grade for one in self.assessed.values()}) > 1

    @property
    def releases(self) -> tuple[Released, ...]:
        """Those that stand. One with a picture stands while its working copy does."""
        shown = self.working and self.working.file
        if self.withdrawn:
            return ()
        return tuple(
            one
            for one in self.released.values()
            if one.stands and (not one.release.picture or one.picture == shown)
        )

    def add(self, entry: Entry) -> None:
        """Take one more entry. Raises Invalid for one that nobody was free to write."""
        author, said = entry.author, entry.said
        if self.withdrawn and isinstance(said, Added | Release | Decision):
            raise Invalid("Who gave this item has withdrawn it: nothing of it is kept or said any more.")
        match said:
            case Arrival():
                raise Invalid("An item arrives once.")
            case Added(role=role, file=file):
                self._take(role, file)
            case Event(what=what, by=by):
                if what in OF_THE_VAULT and by != author:
                    raise Invalid("Whoever opens or verifies a file is who writes it down.")
                self._happened(said)
            case Bearings(bears=bears):
                self.bears = bears
            case Authenticity():
                self.assessed[author] = said
            case Opinion():
                self.opinions[entry.name] = Given(entry.name, author, said)
            case Release():
                self._release(entry.name, author, said)
            case Decision():
                self._decide(author, said)
            case recall:
                self._recall(author, recall)
        self.entries.append(entry)

    def _take(self, role: FileRole, file: File) -> None:
        self.files[file.file] = self.current[role] = file

    def _happened(self, event: Event) -> None:
        if event.file is not None and event.file not in self.files:
            raise Invalid("This item has no such file.", "file")
        if event.what is What.WITHDRAWN:
            self._withdraw()
        self.events.append(event)

    def _withdraw(self) -> None:
        if self.withdrawn or self.arrival.giver is None:
            raise Invalid("No witness gave this item, or it was withdrawn already.")
        self.withdrawn = True
        self.current.clear()

    def _release(self, name: str, author: str, release: Release) -> None:
        if release.of is not None and release.of not in self.opinions:
            raise Invalid("There is no such opinion on this item.", "of")
        if release.picture and self.working is None:
            raise Invalid("This item has no working copy: add one, then release its picture.", "picture")
        picture = self.working.file if release.picture and self.working else None
        self.released[name] = Released(name, author, release, picture)

    def _decide(self, author: str, decision: Decision) -> None:
        found = self._found(decision.motion)
        if found.decision is not None:
            raise Invalid("This release was decided on already.")
        if found.author == author:
            raise Invalid("Somebody else decides on what you proposed.")
        self.released[found.name] = replace(found, decider=author, decision=decision)

    def _recall(self, author: str, recall: Recall) -> None:
        found = self._found(recall.release)
        if found.recall is not None:
            raise Invalid("This release was recalled already.")
        self.released[found.name] = replace(found, recalled_by=author, recall=recall)

    def _found(self, name: str) -> Released:
        if name not in self.released:
            raise Invalid("There is no such release of this item.")
        return self.released[name]


def item(entries: Iterable[Entry]) -> Item:
    """What a chain makes of its item, oldest entry first. Raises Invalid for one that nobody was free to write."""
    first, *later = entries
    if not isinstance(first.said, Arrival):
        raise Invalid("An item arrives first.")
    arrival = first.said
    found = Item(arrival, [first], bears=arrival.facts.bears)
    for role, file in ((FileRole.ORIGINAL, arrival.original), (FileRole.WORKING, arrival.working)):
        if file is not None:
            found._take(role, file)
    for event in arrival.facts.events:
        found._happened(event)
    for entry in later:
        found.add(entry)
    return found


def from_json(act: Act, raw: object, vocabulary: Vocabulary) -> Said:
    """What an entry after the first says, by the vocabulary of the item's incident; raises Invalid."""
    match act:
        case Act.BEARING:
            return Bearings.from_json(raw, vocabulary)
        case Act.OPINION:
            return Opinion.from_json(raw, vocabulary)
        case Act.DECISION:
            fields = Fields(raw, "A decision", ("motion", "upheld", "reason"))
            why = reason(fields.text("reason", LONGEST_REASON))
            return Decision(fields.text("motion", _CODE), fields.flag("upheld"), why)
        case Act.ARRIVAL:
            raise Invalid("An item arrives once.")
    plain: Mapping[Act, Callable[[object], Said]] = {
        Act.FILE: Added.from_json,
        Act.EVENT: Event.from_json,
        Act.AUTHENTICITY: Authenticity.from_json,
        Act.RELEASE: Release.from_json,
        Act.RECALL: Recall.from_json,
    }
    return plain[act](raw)


def to_json(said: Said) -> dict[str, object]:
    """An entry's content as FORMATS 19 has it."""
    if isinstance(said, Decision):
        return {"motion": said.motion, "upheld": said.upheld, "reason": said.reason}
    return said.to_json()
