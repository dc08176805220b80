/**
 * The clients' half of an opening: ask, decide, combine (docs/FORMATS.md §9; as vault/opening.py has it). In the pinned
 * page only, never served: what the server serves must not reach it.
 */

import { seal } from "../static/sealing/boxes.js";
import { b64, documentDigest, pad, unb64 } from "../static/sealing/encoding.js";
import { sealingPublic } from "../static/sealing/keypairs.js";
import { lock } from "../static/sealing/locked.js";
import { combine as combineShares } from "./combining.js";
import { NOT_LISTED } from "./keyfiles.js";
import { binding, checkRecord, isShare, openShare, recordFingerprint } from "./records.js";
import { need, orMistyped, orRefuse, Refusal, stop } from "./refusal.js";
import { memberOf, requireInForce } from "./rosters.js";
import { readBy, sign, signingPublic } from "./signing.js";
import { _ } from "./speaking.js";
import { checkReason, checkTerms } from "./terms.js";
import { unlock, unpad } from "./unlocking.js";
import { unseal } from "./unsealing.js";
import { openingKey } from "./words.js";

const REASON_PADDED = 4096;
const UNFIT = _("A custodian handed over a share that does not fit the record; ask the others to decide.");

/**
 * Signed terms for one opening, and what the requester keeps for it: the fresh key, locked under the opening code.
 * @param {{purpose: string, record: string, escrow: string, reason: string}} about
 * @param {import("./rosters.js").Roster} roster
 * @param {import("./requestkeys.js").RequestKey} requestKey
 * @param {{today: string, last: string, code: string}} given
 */
export async function ask(about, roster, { code: requester, seed }, { today, last, code }) {
  requireInForce(roster, today);
  checkReason(about.reason);
  const { request } = memberOf(roster, requester);
  const listed = request !== null && b64(request) === b64(await signingPublic(seed));
  need(listed, _("The roster does not list this request key: ask the custodians to add its card."));
  const key = crypto.getRandomValues(new Uint8Array(32));
  const opening = b64(crypto.getRandomValues(new Uint8Array(16)));
  const terms = await sign({
    format: "witness-vault/v1/terms", vault: roster.vault, opening, ...about, requester,
    key: b64(await sealingPublic(key)), roster: roster.version, day: today, expires: last,
  }, requester, seed);
  await checkTerms(terms, roster, today); // what nobody may decide on is not handed out either
  const locked = b64(await lock(await openingKey(code), "opening-key", { opening }, key));
  key.fill(0);
  return {
    request: { format: "witness-vault/v1/request-file", terms },
    kept: { format: "witness-vault/v1/opening-file", terms, key: locked },
  };
}

/**
 * The requester's fresh key, out of what was kept. Refuses a wrong opening code.
 * @param {any} kept an opening-file
 * @param {string} code
 */
export function openKept(kept, code) {
  const { opening } = kept.terms.document;
  return orMistyped(_("The opening code does not open this file: compare its ten words."), async () => (
    unlock(await openingKey(code), "opening-key", { opening }, await orRefuse(UNFIT, () => unb64(kept.key)))));
}

/**
 * A custodian's signed approval, the share sealed anew to the requester; or, with a reason, a refusal. The terms are
 * those that `checkTerms` gave.
 * @param {{terms: import("./terms.js").Terms, escrow: any}} packet
 * @param {import("./rosters.js").Roster} roster
 * @param {{code: string, seed: Uint8Array, signing: Uint8Array}} holder
 * @param {string | null} refusal
 * @param {string} today
 */
export async function decide({ terms, escrow }, roster, { code, seed, signing }, refusal, today) {
  const custodian = roster.custodians.get(code);
  const known = custodian !== undefined && b64(custodian.signing) === b64(await signingPublic(signing));
  need(known, NOT_LISTED);
  const decision = {
    format: "witness-vault/v1/approval", vault: roster.vault, opening: terms.opening,
    terms: b64(await documentDigest(terms)), custodian: code,
    decision: "refuse", reason: null, index: null, share: null,
  };
  if (refusal === null) {
    requireInForce(roster, today);
    const share = await openShare(escrow, terms, seed);
    const approved = { ...decision, decision: "approve", index: share[0] };
    const handed = b64(await seal(unb64(terms.key), "handed-share", handing(approved), share));
    share.fill(0);
    return sign({ ...approved, share: handed }, code, signing);
  }
  // Why a custodian refuses is for the requester's eyes, not for whoever seizes the server.
  const reason = pad(new TextEncoder().encode(refusal), REASON_PADDED);
  const sealed = b64(await seal(unb64(terms.key), "handed-share", handing(decision), reason));
  return sign({ ...decision, reason: sealed }, code, signing);
}

/**
 * The secret that k custodians handed over. Refuses fewer than k, and what does not fit.
 * @param {import("./terms.js").Terms} terms
 * @param {Uint8Array} key
 * @param {any} record
 * @param {any[]} approvals
 * @param {import("./rosters.js").Roster} roster
 */
export async function combine(terms, key, record, approvals, roster) {
  await checkRecord(record);
  const named = ["purpose", "record", "vault"].every((part) => record[part] === terms[part])
    && await recordFingerprint(record) === terms.escrow;
  need(named, stop(_("This is another record than the one requested.")));
  const name = b64(await documentDigest(terms));
  // (1) every decision is a custodian's, about these terms; (2) every share is the one that the record names
  const handed = new Map();
  let unfit = 0;
  for (const signed of approvals) {
    const share = await handedShare(signed, { name, key, record, roster }).catch(() => undefined);
    unfit += share === undefined ? 1 : 0;
    if (share) {
      handed.set(share[0], share);
    }
  }
  // (3) a quorum
  const { threshold } = record;
  need(handed.size >= threshold || unfit === 0, UNFIT);
  need(handed.size >= threshold, _("%(count)s of %(needed)s custodians have approved; the record stays closed.",
    { count: handed.size, needed: threshold }));
  // (4) the data key, proved by the record's key commitment
  const chosen = [...handed.keys()].sort((a, b) => a - b).slice(0, threshold).map((index) => handed.get(index));
  const dataKey = combineShares(chosen);
  const padded = await unlock(dataKey, "escrow", binding(record), unb64(record.locked));
  [dataKey, ...handed.values()].forEach((bytes) => bytes.fill(0));
  return unpad(padded);
}

/**
 * Who refused, and why: decisions that are no refusal of these terms are left out.
 * @param {import("./terms.js").Terms} terms
 * @param {Uint8Array} key
 * @param {any[]} approvals
 * @param {import("./rosters.js").Roster} roster
 */
export async function refusals(terms, key, approvals, roster) {
  const name = b64(await documentDigest(terms));
  const reasons = await Promise.all(approvals.map((signed) => (
    refusalReason(signed, { name, key, roster }).catch(() => null))));
  return reasons.filter((reason) => reason !== null);
}

/** @param {{opening: string, terms: string, custodian: string, index: number | null}} decision */
function handing({ opening, terms, custodian, index }) {
  return { opening, terms, custodian, index };
}

/** A custodian's decision about these terms. @param {any} signed @param {any} expected */
async function readDecision(signed, { name, roster }) {
  const { custodian: code } = signed.document;
  const approval = await readBy(signed, "approval", code, roster.custodians.get(code).signing);
  need(approval.terms === name && approval.vault === roster.vault, UNFIT);
  return approval;
}

/** @param {any} signed @param {any} expected */
async function refusalReason(signed, { name, key, roster }) {
  const decision = await readDecision(signed, { name, roster });
  if (decision.decision !== "refuse") {
    return null;
  }
  const box = unb64(decision.reason);
  const reason = unpad(await unseal(key, "handed-share", handing(/** @type {any} */ (decision)), box));
  return { custodian: decision.custodian, reason: new TextDecoder().decode(reason) };
}

/** The share, or null for a refusal. @param {any} signed @param {any} expected */
async function handedShare(signed, { name, key, record, roster }) {
  const approval = await readDecision(signed, { name, roster });
  const { custodian: code } = approval;
  if (approval.decision === "refuse") {
    return null;
  }
  const share = await unseal(key, "handed-share", handing(/** @type {any} */ (approval)), unb64(approval.share));
  const entry = record.shares[approval.index - 1];
  const ofEntry = approval.decision === "approve" && approval.index === entry.index && code === entry.custodian;
  if (!ofEntry || !await isShare(share, entry)) {
    throw new Refusal(UNFIT);
  }
  return share;
}
