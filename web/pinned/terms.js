/**
 * The terms of an opening: what is asked for, by whom, why, until when (docs/FORMATS.md §9).
 */

import { PUBLIC_SIZE } from "../static/sealing/boxes.js";
import { unb64 } from "../static/sealing/encoding.js";
import { isPlain, lengthOf } from "./plain.js";
import { hasExactly, isObject, parseObject } from "./reading.js";
import { need, orRefuse, stop } from "./refusal.js";
import { dayNumber, memberOf } from "./rosters.js";
import { readBy } from "./signing.js";
import { _ } from "./speaking.js";
import { unpad } from "./unlocking.js";
import { unseal } from "./unsealing.js";

export const LONGEST_REASON = 1000;
export const LONGEST_LIFE = 30;
const PURPOSES = ["identity", "case-key"];
const TEXTS = ["format", "vault", "opening", "purpose", "record", "escrow", "reason", "requester", "key", "day",
  "expires"];
const NOT_TERMS = stop(_("This is not a request for an opening."));

/**
 * @typedef {{format: string, vault: string, opening: string, purpose: string, record: string, escrow: string,
 *            reason: string, requester: string, key: string, roster: number, day: string, expires: string}} Terms
 */

/**
 * The terms, if a member whom the roster lists signed them, and they stand today.
 * @param {any} signed
 * @param {import("./rosters.js").Roster} roster
 * @param {string} today
 * @returns {Promise<Terms>}
 */
export function checkTerms(signed, roster, today) {
  return orRefuse(NOT_TERMS, async () => {
    const { request, code } = memberOf(roster, signed.document.requester);
    need(request !== null, stop(_("Whoever asks has no request key in the roster.")));
    const terms = await readBy(signed, "terms", code, request);
    checkForm(terms);
    const ours = terms.vault === roster.vault && terms.roster >= 1 && terms.roster <= roster.version;
    need(ours, stop(_("This request was made for another vault or roster.")));
    const life = dayNumber(terms.expires) - dayNumber(terms.day);
    need(life <= LONGEST_LIFE, _("A request lives at most %(days)s days: a new one is needed.", { days: LONGEST_LIFE }));
    need(terms.day <= today && today <= terms.expires,
      _("This request is past its last day, or this device's date is wrong: set the date, or ask for a new request."));
    return terms;
  });
}

/**
 * Refuses a request that was made to the custodians of an earlier epoch.
 * @param {Terms} terms
 * @param {import("./rosters.js").Roster[]} rosters
 */
export function requirePresentEpoch(terms, rosters) {
  const same = rosters[terms.roster - 1].epoch === rosters.at(-1).epoch;
  need(same, _("The custodians have changed since this was asked for: a new request is needed."));
}

/** Refuses a reason that is none, or in which something could hide. @param {string} reason */
export function checkReason(reason) {
  const length = lengthOf(reason);
  need(length >= 1 && length <= LONGEST_REASON,
    _("Give a reason, in at most %(count)s characters.", { count: LONGEST_REASON }));
  need(isPlain(reason),
    _("Give the reason in one line of plain text, with single spaces and no invisible characters."));
}

/**
 * What is in a custodian's packet. Anybody can seal to a custodian: the terms inside must be of the opening that is
 * named.
 * @param {Uint8Array} seed
 * @param {any} file a packet-file
 * @param {string} recipient
 */
export async function openPacket(seed, { vault, opening, packet }, recipient) {
  const content = await orRefuse(stop(_("A packet holds something else than a request.")), async () => (
    parseObject(unpad(await unseal(seed, "packet", { vault, opening, recipient }, unb64(packet))))));
  const named = isObject(content.terms) && isObject(content.terms.document) && content.terms.document.opening;
  need(named === opening, stop(_("This packet holds another request than it is named for.")));
  return content;
}

/** @param {any} terms */
function checkForm(terms) {
  need(hasExactly(terms, [...TEXTS, "roster"]) && TEXTS.every((part) => typeof terms[part] === "string"), NOT_TERMS);
  need(Number.isSafeInteger(terms.roster) && PURPOSES.includes(terms.purpose), NOT_TERMS);
  need(Number.isFinite(dayNumber(terms.day)) && Number.isFinite(dayNumber(terms.expires)), NOT_TERMS);
  for (const [part, size] of [["record", 16], ["opening", 16], ["escrow", 32], ["key", PUBLIC_SIZE]]) {
    unb64(terms[part], Number(size));
  }
  checkReason(terms.reason);
}
