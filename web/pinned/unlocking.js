/**
 * What `lock` and `pad` made, opened again (docs/FORMATS.md §2.3, §2.4). In the pinned page only, never served.
 */

import { context, hkdf, label } from "../static/sealing/encoding.js";
import { need, orRefuse, WrongKey } from "./refusal.js";
import { _ } from "./speaking.js";

const MARKER = [0x57, 0x56, 0x01, 0x02];
const OVERHEAD = 4 + 32 + 32 + 16;
const DAMAGED = _("This is damaged, or stands where it does not belong: take the file again, or use your copy.");
const NONCE = new Uint8Array(12);

/**
 * What `lock` was given. Refuses a wrong key, context or version, and a changed byte.
 * @param {Uint8Array} key
 * @param {string} kind
 * @param {object} about
 * @param {Uint8Array} locked
 * @returns {Promise<Uint8Array>}
 */
export async function unlock(key, kind, about, locked) {
  const marked = locked.length >= OVERHEAD && MARKER.every((byte, at) => locked[at] === byte);
  need(marked, DAMAGED);
  const expanded = await hkdf(key, locked.slice(4, 36), label("locked"), 64);
  // GCM alone opens under several keys; the commitment is what makes "it opened" mean "with this key".
  if (!isSame(expanded.subarray(32), locked.subarray(36, 68))) {
    throw new WrongKey(DAMAGED);
  }
  return orRefuse(DAMAGED, async () => {
    const cipherKey = await crypto.subtle.importKey("raw", expanded.subarray(0, 32), "AES-GCM", false, ["decrypt"]);
    const options = { name: "AES-GCM", iv: NONCE, additionalData: context(kind, about) };
    return new Uint8Array(await crypto.subtle.decrypt(options, cipherKey, locked.subarray(68)));
  });
}

/**
 * What `pad` was given. Refuses a length or filler that `pad` does not write.
 * @param {Uint8Array} padded
 * @returns {Uint8Array}
 */
export function unpad(padded) {
  need(padded.length >= 4, DAMAGED);
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  need(length <= padded.length - 4 && padded.subarray(4 + length).every((byte) => byte === 0), DAMAGED);
  return padded.slice(4, 4 + length);
}

/**
 * Whether the bytes are the same, in a time that does not say where they differ.
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
function isSame(one, other) {
  return one.reduce((difference, byte, at) => difference | (byte ^ other[at]), one.length ^ other.length) === 0;
}
