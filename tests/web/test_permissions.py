"""Every route, by every method, for everybody: only what the page of permissions and the view's own word allow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests import stage
from tests.cast import C1, R1, V1, Person, following
from tests.visitor import Api, Visitor, sentences
from vault.rules.access import PERMISSIONS, Permission, Role, allows
from vault.sealing.digests import Json
from vault.sealing.members import card_fingerprint
from web import auth

# Who may reach what. A declaration that is loosened in a view fails here; a new view fails until it is listed.
DECLARED: dict[str, Permission | None] = {
    "access.index": Permission.SEE_ACCESS,
    "access.show": Permission.SEE_ACCESS,
    "access.take": Permission.HAND_GRANTS,
    "access.revoke": Permission.REVOKE_KEYS,
    "access.revoke_post": Permission.REVOKE_KEYS,
    "access.api_index": Permission.SEE_ACCESS,
    "access.api_show": Permission.SEE_ACCESS,
    "access.api_briefs": Permission.SEE_CASES,
    "access.api_take": Permission.HAND_GRANTS,
    "access.api_revocations": Permission.SEE_ACCESS,
    "access.api_revoke": Permission.REVOKE_KEYS,
    "language_choice.choose": None,
    "auth.sign_in": None,
    "auth.sign_in_post": None,
    "auth.sign_out": None,  # the button must work when the session has ended
    "auth.renew": Permission.SIGN_OUT,
    "auth.api_sign_in": None,
    "auth.api_challenge": None,
    "auth.api_sign_in_custodian": None,
    "auth.api_sign_out": Permission.SIGN_OUT,
    "bringing.form": Permission.EDIT_INCIDENTS,
    "bringing.form_post": Permission.EDIT_INCIDENTS,
    "bringing.api_add": Permission.EDIT_INCIDENTS,
    "case_proposals.form": Permission.PROPOSE_CASE,
    "case_proposals.form_post": Permission.PROPOSE_CASE,
    "case_proposals.api_brief": Permission.PROPOSE_CASE,
    "case_proposals.api_propose": Permission.PROPOSE_CASE,
    "cases.show": Permission.SEE_CASES,
    "cases.add_incident": Permission.EDIT_INCIDENTS,
    "cases.api_index": Permission.SEE_CASES,
    "cases.api_show": Permission.SEE_CASES,
    "cases.api_add_incident": Permission.EDIT_INCIDENTS,
    "consent_script.show": None,  # about nobody: it is read aloud
    "consents.form": Permission.LOG_INTERVIEW,
    "consents.form_post": Permission.LOG_INTERVIEW,
    "custody.show": Permission.READ_ROSTER,
    "custody.request_file": Permission.DECIDE_OPENING,
    "court.api_open": Permission.APPROVE_STATEMENT,
    "custody.decide": Permission.DECIDE_OPENING,
    "custody.absence": Permission.ATTEND,
    "custody.audit_file": Permission.READ_AUDIT,
    "desk.home": Permission.SIGN_OUT,
    "desk.about": None,
    "editions.index": Permission.READ_EDITION,
    "editions.cut": Permission.CUT_EDITION,
    "editions.cut_post": Permission.CUT_EDITION,
    "editions.look": Permission.CUT_EDITION,
    "editions.table": Permission.READ_EDITION,
    "editions.api_cut": Permission.CUT_EDITION,
    "editions.api_index": Permission.READ_EDITION,
    "editions.api_table": Permission.READ_EDITION,
    "quotes.index": Permission.ASSESS,
    "quotes.decide": Permission.ASSESS,
    "quotes.form": Permission.ASSESS,
    "quotes.propose": Permission.ASSESS,
    "quotes.api_index": Permission.ASSESS,
    "quotes.api_act": Permission.ASSESS,
    "sources.show": Permission.ASSESS,
    "sources.assess": Permission.ASSESS,
    "sources.api_show": Permission.ASSESS,
    "sources.api_assess": Permission.ASSESS,
    "patterns.show": Permission.READ_EDITION,
    "patterns.api_show": Permission.READ_EDITION,
    "audit.api_checkpoints": Permission.READ_AUDIT,
    "audit.api_decisions": Permission.READ_AUDIT,
    "audit.api_entries": Permission.READ_AUDIT,
    "audit.api_sign": Permission.READ_AUDIT,
    "enrolment.enrol": None,
    "enrolment.enrol_post": None,
    "enrolment.api_invitation": None,
    "enrolment.api_enrol": None,
    "enrolment.api_keys": Permission.SIGN_OUT,
    "evidence.index": Permission.ADD_EVIDENCE,  # whoever may not read learns how to hand in
    "evidence.form": Permission.ADD_EVIDENCE,
    "evidence.form_post": Permission.ADD_EVIDENCE,
    "evidence_item.show": Permission.READ_EVIDENCE,
    "evidence_item.go_on": Permission.READ_EVIDENCE,  # and per act, see vault/rules/items.py
    "evidence_item.take": Permission.READ_EVIDENCE,
    "evidence_files.preview": Permission.READ_EVIDENCE,
    "evidence_api.index": Permission.READ_EVIDENCE,
    "evidence_api.add": Permission.ADD_EVIDENCE,
    "evidence_api.show": Permission.READ_EVIDENCE,
    "evidence_api.go_on": Permission.READ_EVIDENCE,  # and per act, see vault/rules/items.py
    "evidence_files.show": Permission.READ_EVIDENCE,
    "evidence_files.take": Permission.READ_EVIDENCE,
    "evidence_files.api_show": Permission.READ_EVIDENCE,
    "evidence_files.api_verify": Permission.READ_EVIDENCE,
    "exchange.index": Permission.READ_EDITION,  # and a key, see vault/exchange.py
    "exchange.take": Permission.READ_EDITION,
    "exchange.api_take": Permission.READ_EDITION,
    "findings.index": Permission.READ_EDITION,
    "findings.show": Permission.READ_EDITION,
    "findings.decide": Permission.WEIGH_EVIDENCE,
    "findings.form": Permission.WEIGH_EVIDENCE,
    "findings.form_post": Permission.WEIGH_EVIDENCE,
    "findings.api_index": Permission.READ_EDITION,
    "findings.api_show": Permission.READ_EDITION,
    "findings.api_act": Permission.WEIGH_EVIDENCE,
    "exports.index": Permission.SEE_CASES,  # and a key, see vault/exports.py
    "exports.hand_over": Permission.READ_TESTIMONY,
    "exports.api_index": Permission.SEE_CASES,
    "exports.api_take_table": Permission.READ_EDITION,
    "inbox.api_show": Permission.READ_ROSTER,
    "interviews.start": Permission.LOG_INTERVIEW,
    "interviews.form": Permission.LOG_INTERVIEW,
    "interviews.form_post": None,  # a session may end while somebody types; see below what is left then
    "interviews.api_start": Permission.LOG_INTERVIEW,
    "interviews.api_deposit": Permission.LOG_INTERVIEW,
    "matching.api_names": Permission.CUT_EDITION,
    "matching.api_case": Permission.HOLD_SHARES,
    "matching.api_records": Permission.HOLD_SHARES,
    "matching.api_keep": Permission.HOLD_SHARES,
    "openings.index": Permission.REQUEST_OPENING,
    "openings.ask": Permission.REQUEST_OPENING,
    "openings.collect": Permission.REQUEST_OPENING,
    "openings.roster_file": Permission.READ_ROSTER,
    "openings.api_ask": Permission.REQUEST_OPENING,
    "openings.api_waiting": Permission.DECIDE_OPENING,
    "openings.api_progress": Permission.REQUEST_OPENING,
    "openings.api_decide": Permission.DECIDE_OPENING,
    "openings.api_redeem": Permission.REQUEST_OPENING,
    "proposals.api_index": Permission.SEE_PROPOSALS,
    "proposals.api_propose": Permission.SEE_PROPOSALS,  # and per kind, see below
    "proposals.api_sign": Permission.SIGN_PROPOSALS,
    "proposals.api_withdraw": Permission.SEE_PROPOSALS,  # one's own, or as a custodian any
    "recoding.form": Permission.READ_TESTIMONY,
    "recoding.form_post": Permission.READ_TESTIMONY,
    "recoding.api_deposit": Permission.READ_TESTIMONY,
    "resharing.api_page": Permission.HOLD_SHARES,
    "resharing.api_statements": Permission.HOLD_SHARES,
    "resharing.api_begin": Permission.HOLD_SHARES,
    "resharing.api_take": Permission.HOLD_SHARES,
    "resharing.api_finish": Permission.HOLD_SHARES,
    "resharing.api_shares": Permission.HOLD_SHARES,
    "resharing.api_withdrawn": Permission.HOLD_SHARES,
    "resharing.api_reports": Permission.HOLD_SHARES,
    "resharing.api_report": Permission.HOLD_SHARES,
    "rebuttals.index": Permission.READ_EDITION,
    "rebuttals.form": Permission.WEIGH_EVIDENCE,
    "rebuttals.form_post": Permission.WEIGH_EVIDENCE,
    "rebuttals.show": Permission.READ_EDITION,
    "rebuttals.decide": Permission.WEIGH_EVIDENCE,
    "rebuttals.give_out": Permission.WEIGH_EVIDENCE,
    "rebuttals.api_index": Permission.READ_EDITION,
    "rebuttals.api_offered": Permission.WEIGH_EVIDENCE,
    "rebuttals.api_act": Permission.WEIGH_EVIDENCE,
    "rebuttals.api_give_out": Permission.WEIGH_EVIDENCE,
    "responses.index": Permission.READ_EDITION,
    "responses.ask": Permission.ASSESS,
    "responses.form": Permission.ASSESS,
    "responses.form_post": Permission.ASSESS,
    "responses.api_index": Permission.READ_EDITION,
    "responses.api_record": Permission.ASSESS,
    "roster.api_founding": None,
    "roster.api_chain": Permission.READ_ROSTER,
    "roster.api_cards": Permission.PROPOSE_ROSTER,
    "roster.custodians": Permission.LOG_INTERVIEW,
    "statements.index": Permission.READ_EDITION,
    "statements.choose": Permission.PREPARE_STATEMENT,
    "statements.choose_post": Permission.PREPARE_STATEMENT,
    "statements.show": Permission.READ_EDITION,
    "statements.approve": Permission.APPROVE_STATEMENT,
    "statements.pull": Permission.READ_EDITION,
    "statements.pull_post": Permission.READ_EDITION,
    "statements.api_index": Permission.READ_EDITION,
    "statements.api_prepare": Permission.PREPARE_STATEMENT,
    "statements.api_approve": Permission.APPROVE_STATEMENT,
    "statements.api_pull": Permission.READ_EDITION,
    "countersigning.api_index": Permission.SIGN_STATEMENT,
    "countersigning.api_publish": Permission.SIGN_STATEMENT,
    "countersigning.api_pull": Permission.PULL_STATEMENT,
    "public.index": None,
    "public.show": None,
    "public.data": None,
    "public.paper": None,
    "public.checkpoint": None,
    "public.verifier": None,
    "testimony.index": Permission.READ_TESTIMONY,
    "testimony.show": Permission.READ_TESTIMONY,
    "uploads.api_index": Permission.ADD_EVIDENCE,
    "uploads.api_start": Permission.ADD_EVIDENCE,
    "uploads.api_show": Permission.ADD_EVIDENCE,
    "uploads.api_receive": Permission.ADD_EVIDENCE,
    "uploads.api_forget": Permission.ADD_EVIDENCE,
    "retention.api_index": Permission.SET_RETENTION,
    "retention.form": Permission.READ_TESTIMONY,
    "retention.form_post": Permission.READ_TESTIMONY,
    "withdrawals.form": None,  # whoever has a receipt
    "withdrawals.form_post": None,
    "withdrawals.api_withdraw": None,
    "withdrawals.api_reader": Permission.READ_TESTIMONY,
    "withdrawals.api_of_item": Permission.READ_EVIDENCE,
    "withdrawals.of_item": Permission.READ_EVIDENCE,
    "withdrawals.of_item_post": Permission.READ_EVIDENCE,
    "withdrawals.reader": Permission.READ_TESTIMONY,
    "withdrawals.reader_post": Permission.READ_TESTIMONY,
}
NOT_ALLOWED = "Your role does not allow this."
R9 = Person("R9", "researcher")  # has enrolled; no roster lists them yet
ANONYMOUS = None


@dataclass
class Vault:
    """An application, and one real session for each role."""

    app: Flask
    scene: stage.Scene
    id: str
    entered: dict[Role, Api] = field(default_factory=dict)

    def enter(self, role: Role | None, endpoint: str = "") -> Api:
        """A client that has signed in in this role; for what begins and ends sessions, in one of its own."""
        people = {Role.PENDING: R9, Role.RESEARCHER: R1, Role.REVIEWER: V1, Role.CUSTODIAN: C1}
        if role is None or endpoint.startswith("auth."):
            return Api(self.app, None if role is None else people[role], self.id)
        if role not in self.entered:
            self.entered[role] = Api(self.app, people[role], self.id)
        return self.entered[role]

    def path(self, rule: Rule) -> str:
        """An address that the rule matches."""
        known = {
            "case": self.scene.case,
            "incident": self.scene.hospital,
            "number": "1",
            "place": "0",
            "filename": "vault.css",
        }
        path = re.sub(r"<\w+(\(.*?\))?:", "<", rule.rule)
        for name in rule.arguments:
            path = path.replace(f"<{name}>", known.get(name, "A" * 22))
        return path


@pytest.fixture(scope="module")
def vault(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    scene = stage.copied(staged, tmp_path_factory.mktemp("permissions") / "vault")
    scene.carry(C1, stage.invitations(scene.roster(), (R9,)))
    scene.enrol(R9)
    yield Vault(scene.app(), scene, scene.roster().vault)
    scene.close()


def _rules(app: Flask) -> dict[str, Rule]:
    return {rule.endpoint: rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"}


def test_every_route_declares_a_permission_and_it_is_the_one_written_here(vault: Vault) -> None:
    declared = {
        endpoint: getattr(vault.app.view_functions[endpoint], "permission", "nothing")
        for endpoint in _rules(vault.app)
    }
    assert declared == DECLARED


def _is_right(role: Role | None, rule: Rule, answer: TestResponse) -> bool:
    permission = DECLARED[rule.endpoint]
    refused = answer.status_code == 403 and sentences(answer) == [NOT_ALLOWED]
    if permission is None:
        return not refused or rule.endpoint == "interviews.form_post"
    if role is None and answer.request.method == "GET" and not rule.rule.startswith("/api/"):
        return (answer.status_code, answer.headers.get("Location")) == (303, "/sign-in")
    if role is None:
        return (answer.status_code, sentences(answer)) == (401, ["Sign in first."])
    return not refused and answer.status_code not in (401, 405, 500) if allows(role, permission) else refused


@pytest.mark.parametrize("role", [ANONYMOUS, *Role], ids=lambda role: role or "anonymous")
def test_only_who_may_gets_past_the_guard(vault: Vault, role: Role | None) -> None:
    wrong = []
    for endpoint, rule in _rules(vault.app).items():
        (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        body: Json = {} if method == "POST" else None
        answer = vault.enter(role, endpoint).call(method, vault.path(rule), body)
        wrong += [] if _is_right(role, rule, answer) else [(endpoint, answer.status_code)]
    assert wrong == []


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"])
def test_no_other_method_says_more_to_a_stranger(vault: Vault, method: str) -> None:
    wrong, stranger = [], vault.enter(ANONYMOUS)
    for rule in (rule for endpoint, rule in _rules(vault.app).items() if DECLARED[endpoint] is not None):
        answer = stranger.call(method, vault.path(rule))
        says_more = vault.scene.hospital in answer.get_data(as_text=True)
        if says_more or answer.status_code not in (303, 400, 401, 405):
            wrong.append((rule.endpoint, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", [Role.PENDING, Role.REVIEWER, Role.CUSTODIAN])
def test_the_long_form_takes_nothing_from_others_than_researchers(vault: Vault, role: Role) -> None:
    answer = vault.enter(role).call("POST", f"/drafts/{'A' * 22}")
    assert (answer.status_code, sentences(answer)) == (403, [NOT_ALLOWED])


KINDS = {
    "roster": Permission.PROPOSE_ROSTER,
    "invitations": Permission.INVITE,
    "case": Permission.PROPOSE_CASE,
    "recut": Permission.CUT_EDITION,
    "retention": Permission.SET_RETENTION,
    "destruction": Permission.SET_RETENTION,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.CUSTODIAN])
def test_what_may_be_proposed_depends_on_its_kind(vault: Vault, role: Role, kind: str) -> None:
    document = {"format": f"witness-vault/v1/{kind}"}
    answer = vault.enter(role).call("POST", "/api/proposals", {"document": document})
    expected = 422 if allows(role, KINDS[kind]) else 403
    assert answer.status_code == expected
    assert (sentences(answer) == [NOT_ALLOWED]) == (expected == 403)


def test_a_view_that_declares_nothing_is_closed_to_everybody(vault: Vault) -> None:
    app = vault.scene.app(new=True)
    app.add_url_rule("/forgotten", "forgotten", lambda: "open to the world")
    for role in Role:
        answer = Api(app, {Role.CUSTODIAN: C1}.get(role, R1), vault.scene.roster().vault).call(
            "GET", "/forgotten"
        )
        assert (answer.status_code, sentences(answer)) == (403, ["This page is not open to anybody."])


def test_a_declaration_of_a_new_view_is_obeyed(vault: Vault) -> None:
    app = vault.scene.app(new=True)
    app.add_url_rule("/new", "new", auth.allow(Permission.CUT_EDITION)(lambda: "for reviewers"))
    assert Visitor(app, R1).get("/new").status_code == 403
    assert Visitor(app, V1).get("/new").status_code == 200


def test_a_pending_member_sees_the_words_of_their_card_and_nothing_else(vault: Vault) -> None:
    visitor = Visitor(vault.app, R9)
    page = visitor.get("/").get_data(as_text=True)
    assert "/cases/" not in page
    assert card_fingerprint(R9.card) in page
    assert visitor.get("/custody").status_code == 403


def test_the_session_of_a_removed_member_ends(scene: stage.Scene) -> None:
    visitor = Visitor(scene.app(), R1)
    assert visitor.get(f"/cases/{scene.case}").status_code == 200
    kept = [entry for entry in scene.roster().document["members"] if entry["code"] != "R1"]
    scene.carry(C1, {**following(scene.roster(), **stage.DAYS), "members": kept})
    assert visitor.get(f"/cases/{scene.case}").status_code == 303


def test_no_role_has_both_the_shares_and_what_they_could_be_joined_to() -> None:
    both = {Permission.READ_TESTIMONY, Permission.DECIDE_OPENING}
    assert not any(both <= granted for granted in PERMISSIONS.values())
