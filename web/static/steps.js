/**
 * A long form as steps: one part of it at a time, each with an address of its own, so that the browser's Back goes a
 * step back. What was typed is kept as a draft with every step. Without this script the form stays one page.
 */

import { sumUp } from "./summed.js";

/** @typedef {{ part: HTMLElement, heading: HTMLElement, link: HTMLAnchorElement }} Step */

const TYPABLE = "input:not([type=hidden], :disabled), select, textarea, [tabindex]";

/** @type {Step[]} */
let steps = [];
/** @type {Step | undefined} */
let current;
/** @type {Step} */
let opening;
/** @type {HTMLFormElement} */
let form;
let unsaved = true; // something may have been typed that no draft has
let saving = Promise.resolve();

/**
 * @param {HTMLFormElement} whole
 * @param {() => Promise<boolean>} keep saves the draft; whether it is saved
 */
export function begin(whole, keep) {
  form = whole;
  steps = Array.from(form.querySelectorAll(".part"), (part) => {
    const heading = part.querySelector("h2");
    return { part, heading, link: document.querySelector(`.contents a[href="#${heading.id}"]`) };
  });
  if (steps.length === 0) {
    return;
  }
  form.parentElement.classList.add("stepped");
  [["back", -1], ["next", 1]].forEach(([id, way]) => button(id).addEventListener("click", () => {
    by(way);
    save(keep);
  }));
  form.addEventListener("input", ({ target }) => {
    if (target.name !== "") {
      unsaved = true;
      document.getElementById("kept").textContent = "";
    }
  });
  document.addEventListener("click", follow);
  window.addEventListener("hashchange", () => {
    const step = named(location.hash);
    if (step !== undefined) {
      show(step);
      save(keep);
      reach(step.heading);
    }
  });
  start();
}

/**
 * Opens the step in which something stands.
 * @param {Element} element
 */
export function reveal(element) {
  const step = stepOf(element);
  if (step !== undefined && step !== current) {
    history.pushState(null, "", `#${step.heading.id}`);
    show(step);
  }
  for (let part = element.closest("details"); part !== null; part = part.parentElement.closest("details")) {
    part.open = true;
  }
}

/** Where the first fault is; else where the address says. An address that says nothing means this step from now on. */
function start() {
  const errors = document.getElementById("errors");
  const fault = errors?.querySelector("a[href^='#']");
  opening = (fault ? stepOf(target(fault)) : errors && steps.at(-1)) ?? steps[0];
  show(named(location.hash) ?? opening);
}

/** @param {Step} step */
function show(step) {
  current = step;
  for (const { part, link } of steps) {
    part.hidden = part !== step.part;
    part.hidden ? link.removeAttribute("aria-current") : link.setAttribute("aria-current", "step");
  }
  const last = step === steps.at(-1);
  button("back").hidden = step === steps[0];
  button("next").hidden = last;
  form.querySelector("[value=deposit]").hidden = !last;
  if (last) {
    sumUp(form);
  }
}

/** @param {1 | -1} way */
function by(way) {
  const { heading } = steps[steps.indexOf(current) + way];
  reveal(heading);
  reach(heading);
}

/**
 * A link to a field of the form, as an error has it: its step is opened; the address names no field.
 * @param {MouseEvent} event
 */
function follow(event) {
  const link = event.target.closest("a[href^='#']");
  const goal = link && target(link);
  if (!goal || stepOf(goal) === undefined || named(link.hash) !== undefined) {
    return;
  }
  event.preventDefault();
  reveal(goal);
  reach(goal);
}

/** @param {HTMLElement} goal */
function reach(goal) {
  const field = goal.matches(TYPABLE) ? goal : goal.querySelector(TYPABLE);
  const top = goal === current.heading;
  (top ? form.parentElement : goal).scrollIntoView({ block: top ? "start" : "center", behavior: "instant" });
  (field ?? current.heading).focus({ preventScroll: true });
}

/** @param {() => Promise<boolean>} keep */
function save(keep) {
  if (!unsaved) {
    return;
  }
  unsaved = false;
  const kept = document.getElementById("kept");
  kept.textContent = "";
  saving = saving.then(async () => {
    const done = await keep();
    unsaved ||= !done;
    kept.textContent = done ? kept.dataset.said : kept.dataset.failedSaid;
  });
}

/** @param {Element} element */
function stepOf(element) {
  return steps.find(({ part }) => part.contains(element));
}

/** @param {string} hash */
function named(hash) {
  return hash === "" ? opening : steps.find(({ heading }) => hash === `#${heading.id}`);
}

/** @param {HTMLAnchorElement} link */
function target(link) {
  return document.getElementById(link.hash.slice(1));
}

/** @param {string} id */
function button(id) {
  return document.getElementById(id);
}
