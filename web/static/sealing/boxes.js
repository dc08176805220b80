/**
 * Sealing to one public key: post-quantum HPKE (RFC 9180 with X-Wing; docs/FORMATS.md §2.2). Nothing here unseals.
 */

import { Aes256Gcm, CipherSuite, HkdfSha256, XWing } from "../vendor/hpke.min.js";
import { concat, context } from "./encoding.js";

export const PUBLIC_SIZE = 1184 + 32;

const MARKER = [0x57, 0x56, 0x01, 0x01]; // "WV", version 1, box
const suite = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

/**
 * The plaintext for the holder of the public key, bound to its context; 1140 bytes longer. It proves no author.
 * @param {Uint8Array} publicKey 1216 bytes
 * @param {string} kind
 * @param {object} about
 * @param {Uint8Array} plaintext
 * @returns {Promise<Uint8Array>}
 */
export async function seal(publicKey, kind, about, plaintext) {
  const recipientPublicKey = await suite.kem.deserializePublicKey(publicKey);
  const { enc, ct } = await suite.seal({ recipientPublicKey, info: context(kind, about) }, plaintext);
  return concat(MARKER, new Uint8Array(enc), new Uint8Array(ct));
}
