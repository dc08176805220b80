"""Which custodians can be reached: the day they last signed in, absences they announced, their newest drill.

What the server says here is its word alone, but for drills, which are signed.
"""

from __future__ import annotations

from datetime import date

from vault import audit
from vault import roster as rosters
from vault.errors import Tampered
from vault.rules.access import Permission, Role, require
from vault.rules.attendance import Attendance, Attendant, check_absence
from vault.sealing.digests import stored
from vault.sealing.drills import read_report
from vault.sealing.rosters import Roster
from vault.store.testimony import AttendanceRow
from vault.store.unit_of_work import UnitOfWork


def see(uow: UnitOfWork, code: str, today: date) -> None:
    """Remember the day on which a custodian signed in, from their desk or with their key file."""
    _row(uow, code).seen = today.isoformat()
    uow.testimony.flush()


def announce(uow: UnitOfWork, code: str, role: Role, until: str | None, today: date) -> None:
    """Say until which day a custodian is away; None: they are back. Raises Invalid."""
    require(role, Permission.ATTEND)
    day = None if until is None else check_absence(until, today).isoformat()
    row = _row(uow, code)
    row.away, row.seen = day, today.isoformat()
    uow.testimony.flush()
    audit.record(uow, code, "absence announced", {"until": day or "back"}, today)


def attendance(uow: UnitOfWork, role: Role) -> Attendance:
    """All custodians of the present roster."""
    require(role, Permission.ATTEND)
    roster = rosters.current(uow)
    return Attendance(roster.threshold, tuple(_attendant(uow, roster, code) for code in roster.codes))


def _row(uow: UnitOfWork, code: str) -> AttendanceRow:
    row = uow.testimony.get(AttendanceRow, code)
    if row is None:
        row = AttendanceRow(custodian=code)
        uow.testimony.add(row)
    return row


def _attendant(uow: UnitOfWork, roster: Roster, code: str) -> Attendant:
    row = uow.testimony.get(AttendanceRow, code)
    if row is None:
        return Attendant(code, None, None, None)
    return Attendant(code, _day(row.seen), _day(row.away), _drill(row, roster))


def _drill(row: AttendanceRow, roster: Roster) -> date | None:
    """The day of the report, if the custodian signed it: who writes to the database must not vouch for their shares."""
    try:
        report = read_report(stored(row.drill or ""), row.custodian, roster)
    except Tampered:
        return None
    return _day(report["day"])


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
