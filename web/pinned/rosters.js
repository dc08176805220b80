/**
 * The signed roster: who is who, by whose word (docs/FORMATS.md §6). Each version is verified from the one before.
 */

import { PUBLIC_SIZE } from "../static/sealing/boxes.js";
import { b64, documentDigest, unb64 } from "../static/sealing/encoding.js";
import { hasExactly, isObject } from "./reading.js";
import { need, orRefuse, stop } from "./refusal.js";
import { countSigners, readSigned } from "./signing.js";
import { _ } from "./speaking.js";
import { fingerprint } from "./words.js";

const LONGEST_LIFE = 366;
const LONGEST_COOLING = 14;
const ROLES = ["researcher", "reviewer", "custodian"];
const PARTS = ["format", "vault", "version", "previous", "epoch", "threshold", "issued", "expires", "cooling", "page",
  "custodians", "members"];
const MALFORMED = _("This is not a roster that this page can read: take the newest page, and the rosters again.");
const OLDER = stop(_("These rosters are older than one that was seen here before."));
const FORKED = stop(_("These rosters are not those that were seen here before."));

/**
 * @typedef {{code: string, sealing: Uint8Array, signing: Uint8Array}} Custodian
 * @typedef {{code: string, role: string, sealing: Uint8Array, signing: Uint8Array, request: Uint8Array | null}} Member
 * @typedef {{document: any, vault: string, version: number, epoch: number, threshold: number, issued: string,
 *            expires: string, digest: string, custodians: Map<string, Custodian>, members: Map<string, Member>}} Roster
 * @typedef {{vault: string, version: number, digest: string}} Pin
 * @typedef {{rosters: Roster[], newest: Roster, words: string}} Chain
 */

/**
 * Every version, each verified from the one before, and the six words of the first. Refuses a gap, and a rollback
 * behind the pin or a fork from it.
 * @param {any} chain what a file lists as `rosters`
 * @param {Pin | null} pin
 * @returns {Promise<Chain>}
 */
export async function verifyChain(chain, pin) {
  need(Array.isArray(chain) && chain.length > 0, _("There is no roster in this file: ask for a whole one."));
  const rosters = [];
  for (const signed of chain) {
    rosters.push(rosters.length === 0 ? await found(signed) : await follow(rosters.at(-1), signed));
  }
  const [first, newest] = [rosters[0], rosters.at(-1)];
  if (pin !== null) {
    need(first.vault === pin.vault, _("This belongs to another vault than your file: compare the vault's six words."));
    need(rosters.length >= pin.version, OLDER);
    need(rosters[pin.version - 1].digest === pin.digest, FORKED);
  }
  return { rosters, newest, words: fingerprint(unb64(first.digest)) };
}

/** The newest version, as a file remembers it. @param {Roster} roster @returns {Pin} */
export function pinOf({ vault, version, digest }) {
  return { vault, version, digest };
}

/** A pin as a file holds it, or null. Refuses another shape. @param {any} pin @returns {Pin | null} */
export function readPin(pin) {
  if (pin !== null) {
    const sentence = _("This file is not whole: use your copy of it.");
    need(hasExactly(pin, ["vault", "version", "digest"]) && isCount(pin.version, 1), sentence);
    need(isB64(pin.vault, 16) && isB64(pin.digest, 32), sentence);
  }
  return pin;
}

/** Refuses once the roster has run out. @param {Roster} roster @param {string} today */
export function requireInForce(roster, today) {
  need(today <= roster.expires,
    _("The roster has run out: nothing is opened until the custodians have signed it again."));
}

/** The listed member: whoever is not listed is nobody. @param {Roster} roster @param {string} code @returns {Member} */
export function memberOf(roster, code) {
  need(roster.members.has(code), stop(_("This names a member whom the roster does not list.")));
  return roster.members.get(code);
}

/** The custodians' signing keys by code. @param {Roster} roster */
export function custodianKeys({ custodians }) {
  return new Map([...custodians].map(([code, { signing }]) => [code, signing]));
}

/** The day of the calendar that this is, as a number of days, or NaN. @param {unknown} day */
export function dayNumber(day) {
  const known = typeof day === "string" && /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(day);
  const time = known ? Date.parse(`${day}T00:00:00Z`) : NaN;
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(day) ? time / 86400000 : NaN;
}

/** Version 1, signed by every custodian whom it lists. @param {any} signed */
async function found(signed) {
  const { document, entries } = readSigned(signed, "roster");
  const roster = await parseRoster(document);
  const first = roster.version === 1 && document.previous === null;
  need(first, stop(_("The first of these rosters is not a founding roster.")));
  const count = await countSigners(document, entries, custodianKeys(roster));
  need(count === roster.custodians.size, stop(_("The founding roster is not signed by all of its custodians.")));
  return roster;
}

/**
 * The version after `old`, signed by k custodians of the old and k of the new.
 * @param {Roster} old
 * @param {any} signed
 */
async function follow(old, signed) {
  const { document, entries } = readSigned(signed, "roster");
  const roster = await parseRoster(document);
  const next = roster.vault === old.vault && roster.version === old.version + 1 && document.previous === old.digest;
  need(next && epochFollows(old, roster), stop(_("A roster does not follow the one before it.")));
  for (const { threshold, ...one } of [old, roster]) {
    const count = await countSigners(document, entries, custodianKeys(one));
    need(count >= threshold, stop(_("A roster is not signed by a quorum of custodians.")));
  }
  return roster;
}

/** @param {any} document @returns {Promise<Roster>} */
function parseRoster(document) {
  return orRefuse(MALFORMED, async () => {
    need(hasExactly(document, PARTS), MALFORMED);
    const { vault, version, epoch, threshold, issued, expires, cooling, page } = document;
    const custodians = listed(document.custodians, readCustodian);
    const members = listed(document.members, readMember);
    need(isB64(vault, 16) && (page === null || isB64(page, 32)), MALFORMED);
    need(isCount(version, 1) && isCount(epoch, 1) && isCount(cooling, 0) && cooling <= LONGEST_COOLING, MALFORMED);
    need(isCount(threshold, 2) && threshold <= custodians.size && custodians.size <= 9, MALFORMED);
    const life = dayNumber(expires) - dayNumber(issued);
    need(life >= 0 && life <= LONGEST_LIFE, MALFORMED);
    need([...members.values()].every((member) => isSound(member, custodians)), MALFORMED);
    need(haveKeysOfTheirOwn(custodians, members), MALFORMED);
    const digest = b64(await documentDigest(document));
    return { document, vault, version, epoch, threshold, issued, expires, digest, custodians, members };
  });
}

/**
 * Whether custodians and k are those of the epoch, or the next one begins with a new sealing key for each.
 * @param {Roster} old
 * @param {Roster} roster
 */
function epochFollows(old, roster) {
  const spelled = ({ threshold, document }) => JSON.stringify([threshold, document.custodians.map(
    ({ code, sealing, signing }) => [code, sealing, signing])]);
  const used = new Set(old.document.custodians.map(({ sealing }) => sealing));
  const fresh = roster.document.custodians.every(({ sealing }) => !used.has(sealing));
  return (roster.epoch === old.epoch && spelled(old) === spelled(roster)) || (roster.epoch === old.epoch + 1 && fresh);
}

/**
 * @template T
 * @param {any} entries
 * @param {(entry: any) => T} read
 * @returns {Map<string, T>} by code, in ascending order
 */
function listed(entries, read) {
  need(Array.isArray(entries) && entries.every(isObject), MALFORMED);
  need(entries.every(({ code }) => typeof code === "string" && /^[A-Z][A-Z0-9]{0,7}$/.test(code)), MALFORMED);
  need(entries.every(({ code }, at) => at === 0 || entries[at - 1].code < code), MALFORMED);
  return new Map(entries.map((entry) => [entry.code, read(entry)]));
}

/** @param {any} entry @returns {Custodian} */
function readCustodian({ code, sealing, signing }) {
  return { code, sealing: unb64(sealing, PUBLIC_SIZE), signing: unb64(signing, 32) };
}

/** @param {any} entry @returns {Member} */
function readMember({ role, request, ...entry }) {
  need(ROLES.includes(role) && request !== undefined, MALFORMED);
  return { ...readCustodian(/** @type {any} */ (entry)), role, request: request === null ? null : unb64(request, 32) };
}

/**
 * Whether a desk has its custodian's code, and nobody else has.
 * @param {Member} member
 * @param {Map<string, Custodian>} custodians
 */
function isSound({ code, role, request }, custodians) {
  return (role === "custodian") === custodians.has(code) && (role !== "custodian" || request === null);
}

/**
 * One key under two codes would let fewer people than k make a quorum; a desk's keys reach the server.
 * @param {Map<string, Custodian>} custodians
 * @param {Map<string, Member>} members
 */
function haveKeysOfTheirOwn(custodians, members) {
  const holders = [...custodians.values(), ...[...members.values()].filter(({ role }) => role === "custodian")];
  return ["sealing", "signing"].every((key) => new Set(holders.map((one) => b64(one[key]))).size === holders.length);
}

/** @param {unknown} number @param {number} least */
function isCount(number, least) {
  return Number.isSafeInteger(number) && Number(number) >= least;
}

/** @param {any} text @param {number} size */
function isB64(text, size) {
  try {
    return unb64(text, size).length === size;
  } catch {
    return false;
  }
}
