/**
 * What was done, and about what, in plain words (docs/FORMATS.md §11). What is not known here is shown as it is called.
 */

import { _ } from "./speaking.js";

const ACTS = {
  "recut proposed": _("Asked for new figures of an incident"),
  "recut signed": _("Signed that an incident be counted anew"),
  "recut withdrawn": _("Took back the asking for new figures"),
  "roster proposed": _("Proposed a roster"),
  "roster signed": _("Signed a roster"),
  "roster withdrawn": _("Took back a roster"),
  "invitations proposed": _("Proposed invitations"),
  "invitations signed": _("Signed invitations"),
  "invitations withdrawn": _("Took back invitations"),
  "case proposed": _("Proposed a case"),
  "case signed": _("Signed a case"),
  "case withdrawn": _("Took back a case"),
  "backup-keys proposed": _("Proposed backup keys"),
  "backup-keys signed": _("Signed backup keys"),
  "backup-keys withdrawn": _("Took back backup keys"),
  "retention proposed": _("Proposed the last day of a case"),
  "retention signed": _("Signed the last day of a case"),
  "retention withdrawn": _("Took back the last day of a case"),
  "destruction proposed": _("Proposed that the records of a case be destroyed"),
  "destruction signed": _("Signed that the records of a case be destroyed"),
  "destruction withdrawn": _("Called off that the records of a case be destroyed"),
  "case destroyed": _("Destroyed the records of a case"),
  "records destroyed": _("Destroyed records of a case whose time was over"),
  "vault restored": _("Restored the vault from a backup"),
  "re-sharing begun": _("Began to share every record anew"),
  "re-sharing finished": _("Finished sharing every record anew"),
  "drill reported": _("Reported a drill"),
  "incident added": _("Added an incident to a case"),
  "incidents added": _("Added incidents to a case, from a table"),
  "match records listed": _("Looked through the match records"),
  "match records fetched": _("Fetched match records"),
  "partition handed in": _("Handed in which records are of one person"),
  "edition cut": _("Cut an edition"),
  "edition read": _("Read an edition"),
  "accounts read": _("Read the accounts behind an edition's figures"),
  "line opened": _("Opened a line of a statement for a court"),
  "source assessed": _("Rated a source, moved or decided"),
  "quotes read": _("Read the quotes of a case"),
  "quote proposed": _("Proposed a quote of a testimony"),
  "quote decided": _("Decided on a quote"),
  "evidence listed": _("Looked through the evidence of a case"),
  "evidence read": _("Read an item of evidence"),
  "evidence opened": _("Opened a file of the evidence"),
  "evidence verified": _("Verified a file of the evidence"),
  "evidence withdrawn": _("Destroyed files of evidence, at the wish of the witness who gave them"),
  "evidence file added": _("Added a file to an item of evidence"),
  "custody recorded": _("Wrote down what happened to an item of evidence"),
  "evidence weighed": _("Weighed an item of evidence"),
  "opinion recorded": _("Wrote down an expert's opinion"),
  "release proposed": _("Proposed what may be said of an item of evidence"),
  "release decided": _("Decided what may be said of an item of evidence"),
  "release recalled": _("Took back what may be said of an item of evidence"),
  "responses read": _("Read what the accused said"),
  "response recorded": _("Wrote down what the accused said"),
  "approach recorded": _("Wrote down what the accused were asked"),
  "return recorded": _("Wrote down what came back from the accused"),
  "findings read": _("Read the findings of a case"),
  "finding proposed": _("Wrote a version of a finding"),
  "finding decided": _("Decided on a finding"),
  "rebuttals read": _("Read rebuttal sheets"),
  "rebuttal proposed": _("Proposed a rebuttal sheet"),
  "rebuttal decided": _("Decided on a rebuttal sheet"),
  "rebuttal given out": _("Gave out a rebuttal sheet"),
  "patterns read": _("Looked across incidents"),
  "editions listed": _("Looked through a case's editions"),
  "testimonies listed": _("Looked through a case's testimonies"),
  "testimony read": _("Read a testimony"),
  "testimony handed over": _("Handed a testimony over, out of the vault"),
  "testimony withdrawn": _("Withdrew a testimony, or a part of what it allows"),
  "exports listed": _("Looked at what left a case"),
  "table taken out": _("Took a table of a case out as data"),
  "statement prepared": _("Prepared a statement"),
  "statement approved": _("Approved a statement"),
  "statement taken back": _("Took back a statement before it was published"),
  "statement published": _("Signed a statement, which published it"),
  "statement pulled": _("Pulled a published statement"),
  "opening requested": _("Asked for an opening"),
  "opening decided": _("Decided on an opening"),
  "opening handed over": _("Took what an opening gave"),
  "keys handed over": _("Handed over keys of a case"),
  "keys revoked": _("Took a member's keys away"),
  "absence announced": _("Said how long they are away"),
  "act refused": _("Was refused"),
  "more acts refused": _("More acts were refused"),
  "sign-ins failed": _("Sign-ins failed"),
};

const MEMBERS = {
  act: _("act"),
  "at least": _("at least"),
  case: _("case"),
  decision: _("decision"),
  document: _("document"),
  edition: _("edition"),
  epoch: _("epoch"),
  error: _("error"),
  grants: _("grants"),
  incident: _("incident"),
  incidents: _("incidents"),
  member: _("member"),
  opening: _("opening"),
  purpose: _("purpose"),
  "re-sharing": _("re-sharing"),
  record: _("record"),
  records: _("records"),
  statement: _("statement"),
  table: _("table"),
  terms: _("terms"),
  than: _("than"),
  until: _("until"),
};

const VALUES = {
  decision: { approve: _("approve"), refuse: _("refuse") },
  purpose: { identity: _("identity"), "case-key": _("case-key") },
  until: { back: _("back") },
};

/** What an entry calls what it is about. @param {string} name @returns {import("./speaking.js").Message | string} */
export function memberInWords(name) {
  return Object.hasOwn(MEMBERS, name) ? MEMBERS[name] : name;
}

/** @param {string} name @param {any} value @returns {any} */
export function valueInWords(name, value) {
  return Object.hasOwn(VALUES, name) && Object.hasOwn(VALUES[name], value) ? VALUES[name][value] : value;
}

/** @param {string} act @returns {import("./speaking.js").Message | string} */
export function inWords(act) {
  return Object.hasOwn(ACTS, act) ? ACTS[act] : act;
}
