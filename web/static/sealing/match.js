/**
 * The match payload (docs/FORMATS.md §3): what tells whether somebody was interviewed twice, and no more.
 */

import { canonical } from "./encoding.js";
import { IDENTITY_PADDED } from "./identity.js";

export const MATCH_PADDED = IDENTITY_PADDED;

/**
 * @typedef {{name: string, birth: string, give_or_take: string, place: string, phone: string}} Match
 */

/**
 * @param {Match} match as typed
 * @returns {Uint8Array}
 */
export function matchPayload({ name, birth, give_or_take, place, phone }) {
  const year = birth === "" ? null : Number(birth);
  const spread = Number(give_or_take);
  const years = { birth_from: year && year - spread, birth_to: year && year + spread };
  return canonical({ format: "witness-vault/v1/match", name, ...years, place, phone });
}
