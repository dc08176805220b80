/**
 * A case at its birth (docs/FORMATS.md §7): its five key pairs are made, sealed to the team, entrusted to the
 * custodians, and forgotten. What leaves this module is public, signed or sealed.
 */

import { PUBLIC_SIZE, seal } from "./boxes.js";
import { b64, canonical, documentDigest, pad, sizeClass, unb64 } from "./encoding.js";
import { entrust, recordFingerprint } from "./escrow.js";
import { newKeyPair } from "./keypairs.js";

export const KEYS = ["brief", "testimony", "corroboration", "editions", "evidence"];

const FIRST = 1; // of the case, of its brief, of each of its keys
const KEY_PADDED = 64;

/**
 * @typedef {import("./escrow.js").Roster & {members: {code: string, sealing: string}[]}} Roster
 * @typedef {{document: any, signatures: {by: string, signature: string}[]}} Signed
 * @typedef {{code: string, team: {member: string, keys: string[]}[]}} Plan everybody on the team in ascending order
 */

/**
 * The document that the custodians sign, and what travels with it. Throws unless the brief is the first of a case of this
 * vault under this very roster, and the roster lists the whole team.
 * @param {Plan} plan
 * @param {Signed} brief signed by the reviewer who proposes the case
 * @param {Roster} roster
 */
export async function foundCase(plan, brief, roster) {
  check(plan, brief.document, roster);
  const pairs = new Map();
  try {
    for (const key of KEYS) {
      pairs.set(key, await newKeyPair());
    }
    const publics = Object.fromEntries(KEYS.map((key) => [key, b64(pairs.get(key).publicKey)]));
    const escrows = Object.fromEntries(await Promise.all(KEYS.map(async (key) => (
      [key, await entrustKey(pairs.get(key).seed, roster)]))));
    const document = await caseDocument(plan, brief.document, roster, { publics, escrows });
    const grants = await Promise.all(plan.team.flatMap(({ member, keys }) => keys.map((key) => (
      grant(document, key, pairs.get(key).seed, memberOf(roster, member))))));
    return { document, attachments: { brief: await sealBrief(document, brief), grants, escrows } };
  } finally {
    pairs.forEach(({ seed }) => seed.fill(0));
  }
}

/**
 * The first version of a case, from its public keys and the escrow records of their private halves.
 * @param {Plan} plan
 * @param {any} brief
 * @param {Roster} roster
 * @param {{publics: Record<string, string>, escrows: Record<string, any>}} born
 */
export async function caseDocument({ code, team }, brief, { vault, version, epoch }, { publics, escrows }) {
  const named = await Promise.all(KEYS.map(async (key) => [key, await recordFingerprint(escrows[key])]));
  return {
    format: "witness-vault/v1/case", vault, case: brief.case, version: FIRST, previous: null, code,
    roster: version, epoch, proposer: brief.author,
    keys: Object.fromEntries(KEYS.map((key) => [key, { version: FIRST, public: publics[key] }])),
    team: team.map(({ member, keys }) => ({ member, keys })),
    brief: { version: brief.version, digest: b64(await documentDigest(brief)) },
    escrows: Object.fromEntries(named),
  };
}

/** @param {Plan} plan @param {any} brief @param {Roster} roster */
function check({ team }, brief, roster) {
  const first = brief.format === "witness-vault/v1/brief" && brief.version === FIRST && brief.previous === null;
  if (!first || brief.vault !== roster.vault || brief.roster !== roster.version) {
    throw new TypeError("This is not the first brief of a case under this roster.");
  }
  unb64(brief.case, 16);
  const onTeam = team.find(({ member }) => member === brief.author);
  const known = team.every(({ keys }) => keys.includes("brief") && keys.every((key) => KEYS.includes(key)));
  if (onTeam === undefined || !known) {
    throw new TypeError("Whoever proposes a case is on its team, and the whole team has its brief.");
  }
}

/** @param {Uint8Array} seed @param {Roster} roster */
function entrustKey(seed, roster) {
  const record = b64(crypto.getRandomValues(new Uint8Array(16)));
  return entrust({ purpose: "case-key", vault: roster.vault, record, roster, payload: seed, paddedTo: KEY_PADDED });
}

/** @param {any} document @param {string} key @param {Uint8Array} seed @param {{code: string, sealing: string}} member */
async function grant(document, key, seed, { code, sealing }) {
  const about = { vault: document.vault, case: document.case, key, version: FIRST, member: code };
  const sealed = await seal(unb64(sealing, PUBLIC_SIZE), "grant", about, seed);
  return { member: code, key, version: FIRST, sealed: b64(sealed) };
}

/** @param {any} document @param {Signed} brief */
async function sealBrief(document, brief) {
  const data = canonical(brief);
  const about = { vault: document.vault, case: document.case, version: FIRST };
  const newest = unb64(document.keys.brief.public, PUBLIC_SIZE);
  return b64(await seal(newest, "brief", about, pad(data, sizeClass(data.length))));
}

/** @param {Roster} roster @param {string} code */
function memberOf({ members }, code) {
  const found = members.find((member) => member.code === code);
  if (found === undefined) {
    throw new TypeError("Somebody on the team is not in the roster.");
  }
  return found;
}
