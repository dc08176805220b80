/**
 * As much of a signed case as an opening of one of its keys needs (docs/FORMATS.md §7, §9).
 */

import { PUBLIC_SIZE, seal } from "../static/sealing/boxes.js";
import { b64, unb64 } from "../static/sealing/encoding.js";
import { sealingPublic } from "../static/sealing/keypairs.js";
import { hasExactly, isObject } from "./reading.js";
import { need, orRefuse, stop } from "./refusal.js";
import { custodianKeys, memberOf } from "./rosters.js";
import { countSigners, readSigned } from "./signing.js";
import { _ } from "./speaking.js";

const NAMES = {
  brief: _("brief"),
  testimony: _("testimony"),
  corroboration: _("corroboration"),
  editions: _("editions"),
  evidence: _("evidence"),
};
const KEYS = Object.keys(NAMES);
const PARTS = ["format", "vault", "case", "version", "previous", "code", "roster", "epoch", "proposer", "keys", "team",
  "brief", "escrows"];
const NOT_A_CASE = stop(_("The case that goes with this request is not whole."));
const NOT_SIGNED = stop(_("The case that goes with this request is not signed by a quorum."));
const OTHER_KEY = stop(_("The key that this request names is not one of the case that goes with it."));
const NOT_PROMISED = _("The case does not promise this key to whoever asks for it: refuse, and tell the custodians.");

/**
 * @typedef {{vault: string, case: string, code: string, key: string, version: number, public: string,
 *            seen: number}} CaseKey `seen` is the version of the case that promises the key
 */

/** What a key of a case is called. @param {string} key */
export function keyName(key) {
  return NAMES[key];
}

/**
 * Which key of which case the terms ask for. Refuses unless a quorum signed the versions, the key's escrow is the one
 * named, and the newest promises the key to the requester.
 * @param {any} versions the signed version that names the escrow, and the newest if that is another
 * @param {import("./terms.js").Terms} terms
 * @param {import("./rosters.js").Roster[]} rosters
 * @returns {Promise<CaseKey>}
 */
export async function promisedKey(versions, terms, rosters) {
  need(Array.isArray(versions) && (versions.length === 1 || versions.length === 2), NOT_A_CASE);
  const verified = [];
  for (const signed of versions) {
    verified.push(await verifyVersion(signed, rosters));
  }
  const [named, newest] = [verified[0], verified.at(-1)];
  const same = named.vault === newest.vault && named.case === newest.case && named.code === newest.code;
  need(same && (versions.length === 1 || named.version < newest.version), NOT_A_CASE);
  const key = KEYS.find((one) => named.escrows[one] === terms.escrow);
  need(key !== undefined, OTHER_KEY);
  const place = newest.team.find(({ member }) => member === terms.requester);
  need(place !== undefined && place.keys.includes(key), NOT_PROMISED);
  const { version, public: publicKey } = named.keys[key];
  const { vault, case: id, code } = named;
  return { vault, case: id, code, key, version, public: publicKey, seen: newest.version };
}

/**
 * The case's private key, sealed for its member. Refuses a seed that does not give the public key in the signed case.
 * @param {CaseKey} caseKey
 * @param {Uint8Array} seed
 * @param {import("./rosters.js").Member} member
 */
export async function grantFile({ vault, case: id, key, version, public: named }, seed, { code, sealing }) {
  const fits = seed.length === 32 && b64(await sealingPublic(seed)) === named;
  need(fits, stop(_("What was sealed here is not the key of this case.")));
  const about = { vault, case: id, key, version, member: code };
  const sealed = b64(await seal(sealing, "grant", about, seed));
  return { format: "witness-vault/v1/grant-file", case: id, key, version, member: code, sealed };
}

/** @param {any} signed @param {import("./rosters.js").Roster[]} rosters */
async function verifyVersion(signed, rosters) {
  const { document, entries } = readSigned(signed, "case");
  await orRefuse(NOT_A_CASE, () => checkForm(document));
  need(document.roster <= rosters.length, NOT_SIGNED);
  const roster = rosters[document.roster - 1];
  need(roster.vault === document.vault && memberOf(roster, document.proposer).role === "reviewer", NOT_SIGNED);
  need(await countSigners(document, entries, custodianKeys(roster)) >= roster.threshold, NOT_SIGNED);
  return document;
}

/** @param {any} document */
function checkForm(document) {
  need(hasExactly(document, PARTS) && isCode(document.code), NOT_A_CASE);
  unb64(document.vault, 16);
  unb64(document.case, 16);
  need([document.version, document.roster, document.epoch].every(isCount), NOT_A_CASE);
  need(hasExactly(document.keys, KEYS) && hasExactly(document.escrows, KEYS), NOT_A_CASE);
  for (const key of KEYS) {
    unb64(document.escrows[key], 32);
    unb64(document.keys[key].public, PUBLIC_SIZE);
    need(isCount(document.keys[key].version), NOT_A_CASE);
  }
  const { team } = document;
  need(Array.isArray(team) && team.every(isObject), NOT_A_CASE);
  need(new Set(team.map(({ member }) => member)).size === team.length, NOT_A_CASE);
  need(team.every(({ member, keys }) => isCode(member) && Array.isArray(keys) && keys.includes("brief")
    && keys.every((key) => KEYS.includes(key)) && new Set(keys).size === keys.length), NOT_A_CASE);
  need(team.some(({ member }) => member === document.proposer), NOT_A_CASE);
}

/** @param {unknown} code */
function isCode(code) {
  return typeof code === "string" && /^[A-Z][A-Z0-9]{0,7}$/.test(code);
}

/** @param {unknown} number */
function isCount(number) {
  return Number.isSafeInteger(number) && Number(number) >= 1;
}
