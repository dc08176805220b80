/**
 * A requester's own file (`member.json`, docs/FORMATS.md §9.1) and request card (§6). In the pinned page only, never
 * served.
 */

import { b64, unb64 } from "../static/sealing/encoding.js";
import { unwrap, wrap } from "./passphrases.js";
import { hasExactly } from "./reading.js";
import { need, orMistyped, orRefuse } from "./refusal.js";
import { pinOf, readPin } from "./rosters.js";
import { sign, signingPublic } from "./signing.js";
import { _ } from "./speaking.js";

const MEMBERS = ["code", "device_key", "factor", "request_key", "pin"];
const NOT_ONE = _("This is not the file of a request key: choose the file %(file)s.", { file: "member.json" });

/**
 * @typedef {{file: any, code: string, seed: Uint8Array, pin: import("./rosters.js").Pin | null}} RequestKey
 */

/** Refuses what is no code. @param {string} code */
export function checkCode(code) {
  const known = /^[A-Z][A-Z0-9]{0,7}$/.test(code);
  need(known, _("A code is a capital letter and up to seven more letters or digits, such as V2."));
}

/**
 * A new request key: the file that keeps it under the passphrase, and the card to hand in at enrolment.
 * @param {string} code
 * @param {import("./rosters.js").Roster} roster
 * @param {string} passphrase
 */
export async function newRequestKey(code, roster, passphrase) {
  checkCode(code);
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const factor = crypto.getRandomValues(new Uint8Array(32));
  const wrapped = await wrap(seed, passphrase, factor, "request-key", { code });
  const file = { code, device_key: null, factor: b64(factor), request_key: wrapped, pin: pinOf(roster) };
  const signing = b64(await signingPublic(seed));
  const card = { format: "witness-vault/v1/request-card", vault: roster.vault, code, signing };
  return { file, card: await sign(card, code, seed) };
}

/**
 * The request key. Refuses another file, and a wrong passphrase.
 * @param {any} file
 * @param {string} passphrase
 * @returns {Promise<RequestKey>}
 */
export async function openRequestKey(file, passphrase) {
  need(hasExactly(file, MEMBERS) || hasExactly(file, MEMBERS.slice(0, -1)), NOT_ONE);
  const { code, factor, request_key: wrapped, pin = null } = file;
  need(typeof code === "string" && wrapped !== null, NOT_ONE);
  const secondFactor = await orRefuse(NOT_ONE, () => unb64(factor, 32));
  const seed = await orMistyped(_("The passphrase does not open this request key: type it again."), () => (
    unwrap(wrapped, passphrase, secondFactor, "request-key", { code })));
  need(seed.length === 32, NOT_ONE);
  return { file, code, seed, pin: readPin(pin) };
}
