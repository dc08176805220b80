/**
 * The requester's side, after k custodians approved: what they handed over is combined here, shown once, and gone.
 */

import { grantFile, keyName, promisedKey } from "./cases.js";
import { at, element, facts, foreign, offer, onSend, readField, show, takeTyped } from "./dom.js";
import { combine, openKept, refusals } from "./opening.js";
import { hasExactly, isObject, parseObject } from "./reading.js";
import { need } from "./refusal.js";
import { memberOf, readPin, verifyChain } from "./rosters.js";
import { readBy } from "./signing.js";
import { _ } from "./speaking.js";

const IDLE = 2 * 60 * 1000;
const HANDED_PARTS = ["format", "vault", "opening", "escrow", "approvals", "case", "rosters"];
const FIELDS = [["pseudonym", _("Pseudonym")], ["name", _("Name")], ["other_names", _("Other names")],
  ["contact", _("Contact")], ["address", _("Address")], ["notes", _("Notes")]];

/** An identity that was combined and not yet shown. */
let opened = null;
let idle = 0;

/** Make the forms of the opening work. */
export function startCombining() {
  onSend("combine", _("Combining."), redeem);
  onSend("alone", null, async () => {
    const identity = opened;
    opened = null;
    showIdentity(identity);
    show("identity");
    touch();
  });
  at("alone-no").addEventListener("click", () => {
    forgetOpened();
    show("start");
  });
  at("identity-clear").addEventListener("click", clear);
  ["keydown", "pointerdown", "pointermove", "scroll"].forEach((kind) => {
    document.addEventListener(kind, touch, { passive: true, capture: true });
  });
  return { forget: forgetOpened };
}

/** Nothing of an opening stays here. */
export function forgetOpened() {
  clearTimeout(idle);
  opened = null;
  at("identity-facts").replaceChildren();
}

function touch() {
  if (!at("identity").hidden || opened !== null) {
    clearTimeout(idle);
    idle = setTimeout(clear, IDLE);
  }
}

function clear() {
  forgetOpened();
  show("gone");
}

async function redeem() {
  const kept = await readField("combine-kept", _("Choose your opening file."));
  const holder = await readField("combine-key", _("Choose the file of your request key."));
  const handed = await readField("combine-handed", _("Choose what the custodians handed over."));
  need(hasExactly(kept, ["format", "terms", "key"]) && kept.format === "witness-vault/v1/opening-file"
    && isObject(kept.terms?.document),
  _("This is not an opening file: choose the file that you kept when you asked."));
  need(isObject(holder) && isObject(holder.pin),
    _("This is not the file of a request key that has seen the rosters: choose the newest %(file)s.",
      { file: "member.json" }));
  need(hasExactly(handed, HANDED_PARTS) && handed.format === "witness-vault/v1/redemption-file"
    && Array.isArray(handed.approvals),
  _("This is not what custodians hand over: take the file from your desk again."));
  const { newest, rosters } = await verifyChain(handed.rosters, readPin(holder.pin));
  const { terms, member } = await ownTerms(kept, newest);
  need(handed.opening === terms.opening && handed.vault === terms.vault,
    _("This was handed over for another request."));
  const key = await openKept(kept, takeTyped("combine-code", _("Type the opening code.")));
  at("alone-refusals").replaceChildren(...told(await refusals(terms, key, handed.approvals, newest)));
  const secret = await combine(terms, key, handed.escrow, handed.approvals, newest);
  key.fill(0);
  if (terms.purpose === "identity") {
    opened = parseObject(secret);
    need(opened.format === "witness-vault/v1/identity", _("What was sealed here is not an identity."));
    show("alone");
    touch();
  } else {
    await grant(secret, await promisedKey(handed.case, terms, rosters), member);
  }
  secret.fill(0);
}

/** The terms that were kept are the holder's own; that their last day has passed does no harm any more. */
async function ownTerms({ terms: signed }, newest) {
  const member = memberOf(newest, signed.document.requester);
  need(member.request !== null, _("The roster does not list your request key any more: ask the custodians."));
  return { terms: await readBy(signed, "terms", member.code, member.request), member };
}

async function grant(secret, caseKey, member) {
  const file = await grantFile(caseKey, secret, member);
  at("granted-offers").replaceChildren(
    element("p", {}, _("It is this key of case %(case)s: %(key)s. It was sealed to your public key, and not shown.",
      { case: caseKey.code, key: keyName(caseKey.key) })),
    offer({ title: _("Your grant"), name: "grant.json", content: file,
      says: _("Hand it in at your desk: from then on you have this key when you sign in.") }),
  );
  show("granted");
}

function showIdentity(identity) {
  const rows = FIELDS.map(([field, name]) => [name, String(identity[field] ?? "")]).filter(([, text]) => text !== "");
  at("identity-facts").replaceChildren(...rows.map(([name, text]) => element("div", {}, element("dt", {}, name),
    element("dd", { class: "kept-lines", dir: "auto" }, foreign(text)))));
}

function told(reasons) {
  return reasons.length === 0 ? [] : [facts(reasons.map(({ custodian, reason }) => (
    [_("%(custodian)s refused", { custodian }), element("blockquote", { dir: "auto" }, foreign(reason))])))];
}
