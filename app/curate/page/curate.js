// The page for a curator. It asks the program that serves it, and nobody else.
import { pointOf, unitOf } from "./points.js";

const $ = (id) => document.getElementById(id);
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const KINDS = { c: "commitment", a: "agreement", q: "quote", e: "event", m: "summit", w: "actor" };
let state = null; // of the text
let form = null; // that is open
let chosen = null; // the words selected last: [start, end] in code points
let proposal = null; // the number of the one that was reached last
let outlook = null; // what publishing changes, as it was shown last
let timer = 0;
let unsaid = []; // the fields that say what no passage does
let tells = []; // what says below each field what proves it
let touched = false; // something in the form
let leaving = false; // asked whether to
let writing = false; // one Enter writes once

const ask = async (path, body) => {
  const options = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw Object.assign(new Error("The program does not answer. What was written is on the disk; start readout curate again, and open the address that it prints."), { status: 0 });
  }
  const answer = await response.json().catch(() => ({ detail: response.status === 403
    ? "The program was started again: open the address that it printed then. What was written is on the disk."
    : "The program gave no answer that can be read; start readout curate again, and open the address that it prints." }));
  if (!response.ok) throw Object.assign(new Error(answer.detail), { status: response.status });
  return answer;
};
const say = (words, bad = false) => {
  $("said").textContent = words;
  $("said").classList.toggle("bad", bad);
};
const fail = (error) => {
  say(error.message, true);
  if (error.status === 409) {
    const reload = make("button", { type: "button", textContent: "Reload" });
    reload.addEventListener("click", () => trying(async () => {
      await load(state.name);
      if (!state.fault) say(`Reloaded${form ? "; what is in the form is still there" : ""}.`);
    })());
    $("said").append(" ", reload);
  }
};
const trying = (act) => (...given) => Promise.resolve(act(...given)).catch(fail);

// The text.

const load = async (name) => {
  show(await ask(`state?text=${encodeURIComponent(name)}`));
  if (state.fault) say(state.fault, true);
};
const show = (next) => {
  state = next;
  chosen = null;
  const rows = state.paragraphs.map((paragraph, at) => row(paragraph, at + 1));
  $("text").replaceChildren(...rows);
  const open = state.uncited.filter((n) => !state.looked.includes(n)).length;
  $("figures").textContent = `${state.records.length} on record · ${state.published} of the text published · ${open} of ${rows.length} paragraphs not looked at`;
  $("undo").disabled = !state.undo;
  $("records").replaceChildren(...state.records.map((record) => {
    const button = make("button", { type: "button", textContent: `${record.type}: ${record.title}`, disabled: record.plural === "additions" });
    button.addEventListener("click", trying(() => edit(record)));
    const gone = make("button", { type: "button", textContent: "Delete" });
    gone.setAttribute("aria-label", `Delete ${record.type}: ${record.title}`);
    gone.addEventListener("click", trying(() => remove(record)));
    return make("li", {}, button, " ", gone);
  }));
};
const within = (paragraph, [start, end]) => start < paragraph.end && end > paragraph.start;
const row = (paragraph, number) => {
  paragraph.end = paragraph.start + pointOf(paragraph.text, paragraph.text.length);
  const cited = state.cited.flatMap((one) => one.places.map((place) => ({ place, record: one.record })));
  const here = cited.filter((one) => within(paragraph, one.place));
  const free = (one) => !here.some(({ place }) => place[0] < one.places.at(-1)[1] && place[1] > one.places.at(-1)[0]);
  const proposals = state.proposals.filter((one) => one.paragraph === number && free(one));
  const done = !state.uncited.includes(number) || state.looked.includes(number);
  const words = make("p", { className: "words", dir: "auto" }, ...pieces(paragraph, here, proposals));
  const margin = make("ul", { className: "margin" }, ...(state.looked.includes(number) ? [] : proposals.map(proposed)));
  const label = make("span", { className: "no", textContent: number, title: done ? "looked at" : "not looked at yet" });
  const element = make("div", { className: done ? "row done" : "row", tabIndex: -1 }, label, words, margin);
  element.dataset.paragraph = number;
  return element;
};
const pieces = (paragraph, cited, proposals) => {
  const own = proposals.map((one) => one.places.at(-1));
  const cuts = new Set([paragraph.start, paragraph.end]);
  for (const place of [...cited.map((one) => one.place), ...own]) {
    for (const cut of place) if (cut > paragraph.start && cut < paragraph.end) cuts.add(cut);
  }
  const points = [...cuts].sort((a, b) => a - b);
  return points.slice(1).map((end, at) => {
    const start = points[at];
    const slice = paragraph.text.slice(unitOf(paragraph.text, start - paragraph.start), unitOf(paragraph.text, end - paragraph.start));
    const mark = cited.find(({ place }) => place[0] <= start && place[1] >= end);
    if (mark) return make("mark", { textContent: slice, title: mark.record });
    const inside = own.some((place) => place[0] <= start && place[1] >= end);
    return inside ? make("span", { className: "proposed", textContent: slice }) : slice;
  });
};
const proposed = (one) => {
  const sums = (one.entry.measures ?? []).map((m) => `${m.currency ?? ""} ${m.value.toLocaleString("en")}${m.unit ?? ""}`.trim());
  const button = make("button", { type: "button" }, make("span", { className: "rule", textContent: one.rule }), ` ${[...sums, one.entry.due_text].filter(Boolean).join(" · ") || one.entry.title || one.said_by}`);
  button.dataset.proposal = one.number;
  button.addEventListener("click", trying(() => begin(one.type, one)));
  button.addEventListener("focus", () => (proposal = one.number));
  return make("li", {}, button);
};

// The selection, in code points.

const pointAt = (node, offset) => {
  const words = (node.nodeType === 1 ? node : node.parentElement)?.closest(".words");
  if (!words) return null;
  const range = document.createRange();
  range.setStart(words, 0);
  range.setEnd(node, offset);
  const paragraph = state.paragraphs[words.parentElement.dataset.paragraph - 1];
  return paragraph.start + pointOf(paragraph.text, range.toString().length);
};
const spanOf = (selection) => {
  if (!state || !selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const start = pointAt(range.startContainer, range.startOffset);
  const end = pointAt(range.endContainer, range.endOffset);
  if (start === null || end === null || start >= end) return null;
  return tightened(start, end);
};
const textOf = (start, end) => state.paragraphs.filter((one) => within(one, [start, end])).map((one) =>
  one.text.slice(unitOf(one.text, Math.max(0, start - one.start)), unitOf(one.text, Math.min(end, one.end) - one.start))).join("\n");
const tightened = (start, end) => {
  const words = textOf(start, end);
  const before = pointOf(words, words.length - words.trimStart().length);
  const after = pointOf(words, words.length - words.trimEnd().length);
  return start + before < end - after ? [start + before, end - after] : null;
};
document.addEventListener("selectionchange", () => {
  const span = spanOf(getSelection());
  if (span) chosen = span;
});
const select = ([start, end]) => {
  const range = document.createRange();
  const wordsAt = (number) => $("text").children[number].querySelector(".words");
  const place = (point, within) => {
    const number = state.paragraphs.findIndex(within);
    const words = wordsAt(number);
    let left = unitOf(state.paragraphs[number].text, point - state.paragraphs[number].start);
    const walker = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      if (left <= walker.currentNode.length) return [walker.currentNode, left];
      left -= walker.currentNode.length;
    }
    return [words, words.childNodes.length];
  };
  range.setStart(...place(start, (one) => one.end > start));
  range.setEnd(...place(end, (one) => one.end >= end));
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  wordsAt(state.paragraphs.findIndex((one) => one.end >= end)).scrollIntoView({ block: "nearest" });
};
const nextSentence = () => {
  const after = spanOf(getSelection())?.[1] ?? state.paragraphs[current() - 1]?.start ?? 0;
  const all = state.paragraphs.flatMap((one) => one.sentences);
  const next = all.find(([start]) => start >= after) ?? all[0];
  if (next) select(next);
};
// One sentence more or less of the selection, in the paragraphs after it too.
const stretch = (step) => {
  const span = spanOf(getSelection());
  if (!span) return nextSentence();
  const ends = state.paragraphs.flatMap((one) => one.sentences).map(([, end]) => end);
  const end = step > 0 ? ends.find((one) => one > span[1]) : ends.filter((one) => one > span[0] && one < span[1]).at(-1);
  if (end) select([span[0], end]);
};
const current = () => Number(document.activeElement?.closest?.(".row")?.dataset.paragraph ?? 1);
const toParagraph = (step) => {
  const focused = document.activeElement?.closest?.(".row");
  const number = focused ? current() + step : 1;
  $("text").children[number - 1]?.focus();
};
const toProposal = (step) => {
  const all = [...document.querySelectorAll("[data-proposal]")];
  const at = all.findIndex((one) => Number(one.dataset.proposal) >= (proposal ?? -1));
  const same = at >= 0 && Number(all[at].dataset.proposal) === proposal;
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : step > 0 && !same ? at : at + step;
  all[(next + all.length) % all.length]?.focus();
};

// The form.

const begin = async (kind, one = null) => {
  const place = one ? one.places.at(-1) : spanOf(getSelection()) ?? (proposal !== null && state.proposals[proposal]?.places.at(-1));
  if (!place) return say("Select the words that prove it first: with the mouse, or S for the next sentence.");
  const same = one?.type === kind ? one.number : null;
  open(await ask("form", { text: state.name, kind, start: place[0], end: place[1], proposal: same }));
};
const edit = async (record) => open(await ask("form", { text: state.name, edit: record.id, plural: record.plural }));
const remove = async ({ plural, at, id, type }) => {
  show(await ask("delete", { text: state.name, plural, at, id, version: state.version }));
  say(`The ${type} ${id} is deleted; Z takes that back.`);
};
const open = (next) => {
  form = next;
  tells = [];
  unsaid = [];
  chosen = null; // what is selected from now on proves a field of it
  touched = leaving = false;
  say("");
  const title = form.id ? `Change ${form.id}` : `New ${form.kind}`;
  const problems = make("ul", { className: "problems", id: "problems" });
  const live = make("div", {}, problems);
  live.setAttribute("aria-live", "polite");
  const element = make("form", { autocomplete: "off", noValidate: true }, make("h2", { textContent: title }),
    make("blockquote", { textContent: form.passage, tabIndex: 0, dir: "auto" }), live, ...form.fields.map(field),
    make("p", { className: "buttons" }, make("button", { className: "main" }, "Write ", make("kbd", { textContent: "Enter" })),
      make("button", { type: "button", onclick: () => discard() }, "Leave ", make("kbd", { textContent: "Esc" }))));
  element.addEventListener("submit", (event) => { event.preventDefault(); trying(write)(); });
  $("form").replaceChildren(element);
  $("help").hidden = true;
  const first = form.fields.find((one) => one.to && !one.value) ?? form.fields.find((one) => one.name !== "id");
  $(`field-${first.name}`).focus();
  trying(check)();
};
const field = (one) => {
  const id = `field-${one.name}`;
  const long = ["summary", "note", "text"].includes(one.name);
  const input = one.choices
    ? make("select", { id }, ...["", ...one.choices].map((value) => make("option", { value, textContent: value.replaceAll("_", " ") })))
    : make(long ? "textarea" : "input", { id });
  input.value = one.value;
  const box = make("div", { className: "field" }, make("label", { htmlFor: id, textContent: one.label }), input);
  input.addEventListener("input", () => { one.value = input.value; changed(); });
  if (one.to) references(one, input, box);
  if (one.hint) {
    box.append(make("small", { id: `${id}-hint`, textContent: one.hint }));
    input.setAttribute("aria-describedby", `${id}-hint`);
  }
  if (one.proven) box.append(proofOf(one, input));
  return box;
};
const proofOf = (one, input) => {
  const words = make("span");
  const button = make("button", { type: "button", textContent: "other words" });
  button.setAttribute("aria-label", `other words: prove ${one.label} by those selected last`);
  const small = make("small", {}, words, button);
  const tell = () => { small.hidden = !one.value && !one.proof; words.textContent = one.proof ? `“${textOf(...one.proof[0]).slice(0, 60)}”` : one.elsewhere ? `by a passage of ${one.elsewhere}` : unsaid.includes(one.name) ? "the passage above does not say it" : "by the passage above"; };
  tells.push(tell);
  const prove = () => {
    if (!chosen) return say("Select the words that prove it in the text first.");
    one.proof = one.proof ? null : [chosen];
    tell();
    changed();
  };
  button.addEventListener("click", prove);
  input.addEventListener("keydown", (event) => { if (event.altKey && event.code === "KeyP") { event.preventDefault(); prove(); } });
  input.addEventListener("input", tell);
  tell();
  return small;
};
// A reference is found by the letters that are typed of it: by its id or one of its names.
const references = (one, input, box) => {
  const list = make("ul", { className: "options", id: `${input.id}-options`, hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Matches");
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) input.setAttribute(name, value);
  let at = 0;
  const last = () => input.value.split(",").at(-1).trim().toLowerCase();
  const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const mark = () => [...list.children].forEach((item, n) => {
    item.setAttribute("aria-selected", n === at);
    if (n === at) input.setAttribute("aria-activedescendant", item.id);
  });
  const pick = (id) => {
    const before = one.many ? input.value.split(",").slice(0, -1).map((part) => part.trim()) : [];
    input.value = one.value = [...before, one.name === "mentions" ? `${id}:about` : id].join(", ");
    close();
    changed();
  };
  const suggest = () => {
    const typed = last();
    const rank = ([id, names]) => {
      const all = [id, ...names.toLowerCase().split(", ")];
      if (all.includes(typed)) return 0;
      const head = all.some((name) => name.split(/[^\p{L}\p{N}.]+/u).some((_, n, words) => words.slice(n).join(" ").startsWith(plain(typed))));
      return head ? 1 : all.some((name) => name.includes(typed)) ? 2 : 3;
    };
    const near = (id) => (one.to === "actor" && state.near.includes(id) ? state.near.indexOf(id) : state.near.length);
    const begins = (names) => (names.toLowerCase().startsWith(typed) ? 0 : 1);
    const options = typed.length < 2 || state.ids[one.to][typed] ? [] : Object.entries(state.ids[one.to]).map((entry) => [rank(entry), ...entry])
      .filter(([n]) => n < 3).sort((a, b) => a[0] - b[0] || near(a[1]) - near(b[1]) || begins(a[2]) - begins(b[2]) ||
        a[2].split(", ")[0].length - b[2].split(", ")[0].length || (a[1] < b[1] ? -1 : 1)).slice(0, 8);
    if (!options.length) return close();
    at = 0;
    list.replaceChildren(...options.map(([, id, names], n) => {
      const item = make("li", { id: `${list.id}-${n}`, textContent: `${names.split(", ")[0]} (${id})` });
      item.setAttribute("role", "option");
      item.dataset.id = id;
      item.addEventListener("mousedown", (event) => { event.preventDefault(); pick(id); });
      return item;
    }));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark();
  };
  input.addEventListener("input", suggest);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { at = (at + step + list.children.length) % list.children.length; mark(); }
    else if (event.key === "Enter" || event.key === "Tab") pick(list.children[at].dataset.id);
    else if (event.key === "Escape") close();
    else return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
  });
  box.append(list);
};
const plain = (words) => words.split(/[^\p{L}\p{N}.]+/u).join(" ");
const kept = () => `readout-form-${state.name}`;
const changed = () => {
  touched = true;
  leaving = false;
  localStorage.setItem(kept(), JSON.stringify(form));
  clearTimeout(timer);
  timer = setTimeout(trying(check), 200);
};
const check = async () => {
  const asked = form;
  const { problems, warnings, ...judged } = await ask("check", { text: state.name, form });
  if (asked !== form || !$("problems")) return;
  unsaid = judged.unsaid;
  tells.forEach((tell) => tell());
  $("problems").replaceChildren(...problems.map((one) => make("li", { textContent: one })),
    ...warnings.map((one) => make("li", { className: "warning", textContent: one })));
};
const write = async () => {
  if (writing) return;
  const { kind } = form;
  writing = true;
  try {
    show(await ask("write", { text: state.name, form, version: state.version }));
  } finally {
    writing = false;
  }
  leave();
  say(`The ${kind} is written into ${state.name}.json.`);
};
// What was typed is not lost by one key.
const discard = () => {
  if (!touched || leaving) return say(""), leave();
  leaving = true;
  say("What is typed in the form is not written. Esc again discards it.");
};
const leave = () => {
  const before = proposal;
  form = null;
  clearTimeout(timer);
  localStorage.removeItem(kept());
  $("form").replaceChildren();
  $("help").hidden = false;
  const again = document.querySelector(`[data-proposal="${before}"]`) ?? $("text").children[0];
  again?.focus({ preventScroll: before === null });
};

// Undo, preview, publish.

const undo = async () => { show(await ask("undo", { text: state.name, version: state.version })); say(state.said); };
const look = async () => {
  const number = current();
  show(await ask("look", { text: state.name, paragraph: number }));
  $("text").children[number - 1].focus();
};
const many = ([noun, n]) => `${n} ${noun}${n === 1 ? "" : "s"}`;
const listed = (id, lines) => {
  $(id).replaceChildren(...lines.map((one) => make("li", { textContent: one })));
  $(id).hidden = !lines.length;
};
const preview = async () => {
  say("Checking all of it …");
  outlook = await ask("preview", {});
  const { changes, warnings, counts } = outlook;
  say("");
  listed("changes", changes.length ? changes : ["nothing"]);
  listed("warnings", warnings);
  $("counts").textContent = `${Object.entries(counts).map(many).join(" · ")}${counts.warning ? ": look at each before you publish" : ""}`;
  $("refusal").textContent = "";
  const last = state.records.at(-1);
  $("open").href = last ? `/${last.plural}/${last.id}` : "/";
  if (!$("publishing").open) $("publishing").showModal();
  $("message").focus();
};
const publish = async () => {
  if (writing) return;
  writing = true;
  try {
    const { said } = await ask("publish", { message: $("message").value, version: outlook.version });
    $("message").value = "";
    $("publishing").close();
    say(said);
  } catch (error) {
    if (error.status === 409) await preview(); // shows what it is now
    $("refusal").textContent = error.message;
    $("message").focus();
  } finally {
    writing = false;
  }
};

document.addEventListener("keydown", (event) => {
  if ($("publishing").open) return;
  if (event.key === "Escape" && form) return discard();
  const typing = event.target.closest?.("input, textarea, select");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && event.shiftKey && !typing && state) {
    event.preventDefault();
    return stretch(step);
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const key = event.key.toLowerCase();
  const acts = {
    s: nextSentence, n: () => toProposal(1), p: () => toProposal(-1), j: () => toParagraph(1), k: () => toParagraph(-1),
    x: look, z: undo, v: preview,
  };
  const act = KINDS[key] ? () => begin(KINDS[key], state.proposals[document.activeElement.dataset?.proposal] ?? null) : acts[key];
  if (!act || !state) return;
  event.preventDefault();
  trying(act)();
});
$("undo").addEventListener("click", trying(undo));
$("preview").addEventListener("click", trying(preview));
$("leave").addEventListener("click", () => $("publishing").close());
$("publish").addEventListener("submit", (event) => { event.preventDefault(); trying(publish)(); });
$("texts").addEventListener("change", trying(() => load($("texts").value)));

trying(async () => {
  const { texts, folder } = await ask("texts");
  if (!texts.length) return say(`There is no text in ${folder}. Make one: readout text SOURCE -o DOCUMENT.txt`);
  $("texts").replaceChildren(...texts.map((name) => make("option", { value: name, textContent: name })));
  await load(texts[0]);
  const left = localStorage.getItem(kept());
  if (left) { open(JSON.parse(left)); touched = true; say("This form was left open, and is as it was."); }
})();
