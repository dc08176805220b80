/**
 * What people read aloud (docs/FORMATS.md §2.8). The list stands beside this file: the vault's own, served as it is.
 */

const LIST = new URL("words.txt", import.meta.url);
const FINGERPRINT_WORDS = 6;

/**
 * Six words that stand for a digest, to be compared by voice. Rejects when the list is not served.
 * @param {Uint8Array} digest
 * @returns {Promise<string>}
 */
export async function fingerprint(digest) {
  const answer = await fetch(LIST);
  if (!answer.ok) {
    throw new Error("The list of words is missing.");
  }
  return spell(digest, (await answer.text()).split(/\s+/).filter(Boolean));
}

/**
 * @param {Uint8Array} digest read as one number, least significant word first
 * @param {string[]} list
 */
function spell(digest, list) {
  const count = BigInt(list.length);
  let number = digest.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return Array.from({ length: FINGERPRINT_WORDS }, () => {
    const word = list[Number(number % count)];
    number /= count;
    return word;
  }).join(" ");
}
