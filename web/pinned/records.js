/**
 * Escrow records as custodians and requesters meet them (docs/FORMATS.md §3). In the pinned page only, never served.
 */

import { b64, canonical, hash, unb64 } from "../static/sealing/encoding.js";
import { hasExactly, isObject } from "./reading.js";
import { instead, need, orRefuse, stop } from "./refusal.js";
import { _ } from "./speaking.js";
import { unseal } from "./unsealing.js";

const PADDED = { identity: 2048, "case-key": 64 };
const FIRST = ["format", "purpose", "vault", "record"];
const SHARING = ["epoch", "roster", "threshold"];
const NAMED_SHARE = ["index", "custodian", "hash"];
const NAMED = ["purpose", "vault", "record", "escrow"];
const NOT_WHOLE = stop(_("The record that was handed over is not whole."));
const NOT_THE_SHARE = stop(_("The share in this request is not the one that was sealed."));

/** Refuses a record whose members, order or lengths are not those of the format. @param {any} record */
export function checkRecord(record) {
  return orRefuse(NOT_WHOLE, () => {
    need(hasExactly(record, [...FIRST, ...SHARING, "locked", "shares", "origin"]), NOT_WHOLE);
    need(record.format === "witness-vault/v1/escrow" && Object.hasOwn(PADDED, record.purpose), NOT_WHOLE);
    unb64(record.vault, 16);
    unb64(record.record, 16);
    checkSharing(record, [...NAMED_SHARE, "sealed"]);
    unb64(record.locked, PADDED[record.purpose] + 84);
    record.shares.forEach(({ sealed }) => unb64(sealed, 33 + 1140));
    if (record.origin !== null) {
      need(hasExactly(record.origin, [...SHARING, "shares"]), NOT_WHOLE);
      checkSharing(record.origin, NAMED_SHARE);
    }
  });
}

/** What the locked payload is bound to: the record as it was first sealed, but the ciphertexts. @param {any} record */
export function binding(record) {
  return { ...only(record, FIRST), ...(record.origin ?? sharing(record)) };
}

/** The digest by which terms name exactly this record. @param {any} record */
export async function recordFingerprint(record) {
  return b64(await hash("document", canonical({ ...binding(record), locked: record.locked })));
}

/**
 * A custodian's share, out of their extract of the record. Refuses one that the record does not name.
 * @param {any} extract
 * @param {import("./terms.js").Terms} terms
 * @param {Uint8Array} seed
 */
export async function openShare(extract, terms, seed) {
  need(isObject(extract) && NAMED.every((part) => extract[part] === terms[part]),
    stop(_("This share is of another record than the request names.")));
  return instead(NOT_THE_SHARE, async () => {
    const { epoch, threshold, total, share } = extract;
    const { index, custodian, sealed } = share;
    // Bound to the fingerprint that the terms name: a twin under the same id has other shares.
    const about = { ...only(terms, NAMED), epoch, threshold, total, index, custodian };
    const opened = await unseal(seed, "share", about, unb64(sealed));
    need(await isShare(opened, share), NOT_THE_SHARE);
    return opened;
  });
}

/**
 * Whether these bytes are the share of this entry: a box proves no author.
 * @param {Uint8Array} opened
 * @param {any} entry
 */
export async function isShare(opened, entry) {
  return opened.length === 33 && opened[0] === entry.index && b64(await hash("share", opened)) === entry.hash;
}

/** @param {any} record */
function sharing(record) {
  return { ...only(record, SHARING), shares: record.shares.map((share) => only(share, NAMED_SHARE)) };
}

/** @param {any} shared a record, or its origin @param {string[]} members of each share */
function checkSharing(shared, members) {
  const { shares, threshold } = shared;
  need(SHARING.every((part) => Number.isSafeInteger(shared[part]) && shared[part] >= 1), NOT_WHOLE);
  need(Array.isArray(shares) && threshold >= 2 && threshold <= shares.length && shares.length <= 9, NOT_WHOLE);
  shares.forEach((share, at) => {
    need(hasExactly(share, members) && share.index === at + 1 && typeof share.custodian === "string", NOT_WHOLE);
    unb64(share.hash, 32);
  });
}

/** @param {any} whole @param {string[]} parts */
function only(whole, parts) {
  return Object.fromEntries(parts.map((part) => [part, whole[part]]));
}
