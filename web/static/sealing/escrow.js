/**
 * Escrow: a secret locked under a data key that is split k-of-n among the custodians (docs/FORMATS.md §3).
 *
 * What is entrusted here cannot be read back here: the data key is forgotten, and each share is sealed to a
 * custodian's public key.
 */

import { PUBLIC_SIZE, seal } from "./boxes.js";
import { b64, documentDigest, hash, pad, unb64 } from "./encoding.js";
import { lock } from "./locked.js";
import { split } from "./shares.js";

/**
 * @typedef {{code: string, sealing: string}} Custodian
 * @typedef {{vault: string, version: number, epoch: number, threshold: number, custodians: Custodian[]}} Roster
 * @typedef {{purpose: string, vault: string, record: string, roster: Roster,
 *            payload: Uint8Array, paddedTo: number}} Secret
 */

/**
 * The escrow record of a secret. Throws when the payload is too long (RangeError) or the roster is not this vault's.
 * @param {Secret} secret
 */
export async function entrust({ purpose, vault, record, roster, payload, paddedTo }) {
  check(roster, vault);
  const { epoch, threshold, custodians } = roster;
  const padded = pad(payload, paddedTo);
  const dataKey = crypto.getRandomValues(new Uint8Array(32));
  const shares = split(dataKey, threshold, custodians.length);

  const common = { purpose, vault, record, epoch, threshold };
  const named = await Promise.all(custodians.map(({ code }, i) => name(code, shares[i])));
  const bound = { format: "witness-vault/v1/escrow", ...common, roster: roster.version, shares: named };
  // Every share's hash stands in the associated data: a share swapped later no longer fits the payload.
  const locked = await lock(dataKey, "escrow", bound, padded);
  const made = { ...bound, locked: b64(locked) };
  // A share is of this very record, not of another that is shown under its id.
  const escrow = await recordFingerprint(made);
  const sealed = await Promise.all(custodians.map(({ sealing }, i) => {
    const { index, custodian } = named[i];
    const about = { ...common, escrow, total: custodians.length, index, custodian };
    return seal(unb64(sealing, PUBLIC_SIZE), "share", about, shares[i]);
  }));

  [dataKey, padded, ...shares].forEach((bytes) => bytes.fill(0));
  const held = named.map((share, i) => ({ ...share, sealed: b64(sealed[i]) }));
  return { ...made, shares: held, origin: null };
}

/**
 * The digest by which others name exactly this record, which was never shared anew.
 * @param {any} record of `entrust`
 * @returns {Promise<string>}
 */
export async function recordFingerprint({ shares, origin, ...rest }) {
  const named = shares.map(({ index, custodian, hash: known }) => ({ index, custodian, hash: known }));
  return b64(await documentDigest({ ...rest, shares: named }));
}

/**
 * @param {string} custodian
 * @param {Uint8Array} share
 */
async function name(custodian, share) {
  return { index: share[0], custodian, hash: b64(await hash("share", share)) };
}

/**
 * @param {Roster} roster
 * @param {string} vault
 */
function check(roster, vault) {
  const codes = roster.custodians.map(({ code }) => code);
  const inOrder = codes.every((code, i) => i === 0 || codes[i - 1] < code);
  if (roster.vault !== vault || !inOrder) {
    throw new TypeError("This is not the roster of this vault.");
  }
}
