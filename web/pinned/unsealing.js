/**
 * What was sealed to one public key, opened with its seed (docs/FORMATS.md §2.2). In the pinned page only, never served.
 */

import { Aes256Gcm, CipherSuite, HkdfSha256, XWing } from "../static/vendor/hpke.min.js";
import { context } from "../static/sealing/encoding.js";
import { need, orRefuse } from "./refusal.js";
import { _ } from "./speaking.js";

const MARKER = [0x57, 0x56, 0x01, 0x01];
const ENC = 1120;
const OVERHEAD = 4 + ENC + 16;
const NOT_FOR_YOU = _("This was sealed for another key, or is damaged: take the file from its source again.");
const suite = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

/**
 * What `seal` was given. Refuses another key, context or version, and a changed byte.
 * @param {Uint8Array} seed 32 bytes
 * @param {string} kind
 * @param {object} about
 * @param {Uint8Array} box
 * @returns {Promise<Uint8Array>}
 */
export async function unseal(seed, kind, about, box) {
  return (await opener(seed))(kind, about, box);
}

/**
 * `unseal` with one key, for many boxes: the key is expanded once.
 * @param {Uint8Array} seed 32 bytes
 */
export async function opener(seed) {
  const recipientKey = await suite.kem.deserializePrivateKey(seed.slice());
  /** @param {string} kind @param {object} about @param {Uint8Array} box @returns {Promise<Uint8Array>} */
  return async (kind, about, box) => {
    need(box.length >= OVERHEAD && MARKER.every((byte, at) => box[at] === byte), NOT_FOR_YOU);
    return orRefuse(NOT_FOR_YOU, async () => {
      const given = { recipientKey, enc: box.slice(4, 4 + ENC), info: context(kind, about) };
      return new Uint8Array(await suite.open(given, box.slice(4 + ENC)));
    });
  };
}
