/**
 * The audit chain and its entries (docs/FORMATS.md §11). Bodies are opened in the pinned page only, never served.
 */

import { b64, concat, hash, unb64 } from "../static/sealing/encoding.js";
import { hasExactly, isObject, parseObject } from "./reading.js";
import { need, orRefuse } from "./refusal.js";
import { _ } from "./speaking.js";
import { unlock, unpad } from "./unlocking.js";
import { opener } from "./unsealing.js";

const NOT_LINKS = _("This is not a chain of entries: take the file from your desk again.");
const FORMAT = "witness-vault/v1/audit";
const NONE = new Uint8Array(32);
const TEXTS = ["format", "salt", "day", "actor", "act"];

/**
 * @typedef {{link: Uint8Array, commitment: Uint8Array, decision: Uint8Array | null}} Link
 * @typedef {{position: number, body: string, key: string | null}} Entry
 * @typedef {{day: string, actor: string, act: string, about: Record<string, any>}} Body
 * @typedef {"read" | "unaddressed" | "unopened" | "changed" | "missing"} State
 * @typedef {{code: string, seeds: Uint8Array[], hasAll: boolean, always: boolean}} Reader
 *   `hasAll`: of the keys that a roster ever listed for them none is absent; `always`: every roster lists them
 */

/**
 * The links, each from the one before, from the first entry on. Refuses with the position of the first that is not.
 * @param {any} raw
 * @returns {Promise<Link[]>}
 */
export async function verifyLinks(raw) {
  const links = await orRefuse(NOT_LINKS, () => raw.map(readLink));
  let previous = NONE;
  for (const [at, { link, commitment, decision }] of links.entries()) {
    const made = await hash("audit-link", concat(previous, commitment, decision ?? NONE));
    need(b64(made) === b64(link), _("The chain does not hold at entry %(place)s: something was changed or removed. "
      + "Tell the other custodians.", { place: at + 1 }));
    previous = link;
  }
  return links;
}

/**
 * Opens entries for one custodian, by whichever of their keys each was boxed to.
 * @param {Reader} reader
 */
export async function entryReader({ code, seeds, hasAll, always }) {
  const openers = await Promise.all(seeds.map((seed) => opener(seed)));
  /** @param {Entry} entry @param {Link} link @returns {Promise<{state: State, body: Body | null}>} */
  return async ({ position, body, key }, link) => {
    if (key === null) {
      // Each entry is boxed to whoever is a custodian then: a box that was never missing is missed.
      return { state: always ? "changed" : "unaddressed", body: null };
    }
    for (const open of openers) {
      const opened = await orNothing(async () => open("audit-key", { position, custodian: code }, unb64(key)));
      if (opened !== null) {
        // Neighbours are mostly of one epoch: the key that fitted is tried first from now on.
        openers.splice(0, openers.length, open, ...openers.filter((other) => other !== open));
        const read = await orNothing(() => openBody(opened, position, body, link));
        return { state: read === null ? "changed" : "read", body: read };
      }
    }
    // An honest box opens with a key that a roster once listed; one that no such key opens was put there.
    return { state: hasAll ? "changed" : "unopened", body: null };
  };
}

/** @template T @param {() => Promise<T>} action */
async function orNothing(action) {
  try {
    return await action();
  } catch {
    return null;
  }
}

/**
 * @param {Uint8Array} key
 * @param {number} position
 * @param {string} locked
 * @param {Link} link
 * @returns {Promise<Body>}
 */
async function openBody(key, position, locked, link) {
  const bytes = unpad(await unlock(key, "audit", { position }, unb64(locked)));
  need(b64(await hash("audit-commitment", bytes)) === b64(link.commitment), NOT_LINKS);
  const body = parseObject(bytes);
  need(hasExactly(body, [...TEXTS, "about"]) && body.format === FORMAT && isObject(body.about), NOT_LINKS);
  need(TEXTS.every((part) => typeof body[part] === "string"), NOT_LINKS);
  return /** @type {Body} */ (body);
}

/** @param {any} raw @returns {Link} */
function readLink(raw) {
  need(hasExactly(raw, ["link", "commitment", "decision"]), NOT_LINKS);
  const decision = raw.decision === null ? null : unb64(raw.decision, 32);
  return { link: unb64(raw.link, 32), commitment: unb64(raw.commitment, 32), decision };
}
