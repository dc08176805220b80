// What is looked for in every page, by evaluation in it: three functions, of which each returns what is wrong.

({
  /** Styles and scripts that stand in the page itself, and what moves though its user wants nothing to move. */
  inline: () => {
    const found = [...document.querySelectorAll("[style], style, script:not([src])")]
      .filter((element) => !(element.matches("script") && element.type === "application/json"));
    const handlers = [...document.querySelectorAll("*")]
      .filter((element) => element.getAttributeNames().some((name) => name.startsWith("on")));
    const moving = document.getAnimations().map((animation) => animation.effect.target);
    return [...found, ...handlers, ...moving].map((element) => element.outerHTML.slice(0, 120));
  },

  /** What sticks out of the window or is cut off, where there is no way to scroll to it. */
  lost: () => {
    const page = document.documentElement;
    if (page.scrollWidth > page.clientWidth) return [`wider by ${page.scrollWidth - page.clientWidth}`];
    return [...document.body.querySelectorAll(":not(input, select, textarea)")]
      .filter((element) => element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1)
      .filter((element) => /hidden|clip/.test(getComputedStyle(element).overflowX) && getComputedStyle(element).clipPath === "none")
      .map((element) => element.outerHTML.slice(0, 120));
  },

  /** Words that are not of the interface's language, and not marked as somebody's own or a name. */
  foreign: () => {
    const marked = "[lang]:not(html, [lang=ar]), [dir=ltr]:not(html), [translate=no], [dir=auto], bdi, code, kbd, time, script, noscript, template, style";
    const names = /\b(Witness Vault|PDF|JSON|CSV|SHA-256|HTML|UTF-8)\b/g;
    const isolated = /[\u2066-\u2068][^\u2066-\u2069]*\u2069/g; // somebody's own words, where no element can mark them
    const bare = (text) => text.replace(isolated, "").replace(isolated, "").replaceAll(names, "");
    const latin = (text) => /[A-Za-z]{2,}/.test(bare(text));
    const found = [document.title].filter(latin);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode.data.trim().replace(/\s+/g, " ");
      if (latin(text) && !walker.currentNode.parentElement.closest(marked)) found.push(text);
    }
    for (const element of document.body.querySelectorAll("[aria-label], [title], [alt], [placeholder]")) {
      for (const name of ["aria-label", "title", "alt", "placeholder"]) {
        const text = element.getAttribute(name) ?? "";
        if (latin(text) && !element.matches(marked)) found.push(`${name}: ${text}`);
      }
    }
    return found;
  },
})
