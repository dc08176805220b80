/* The page around verify.js: reads the files that were chosen, and shows what was found. */
"use strict";

(() => {
  const at = (id) => document.getElementById(id);
  const bytes = async (file) => new Uint8Array(await file.arrayBuffer());

  const item = (text, name) => {
    const made = document.createElement("li");
    if (name) {
      made.append(Object.assign(document.createElement("strong"), { textContent: name }), ": ");
    }
    made.append(text);
    return made;
  };

  const show = (report) => {
    at("verdict").textContent = report.verdict;
    at("verdict").dataset.code = report.code;
    const steps = report.steps.map((step) => item(step.says, step.step));
    if (report.failed) {
      const failed = item(report.reason, report.failed);
      failed.className = "failed";
      steps.push(failed);
    }
    at("steps").replaceChildren(...steps);
    at("about").hidden = report.failed !== null;
    at("words").replaceChildren(...Object.entries(report.about).map(([lang, textContent]) =>
      Object.assign(document.createElement("p"), { lang, dir: "auto", textContent })));
    at("lines").replaceChildren(...report.lines.map((line) => item(line)));
    at("vault").textContent = report.vault;
    at("statement").textContent = report.statement;
    at("found").hidden = false;
    at("verdict").focus();
  };

  at("given").addEventListener("submit", async (event) => {
    event.preventDefault();
    const [published] = at("published").files;
    const [checkpoint] = at("checkpoint").files;
    const given = {
      published: await bytes(published),
      openings: await Promise.all([...at("openings").files].map(bytes)),
      checkpoint: checkpoint && (await bytes(checkpoint)),
    };
    show(await globalThis.verifyStatement(given));
  });
})();
