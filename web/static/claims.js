/**
 * The claims' rows: opens what is rarely needed of one, adds another value, goes from line to line by keyboard, finds a
 * line, and shows the claims in another language. Without this script the same buttons ask the server for the page.
 */

const sheet = document.querySelector(".claims");
const finder = document.getElementById("find");
const found = document.getElementById("found");
const labels = sheet.querySelector("[name=labels]");
const groups = Array.from(sheet.querySelectorAll(".group"));

sheet.addEventListener("click", (event) => {
  const button = event.target.closest("button.plain");
  if (button === null) {
    return;
  }
  event.preventDefault();
  const row = button.closest(".claim");
  if (button.value.startsWith("again")) {
    addValue(row).querySelector("input:not([type=hidden]), select").focus();
  } else {
    toggle(row);
  }
});

sheet.addEventListener("change", ({ target }) => {
  if (target === labels) {
    speak(labels.value);
  } else if (target.value === "learnt_from_others" && target.checked) {
    open(target.closest(".claim"));
  } else if (target.matches(".chain li:last-child [name$=chain_kind]")) {
    addLink(target.closest("li"));
  }
});

sheet.addEventListener("keydown", (event) => {
  const row = event.target.closest(".claim");
  if (row === null || !event.target.matches("[type=checkbox], button") || event.ctrlKey || event.altKey || event.metaKey) {
    return;
  }
  const digit = /^(?:Digit|Numpad)([0-7])$/.exec(event.code)?.[1]; // by place on the keyboard, whatever it writes
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    step(row, event.target, event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "/") {
    finder.select();
    finder.focus();
  } else if (digit === "0") {
    toggle(row);
  } else if (digit !== undefined && !event.shiftKey) {
    const choice = choices(row)[Number(digit) - 1];
    choice.focus();
    choice.click();
  } else {
    return;
  }
  event.preventDefault();
});

finder.addEventListener("input", () => {
  const words = fold(finder.value).split(/\s+/).filter(Boolean);
  let lines = 0;
  for (const group of groups) {
    group.dataset.before ??= String(group.open);
    let here = 0;
    for (const row of group.querySelectorAll(".claim")) {
      row.hidden = !words.every((word) => text(group, row).includes(word));
      here += row.hidden ? 0 : 1;
    }
    group.hidden = here === 0;
    group.open = words.length > 0 || group.dataset.before === "true" || group.querySelector(":checked") !== null;
    if (words.length === 0) {
      delete group.dataset.before;
    }
    lines += here;
  }
  found.textContent = words.length > 0 ? found.dataset.said.replace("{number}", String(lines)) : "";
});

finder.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && finder.value !== "") {
    finder.value = "";
    finder.dispatchEvent(new Event("input", { bubbles: true }));
  } else if (event.key === "Enter" || event.key === "ArrowDown") {
    const row = rows().find(({ hidden }) => !hidden);
    row && reach(row, choices(row)[0]);
  } else {
    return;
  }
  event.preventDefault();
});

sheet.querySelectorAll(".claim:has(.all)").forEach((row) => open(row));

// What was typed, ticked or chosen before anybody listened, or kept by the browser, is taken up.
if (finder.value !== "") {
  finder.dispatchEvent(new Event("input", { bubbles: true }));
}
sheet.querySelectorAll("[value=learnt_from_others]:checked").forEach((box) => open(box.closest(".claim")));
sheet.querySelectorAll(".chain li:last-child").forEach((link) => told(link) && addLink(link));
if (labels.value !== sheet.dataset.labels) {
  speak(labels.value);
}

/** @param {Element} row whose rarer fields are wanted; they are made once */
function open(row) {
  const all = row.querySelector(".all") ?? details(row);
  all.hidden = false;
  more(row).setAttribute("aria-expanded", "true");
  return all;
}

/** @param {Element} row */
function toggle(row) {
  const all = row.querySelector(".all");
  if (all === null || all.hidden) {
    open(row).querySelector("[type=checkbox]").focus();
  } else {
    all.hidden = true; // what was typed there stays
    more(row).setAttribute("aria-expanded", "false");
    more(row).focus();
  }
}

/** @param {Element} row */
function details(row) {
  const all = document.getElementById("more").content.firstElementChild.cloneNode(true);
  rename(all, "obs-N", row.id);
  row.querySelector(".how").append(all);
  return all;
}

/** @param {Element} row for whose claim another value is to be coded */
function addValue(row) {
  const first = rows().find((other) => subject(other) === subject(row));
  const fresh = first.cloneNode(true);
  fresh.querySelectorAll(".all, .wrong, [value^=again]").forEach((part) => part.remove());
  rename(fresh, first.id, `obs-${rows().length}`);
  empty(fresh);
  fresh.classList.add("again");
  const label = document.createElement("span");
  label.textContent = sheet.dataset.anotherSaid;
  fresh.querySelector(".label").append(label);
  const mark = fresh.querySelector("input").cloneNode();
  mark.name = `${fresh.id}-again`;
  mark.value = "yes";
  fresh.prepend(fresh.querySelector("input"), mark);
  let last = first;
  while (last.nextElementSibling?.matches(".again")) {
    last = last.nextElementSibling;
  }
  last.after(fresh);
  return fresh;
}

/** @param {Element} link the last of a chain: whether it says who told it */
function told(link) {
  return link.querySelector("[name$=chain_kind]").value !== "";
}

/** @param {Element} link the last of a chain, just filled in: whoever told it may have it from somebody, too */
function addLink(link) {
  const next = link.cloneNode(true);
  empty(next);
  link.after(next);
}

/**
 * @param {Element} part
 * @param {string} from
 * @param {string} to
 */
function rename(part, from, to) {
  for (const element of [part, ...part.querySelectorAll("[name], [id]")]) {
    for (const name of ["name", "id", "aria-labelledby"]) {
      const value = element.getAttribute(name);
      if (value === from || value?.startsWith(`${from}-`)) {
        element.setAttribute(name, to + value.slice(from.length));
      }
    }
    if (element.matches("button")) {
      element.value = element.value.replace(/\d+$/, to.slice("obs-".length));
      element.removeAttribute("aria-expanded");
    }
  }
}

/** @param {Element} part */
function empty(part) {
  part.querySelectorAll("input:not([type=hidden]), select").forEach((field) => {
    if (field.type === "checkbox") {
      field.checked = false;
    } else if (field.matches("select")) {
      field.selectedIndex = 0;
    } else {
      field.value = "";
    }
  });
}

/**
 * From line to line, at the same choice; a folded group opens.
 * @param {Element} row
 * @param {Element} from
 * @param {1 | -1} by
 */
function step(row, from, by) {
  const lines = rows().filter(({ hidden }) => !hidden);
  const next = lines[lines.indexOf(row) + by];
  if (next !== undefined) {
    reach(next, choices(next)[Math.max(0, choices(row).indexOf(from))]);
  }
}

/**
 * @param {Element} row
 * @param {HTMLElement} field
 */
function reach(row, field) {
  row.closest(".group").open = true;
  field.focus();
}

/**
 * The claims in the words of another language; what is ticked and typed stays.
 * @param {string} language
 */
async function speak(language) {
  const answer = await fetch(`${window.location.pathname}?labels=${language}`).catch(() => null);
  const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : document;
  const rendered = page.querySelector(".claims");
  if (rendered === null || rendered === sheet) {
    labels.value = sheet.dataset.labels;
    return;
  }
  const spoken = new Map(Array.from(rendered.querySelectorAll(".claim"), (row) => [subject(row), row]));
  rows().forEach((row) => say(row, spoken.get(subject(row))));
  rendered.querySelectorAll(".group h3").forEach((title, i) => groups[i].querySelector("h3").replaceWith(title));
  document.getElementById("not-reviewed").hidden = rendered.querySelector("#not-reviewed").hidden;
  sheet.dataset.labels = language;
}

/**
 * @param {Element} row
 * @param {Element} spoken the same claim in other words
 */
function say(row, spoken) {
  row.querySelector(".label span").replaceWith(spoken.querySelector(".label span").cloneNode(true));
  const [ours, theirs] = [row, spoken].map((one) => one.querySelector(".about select"));
  if (ours !== null) {
    ["lang", "dir"].forEach((name) => ours.setAttribute(name, theirs.getAttribute(name) ?? ""));
    Array.from(theirs.options).forEach((option, i) => { ours.options[i].textContent = option.textContent; });
  }
}

function rows() {
  return Array.from(sheet.querySelectorAll(".claim"));
}

/** @param {Element} row */
function more(row) {
  return row.querySelector("button[value^=more]");
}

/** @param {Element} row */
function choices(row) {
  return Array.from(row.querySelectorAll(".line input"));
}

/** @param {Element} row */
function subject(row) {
  return row.querySelector("input[name$='-subject']").value;
}

/**
 * What a line is found by.
 * @param {Element} group
 * @param {Element} row
 */
function text(group, row) {
  return fold(`${group.querySelector("h3").textContent} ${row.querySelector(".about").textContent}`);
}

/** @param {string} said */
function fold(said) {
  return said.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
