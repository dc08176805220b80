/*
 * Verifies a published statement in this page: the steps of vault/verifier.py, but for time stamps, which a browser
 * cannot verify. It sends nothing anywhere. The format is docs/FORMATS.md of Witness Vault, sections 1, 2.6, 6, 15, 16.
 */
"use strict";

(() => {
  class Wrong extends Error {}
  class Failed extends Error {
    constructor(step, reason) {
      super(`Failed at ${step}: ${reason}`);
      this.step = step;
      this.reason = reason;
    }
  }

  const [FAILED, DATE_ASSERTED, NOT_IN_LOG] = [1, 3, 4];
  const VERDICTS = {
    [DATE_ASSERTED]: "Date asserted, not proved: all holds, but only the vault says when.",
    [NOT_IN_LOG]: "Not yet in the log: the signatures hold; ask for the file again when it has its proof.",
  };
  const FORM = "It does not have the form that it must have.";
  const LARGEST = 16 * 2 ** 20;
  const V1 = "witness-vault/v1/";
  const COLUMNS = ["direct", "saw", "heard", "felt", "smelled", "attended"];
  const MONTH = "[0-9]{4}-(0[1-9]|1[0-2])";
  const CODE = "[A-Z][A-Z0-9]{0,7}";
  const MEMBERS = {
    [`${V1}published`]: "format statement rosters proof",
    [`${V1}statement`]:
      "format vault incident about vocabulary month same_person lines policy consent root log previous roster preparer",
    line: "subject value column number exactly within leaves",
    quote: "words descriptor claims",
    policy: "name ladder pool share cover width reviewers revised_after_days",
    log: "origin key",
    proof: "edition entry log checkpoint stamps",
    [`${V1}log-entry`]: "format vault number day root",
    stamp: "answer hash",
    place: "index size path",
    range: "min max",
    signed: "document signatures",
    signature: "by signature",
    [`${V1}commitment`]: "format vault incident subject value column salt",
    [`${V1}commitment-openings`]: "format statement line leaves paths",
  };

  // --- bytes

  const need = (held, reason = FORM) => {
    if (!held) throw new Wrong(reason);
  };
  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const whole = (value, least = 0) => {
    need(Number.isSafeInteger(value) && value >= least);
    return value;
  };
  const matches = (pattern, value) => typeof value === "string" && new RegExp(`^(?:${pattern})$`, "u").test(value);
  const list = (value) => {
    need(Array.isArray(value));
    return value;
  };
  const exactly = (value, kind) => {
    need(isObject(value));
    need(Object.keys(value).sort().join(" ") === MEMBERS[kind].split(" ").sort().join(" "));
    need(!("format" in value) || value.format === kind);
  };
  const utf8 = (text) => new TextEncoder().encode(text);
  const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
  const concat = (...parts) => {
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
    return all;
  };
  const binary = (data) => Array.from(data, (byte) => String.fromCharCode(byte)).join("");
  const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...parts)));

  const spelled = (value) => {
    if (Array.isArray(value)) return `[${value.map(spelled).join(",")}]`;
    if (!isObject(value)) {
      need(typeof value !== "number" || Number.isSafeInteger(value));
      need(typeof value !== "string" || value.isWellFormed());
      return JSON.stringify(value);
    }
    const keys = Object.keys(value).sort();
    need(keys.every((key) => /^[\x00-\x7f]*$/.test(key)));
    return `{${keys.map((key) => `${JSON.stringify(key)}:${spelled(value[key])}`).join(",")}}`;
  };
  const canonical = (value) => utf8(spelled(value));

  const parse = (data) => {
    need(data.length <= LARGEST, "It is too large.");
    const end = data.length && data[data.length - 1] === 10 ? data.length - 1 : data.length;
    let value, again;
    try {
      value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data));
      again = canonical(value);
    } catch {
      throw new Wrong("It is not written as the vault writes.");
    }
    need(same(data.subarray(0, end), again), "It is not written as the vault writes: take the file as it was sent.");
    return value;
  };

  const fromBase64 = (text, size = null) => {
    need(typeof text === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(text));
    const data = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    need(btoa(binary(data)) === text && (size === null || data.length === size));
    return data;
  };
  const unb64 = (text, size = null) => {
    need(matches("[A-Za-z0-9_-]*", text) && text.length % 4 !== 1);
    const padded = text.replaceAll("-", "+").replaceAll("_", "/") + "=".repeat((4 - (text.length % 4)) % 4);
    return fromBase64(padded, size);
  };
  const b64 = (data) =>
    btoa(binary(data)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const digest = async (document) => b64(await sha256(utf8(`${V1}document\0`), canonical(document)));

  const signed = (value, kind) => {
    exactly(value, "signed");
    need(value.document.format === V1 + kind);
    const signatures = new Map();
    let last = "";
    for (const entry of list(value.signatures)) {
      exactly(entry, "signature");
      need(matches(CODE, entry.by) && entry.by > last);
      last = entry.by;
      signatures.set(entry.by, unb64(entry.signature, 64));
    }
    return [value.document, signatures];
  };

  const holds = async (message, signature, key) => {
    const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    need(await crypto.subtle.verify("Ed25519", imported, signature, message), "A signature does not hold.");
  };
  const checkSignature = (document, signature, key) =>
    holds(concat(utf8(`${V1}signature\0`), canonical(document)), signature, key);

  // --- trees and notes

  const leafHash = (data) => sha256(Uint8Array.of(0), data);
  const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

  const climb = async (leaf, place, permitted) => {
    exactly(place, "place");
    let index = whole(place.index);
    let last = whole(place.size) - 1;
    need(index <= last && permitted(place.size));
    let found = leaf;
    for (const one of list(place.path)) {
      const sibling = unb64(one, 32);
      need(last > 0);
      if (index % 2 || index === last) {
        found = await nodeHash(sibling, found);
        while (index && index % 2 === 0) [index, last] = [index / 2, Math.floor(last / 2)];
      } else {
        found = await nodeHash(found, sibling);
      }
      [index, last] = [Math.floor(index / 2), Math.floor(last / 2)];
    }
    need(last === 0);
    return found;
  };
  const grown = (smallest) => (size) => Array.from({ length: 12 }, (_, at) => smallest * 4 ** at).includes(size);

  const readCheckpoint = async (note, log) => {
    need(typeof note === "string");
    const cut = note.lastIndexOf("\n\n");
    need(cut >= 0 && note.endsWith("\n"));
    const text = note.slice(0, cut + 1);
    const key = unb64(log.key, 32);
    const name = (await sha256(utf8(`${log.origin}\n\x01`), key)).subarray(0, 4);
    let seen = false;
    for (const line of note.slice(cut + 2, -1).split("\n")) {
      const [dash, by, data, ...more] = line.split(" ");
      need(dash === "\u2014" && data !== undefined && more.length === 0);
      const bytes = fromBase64(data);
      if (by !== log.origin || !same(bytes.subarray(0, 4), name)) continue;
      await holds(utf8(text), bytes.subarray(4), key);
      seen = true;
    }
    need(seen, "The key of the log did not sign it.");
    const [origin, size, root, end, ...more] = text.split("\n");
    need(origin === log.origin && matches("[1-9][0-9]{0,14}", size) && end === "" && more.length === 0);
    return { size: Number(size), root: fromBase64(root, 32) };
  };

  // --- the form of a statement

  const isLine = (text, longest = 500) =>
    typeof text === "string" && text.trim() !== "" && [...text].length <= longest &&
    /^(?:[ \u200c\u200d]|[^\p{C}\p{Z}])*$/u.test(text);

  const checkStatement = (document) => {
    const { quotes, ...rest } = document;
    exactly(rest, `${V1}statement`);
    for (const [name, size] of [["vault", 16], ["incident", 16], ["root", 32]]) unb64(document[name], size);
    need(document.previous === null || unb64(document.previous, 32));
    need(isObject(document.about) && Object.keys(document.about).length > 0);
    for (const [language, text] of Object.entries(document.about)) need(matches("[a-z]{2,3}", language) && isLine(text));
    need(matches("[a-z][a-z0-9-]{0,39}", document.vocabulary) && matches(MONTH, document.month));
    need(matches(`not done|${MONTH}(, in part)?`, document.same_person));
    need(matches(CODE, document.preparer) && whole(document.roster, 1));
    exactly(document.log, "log");
    need(document.log.origin === `witness-vault/${document.vault}` && unb64(document.log.key, 32));
    const { policy, lines } = document;
    exactly(policy, "policy");
    need(matches("[A-Z][A-Za-z0-9.-]{0,19}", policy.name));
    const least = { pool: 1, cover: 1, width: 2, reviewers: 1, revised_after_days: 0 };
    for (const [name, bound] of Object.entries(least)) whole(policy[name], bound);
    need(whole(policy.share, 1) <= 100 && list(policy.ladder).length > 0);
    policy.ladder.forEach((step, at) => need(whole(step, 3) && (at === 0 || step > policy.ladder[at - 1])));
    need(list(lines).length > 0 && lines.length <= 100);
    lines.forEach((line, at) => checkLine(line, lines.slice(0, at), policy.ladder));
    need(lines.every((line) => line.exactly === lines[0].exactly));
    need(document.consent === (lines[0].exactly ? "all_counted_and_all_complements" : "aggregate"));
    need(new Set(lines.map((line) => spelled([line.subject, line.value, line.column]))).size === lines.length);
    if ("quotes" in document) checkQuotes(quotes, lines);
  };

  const checkQuotes = (quotes, lines) => {
    need(list(quotes).length > 0 && quotes.length <= 20);
    for (const quote of quotes) {
      exactly(quote, "quote");
      const { words, descriptor, claims } = quote;
      need(isLine(words, 600) && matches("[a-z][a-z0-9_]{0,79}", descriptor));
      need(list(claims).length > 0 && claims.length <= 10);
      claims.forEach((at, place) => {
        need(whole(at) < lines.length && lines[at].exactly && lines[at].column === "direct");
        need(place === 0 || around(lines, at).includes(claims[place - 1]));
      });
    }
    need(new Set(quotes.map(spelled)).size === quotes.length);
  };
  const around = (lines, at) =>
    lines[at].within === null ? [] : [lines[at].within, ...around(lines, lines[at].within)];

  const checkLine = (line, earlier, ladder) => {
    exactly(line, "line");
    const { value, within, number } = line;
    if (isObject(value)) {
      exactly(value, "range");
      need(whole(value.min) < whole(value.max));
    } else {
      need(matches("[a-z0-9][a-z0-9_]{0,79}", value) || whole(value) >= 0);
    }
    need(matches("[a-z][a-z0-9_]{0,79}(\\.[a-z][a-z0-9_]{0,79})?", line.subject) && COLUMNS.includes(line.column));
    need(typeof line.exactly === "boolean" && whole(number, line.exactly ? 1 : 0) >= 0);
    if (!line.exactly) need((number === 0 || ladder.includes(number)) && within === null);
    else if (within === null) need(earlier.length === 0 && number >= ladder[0]);
    else need(whole(within) < earlier.length && number <= earlier[within].number);
    need((line.leaves === null) === (number === 0) && (number === 0 || unb64(line.leaves, 32)));
  };

  // --- the steps

  const custodiansOf = (roster) => {
    const keys = new Map(list(roster.custodians).map((entry) => [entry.code, unb64(entry.signing, 32)]));
    need([...keys.keys()].every((code) => matches(CODE, code)) && keys.size === roster.custodians.length);
    need(new Set([...keys.values()].map(b64)).size === keys.size);
    need(whole(roster.threshold) >= 2 && roster.threshold <= keys.size && keys.size <= 9);
    return keys;
  };

  const checkRosters = async (chain) => {
    const documents = [];
    for (const one of list(chain)) {
      const [document, signatures] = signed(one, "roster");
      const previous = documents.at(-1) ?? null;
      need(document.version === documents.length + 1, "A version is missing.");
      need(document.previous === (previous && (await digest(previous))), "A version does not follow.");
      need(previous === null || document.vault === previous.vault, "A version is of another vault.");
      const keys = [previous, document].filter((roster) => roster !== null).map(custodiansOf);
      for (const [by, signature] of signatures) {
        const found = keys.filter((known) => known.has(by));
        need(found.length > 0, "It is signed by somebody whom it does not list.");
        for (const known of found) await checkSignature(document, signature, known.get(by));
      }
      const wanted = previous ? [previous.threshold, document.threshold] : [keys[0].size];
      keys.forEach((known, at) =>
        need([...known.keys()].filter((by) => signatures.has(by)).length >= wanted[at], "A version is not signed by a quorum."));
      documents.push(document);
    }
    need(documents.length > 0, "There is no roster.");
    return documents;
  };

  const checkSignatures = async (document, signatures, rosters) => {
    need(document.roster <= rosters.length, "It names a roster that is not in the file.");
    const roster = rosters[document.roster - 1];
    need(document.vault === roster.vault, "It is of another vault than the rosters.");
    const custodians = custodiansOf(roster);
    const members = list(roster.members).filter((entry) => entry.role === "reviewer");
    const reviewers = new Map(members.map((entry) => [entry.code, unb64(entry.signing, 32)]));
    const keys = new Map([...reviewers, ...custodians]);
    for (const [by, signature] of signatures) {
      need(keys.has(by), "It is signed by somebody who is neither a reviewer nor a custodian.");
      await checkSignature(document, signature, keys.get(by));
    }
    const signers = [...signatures.keys()];
    need(new Set(signers.map((by) => b64(keys.get(by)))).size === signers.length, "Two signatures are by one key.");
    const { preparer } = document;
    need(reviewers.has(preparer) && signatures.has(preparer), "Who prepared it did not sign.");
    const others = signers.filter((by) => reviewers.has(by) && by !== preparer);
    need(others.length >= document.policy.reviewers, "Too few other reviewers signed.");
    need(signers.some((by) => custodians.has(by)), "No custodian signed.");
  };

  const checkOpenings = async (document, openings) => {
    exactly(openings, `${V1}commitment-openings`);
    need(openings.statement === (await digest(document)), "They are of another statement.");
    const line = document.lines[whole(openings.line)];
    need(line !== undefined);
    need(line.leaves !== null, "That line says how few they are, and nothing stands behind it.");
    need(list(openings.leaves).length === list(openings.paths).length);
    const hashes = [];
    for (const [at, leaf] of openings.leaves.entries()) {
      exactly(leaf, `${V1}commitment`);
      unb64(leaf.salt, 32);
      const said = [document.vault, document.incident, line.subject, line.value, line.column];
      const shown = [leaf.vault, leaf.incident, leaf.subject, leaf.value, leaf.column];
      need(spelled(said) === spelled(shown), "One is of another claim.");
      const hash = await leafHash(canonical(leaf));
      const found = await climb(hash, openings.paths[at], grown(4096));
      need(b64(found) === document.root, "One is not under the root.");
      hashes.push(hash);
    }
    const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    hashes.sort((a, b) => (hex(a) < hex(b) ? -1 : 1));
    need(new Set(hashes.map(b64)).size === hashes.length, "The same one is shown twice.");
    need(
      line.exactly ? hashes.length === line.number : hashes.length >= line.number,
      "They are not so many as the line says.",
    );
    need(b64(await sha256(...hashes)) === line.leaves, "They are not those that the line was signed for.");
    return `${hashes.length} different accounts stand behind line ${openings.line}`;
  };

  const inWords = (line, least) => {
    const value = isObject(line.value) ? `${line.value.min} to ${line.value.max}` : line.value;
    const few = line.number ? `at least ${line.number}` : `fewer than ${least}`;
    const among = line.within === null ? "" : `, among those of line ${line.within}`;
    return `${line.subject} = ${value}, ${line.column}: ${line.exactly ? line.number : few}${among}`;
  };

  const quoted = (quote) => `${quote.descriptor}: \u201c${quote.words}\u201d, of lines [${quote.claims.join(", ")}]`;

  // --- all together

  const verify = async (given, report) => {
    const step = async (name, take) => {
      try {
        report.steps.push({ step: name, says: await take() });
      } catch (error) {
        throw new Failed(name, error instanceof Wrong ? error.message : FORM);
      }
    };
    let published, document, signatures, rosters, checkpoint;
    await step("form", async () => {
      published = parse(given.published);
      exactly(published, `${V1}published`);
      [document, signatures] = signed(published.statement, "statement");
      checkStatement(document);
      report.statement = await digest(document);
      report.about = document.about;
      report.lines = document.lines.map((line) => inWords(line, document.policy.ladder[0]));
      report.lines.push(...(document.quotes ?? []).map(quoted));
      return "the file has the form that it must have";
    });
    await step("rosters", async () => {
      rosters = await checkRosters(published.rosters);
      report.vault = await digest(rosters[0]);
      return `${rosters.length} lists of custodians and members follow from each other, signed by quorums`;
    });
    await step("signatures", async () => {
      await checkSignatures(document, signatures, rosters);
      return `signed by ${[...signatures.keys()].join(", ")}`;
    });
    report.code = NOT_IN_LOG;
    const { proof } = published;
    if (proof !== null) {
      await step("edition", async () => {
        exactly(proof, "proof");
        exactly(proof.entry, `${V1}log-entry`);
        need(proof.entry.vault === document.vault && matches(`${MONTH}-[0-3][0-9]`, proof.entry.day));
        const found = await climb(await leafHash(unb64(document.root, 32)), proof.edition, grown(16));
        need(b64(found) === proof.entry.root, "The entry of the log does not contain the root of the statement.");
        return `what was counted is in entry ${whole(proof.entry.number, 1)} of the log`;
      });
      await step("checkpoint", async () => {
        checkpoint = await readCheckpoint(proof.checkpoint, document.log);
        return `the key of the log signed its state with ${checkpoint.size} entries`;
      });
      await step("log", async () => {
        const leaf = await leafHash(canonical(proof.entry));
        const found = await climb(leaf, proof.log, (size) => size === checkpoint.size);
        need(proof.log.index === proof.entry.number - 1 && same(found, checkpoint.root), "The log has no such entry.");
        return `the entry, of ${proof.entry.day} as the vault says, is in the log`;
      });
      report.code = DATE_ASSERTED;
      await step("stamp", async () => {
        for (const one of list(proof.stamps)) {
          exactly(one, "stamp");
          need(same(await sha256(unb64(one.answer)), unb64(one.hash)), "A stamp was changed.");
        }
        return proof.stamps.length ? "not verified by this page: take verifier.py for it" : "there is none";
      });
      if (given.checkpoint) {
        await step("fork", async () => {
          const note = new TextDecoder("utf-8", { fatal: true }).decode(given.checkpoint);
          const other = await readCheckpoint(note, document.log);
          if (other.size !== checkpoint.size) return "your checkpoint is of another size: take verifier.py to compare them";
          const forked = "The log has been forked: its key signed both of these. Keep both checkpoints, they are the evidence.";
          need(same(other.root, checkpoint.root), forked);
          return "your checkpoint is of the same log";
        });
      }
    }
    for (const one of given.openings ?? []) await step("openings", () => checkOpenings(document, parse(one)));
    report.verdict = VERDICTS[report.code];
  };

  /** What is found of a published file (bytes), its openings and another checkpoint; the report of vault/verifier.py. */
  const conclude = async (given) => {
    const report = { code: FAILED, verdict: "", vault: "", statement: "", failed: null, about: {}, lines: [], steps: [] };
    try {
      await verify(given, report);
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      Object.assign(report, { code: FAILED, failed: error.step, verdict: error.message, reason: error.reason });
    }
    return report;
  };

  globalThis.verifyStatement = conclude;
})();
