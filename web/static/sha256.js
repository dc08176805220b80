/** SHA-256 (FIPS 180-4) of what comes bit by bit: the browser's own takes only what lies in memory as a whole. */

const BLOCK = 64;
const PRIMES = firstPrimes(64);
const K = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

export class Sha256 {
  #state = START.slice();
  #words = new Int32Array(64);
  #rest = new Uint8Array(BLOCK);
  #length = 0; // bytes so far

  /** @param {Uint8Array} data */
  update(data) {
    let at = 0;
    const held = this.#length % BLOCK;
    this.#length += data.length;
    if (held > 0) {
      at = Math.min(BLOCK - held, data.length);
      this.#rest.set(data.subarray(0, at), held);
      if (held + at < BLOCK) {
        return;
      }
      this.#block(this.#rest, 0);
    }
    for (; at + BLOCK <= data.length; at += BLOCK) {
      this.#block(data, at);
    }
    this.#rest.set(data.subarray(at));
  }

  /** The hash; nothing can be added afterwards. @returns {Uint8Array} */
  digest() {
    const length = this.#length;
    const end = new Uint8Array(BLOCK * (length % BLOCK < 56 ? 1 : 2) - (length % BLOCK));
    end[0] = 0x80;
    const view = new DataView(end.buffer);
    view.setUint32(end.length - 8, Math.floor(length / 2 ** 29));
    view.setUint32(end.length - 4, (length * 8) % 2 ** 32);
    this.update(end);
    const out = new DataView(new ArrayBuffer(32));
    this.#state.forEach((word, i) => out.setInt32(4 * i, word));
    return new Uint8Array(out.buffer);
  }

  #block(data, at) {
    const w = this.#words;
    for (let i = 0; i < 16; i++, at += 4) {
      w[i] = (data[at] << 24) | (data[at + 1] << 16) | (data[at + 2] << 8) | data[at + 3];
    }
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15];
      const y = w[i - 2];
      w[i] = (w[i - 16] + w[i - 7] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10))) | 0;
    }
    const now = this.#state;
    let a = now[0], b = now[1], c = now[2], d = now[3], e = now[4], f = now[5], g = now[6], h = now[7];
    for (let i = 0; i < 64; i++) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    now[0] += a; now[1] += b; now[2] += c; now[3] += d; now[4] += e; now[5] += f; now[6] += g; now[7] += h;
  }
}

function turn(word, by) {
  return (word >>> by) | (word << (32 - by));
}

/** The first 32 bits behind the point. */
function fraction(number) {
  return Math.floor((number - Math.floor(number)) * 2 ** 32) | 0;
}

function firstPrimes(count) {
  const found = [];
  for (let number = 2; found.length < count; number++) {
    if (found.every((prime) => number % prime !== 0)) {
      found.push(number);
    }
  }
  return found;
}
