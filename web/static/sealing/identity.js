/**
 * The identity payload (docs/FORMATS.md §3): who a witness is, as it lies inside its escrow.
 */

import { canonical } from "./encoding.js";

export const IDENTITY_PADDED = 2048;
export const IDENTITY_LONGEST = IDENTITY_PADDED - 4;

/**
 * @typedef {{name: string, other_names: string, contact: string, address: string, notes: string}} Identity
 */

/**
 * @param {string} pseudonym
 * @param {Identity} identity
 * @returns {Uint8Array}
 */
export function identityPayload(pseudonym, { name, other_names, contact, address, notes }) {
  return canonical({
    format: "witness-vault/v1/identity", pseudonym, name, other_names, contact, address, notes,
  });
}
