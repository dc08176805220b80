/**
 * Sealing key pairs: X-Wing, from a seed (docs/FORMATS.md §2.1). Nothing here unseals.
 */

import { Aes256Gcm, CipherSuite, HkdfSha256, XWing } from "../vendor/hpke.min.js";

const SEED_SIZE = 32;
const suite = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

/**
 * A fresh pair: its private half, which whoever asked must forget, and its public half.
 * @returns {Promise<{seed: Uint8Array, publicKey: Uint8Array}>}
 */
export async function newKeyPair() {
  const seed = crypto.getRandomValues(new Uint8Array(SEED_SIZE));
  return { seed, publicKey: await sealingPublic(seed) };
}

/**
 * The public half of a sealing key.
 * @param {Uint8Array} seed 32 bytes
 * @returns {Promise<Uint8Array>} 1216 bytes
 */
export async function sealingPublic(seed) {
  const { publicKey } = await suite.kem.generateKeyPairDerand(seed.slice());
  return new Uint8Array(await suite.kem.serializePublicKey(publicKey));
}
