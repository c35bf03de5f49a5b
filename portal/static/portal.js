// Everything works as plain HTML forms; this only shows it sooner.
"use strict";

const FRAGMENT = { "X-Fragment": "1" };
const parse = html => {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
};

const announce = text => {
  const place = document.getElementById("announcer");
  if (place && text && place.textContent !== text) place.textContent = text;
};

// Put new content into a target. Focus, cursor, open menus and chosen files stay; [data-announce] is read aloud.
let swapping = false;
const swap = (target, fragment) => {
  const said = target.querySelector("[data-announce]")?.textContent;
  const active = document.activeElement;
  const id = target.contains(active) && active.id;
  const cursor = id && active.selectionStart != null ? [active.selectionStart, active.selectionEnd] : null;
  for (const open of target.querySelectorAll("details[id][open]")) {
    const twin = fragment.querySelector("#" + CSS.escape(open.id));
    if (twin) twin.open = true;
  }
  for (const file of target.querySelectorAll("input[type=file][id]")) {
    const twin = fragment.querySelector("#" + CSS.escape(file.id));
    if (twin && file.files.length) twin.replaceWith(file);
  }
  swapping = true; // some browsers tell of a field that goes away as of one that was left
  target.replaceChildren(...fragment.childNodes);
  swapping = false;
  const again = id && document.getElementById(id);
  if (again) {
    again.focus({ preventScroll: true });
    if (cursor && again.setSelectionRange) try { again.setSelectionRange(...cursor); } catch { /* a kind without a cursor */ }
  }
  const news = target.querySelector("[data-announce]")?.textContent;
  if (news !== said) announce(news);
};

// Fill targets with the elements of the same ids; a single target also with the whole answer.
const fill = (targets, fragment) => {
  for (const target of document.querySelectorAll(targets)) {
    const part = fragment.querySelector("#" + CSS.escape(target.id));
    if (part || !targets.includes(",")) swap(target, part ?? fragment);
  }
};

// data-poll="address" data-every="3": replace the content, or that of data-poll-target="#a, #b", when it has changed.
// Rests while the tab is hidden, every ten seconds after the first minute, ends on "X-Poll: stop" and with the element.
const poll = element => {
  const began = Date.now();
  let last = null, tag = "";
  const pause = () => Math.max(Number(element.dataset.every) || 3, Date.now() - began > 60000 ? 10 : 0) * 1000;
  const look = async () => {
    if (!element.isConnected) return;
    if (!document.hidden) {
      try {
        const headers = { ...FRAGMENT, "X-Poll": "1", ...(tag && { "If-None-Match": tag }) };
        const answer = await fetch(element.dataset.poll, { headers, cache: "no-store" });
        if (answer.ok && !answer.redirected) {
          tag = answer.headers.get("ETag") ?? "";
          const html = await answer.text();
          const targets = element.dataset.pollTarget;
          if (html !== last) targets ? fill(targets, parse(html)) : swap(element, parse(html));
          last = html;
          if (answer.headers.get("X-Poll") === "stop") return;
        } else if (answer.status < 500 && answer.status !== 304) return;
      } catch { /* no network just now: the next look may have it */ }
    }
    setTimeout(look, pause());
  };
  setTimeout(look, pause());
};

// form[data-live="address"][data-live-target="#a, #b"]: send the form as it stands and show what comes back. A target
// is filled by the element of the same id in the answer; a single target also by the whole answer. The latest wins.
// Fields that were left after typing are named in "touched", so that the server may check just those.
const live = new WeakMap();
const sent = form => {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  for (const name of live.get(form)?.touched ?? []) data.append("touched", name);
  return data;
};
const refresh = async form => {
  const state = live.get(form);
  state.asking?.abort();
  const asking = (state.asking = new AbortController());
  const data = sent(form);
  const get = form.method === "get";
  const address = form.dataset.live + (get ? "?" + new URLSearchParams(data) : "");
  try {
    const answer = await fetch(address, {
      method: get ? "GET" : "POST", body: get ? null : data, headers: FRAGMENT, signal: asking.signal,
    });
    if ((!answer.ok && answer.status !== 422) || answer.redirected) return;
    const fragment = parse(await answer.text());
    if (state.asking !== asking) return;
    fill(form.dataset.liveTarget, fragment);
    for (const other of document.querySelectorAll("form[data-live]")) if (other.dataset.live === form.dataset.live) live.set(other, state);
  } catch { /* replaced by a later one, or no network: the page still works without */ }
};
const stir = (form, wait) => {
  if (!live.has(form)) live.set(form, { touched: new Set(), changed: new Set() });
  const state = live.get(form);
  state.asking?.abort();
  clearTimeout(state.timer);
  state.timer = setTimeout(() => refresh(form), wait);
};

// form[data-autosave="address"]: twenty seconds after a change, send it as a draft; the answer ("Draft saved 10:42")
// is shown in [data-autosave-status].
const drafts = new WeakMap();
const keep = form => {
  clearTimeout(drafts.get(form));
  drafts.set(form, setTimeout(async () => {
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: sent(form), headers: FRAGMENT });
      const place = form.querySelector("[data-autosave-status]") ?? document.querySelector("[data-autosave-status]");
      if (answer.ok && place) announce((place.textContent = (await answer.text()).trim()));
    } catch { /* the button still saves */ }
  }, 20000));
};

document.addEventListener("input", event => {
  const form = event.target.form;
  if (!form || event.isComposing) return;
  if (form.dataset.live) {
    stir(form, 300);
    live.get(form).changed.add(event.target.name);
  }
  if (form.dataset.autosave) keep(form);
});
document.addEventListener("focusout", event => {
  const form = event.target.form;
  const state = form && live.get(form);
  const name = event.target.name;
  if (swapping || !state || !form.dataset.live || !state.changed.has(name) || state.touched.has(name)) return;
  state.touched.add(name);
  stir(form, 150);
});

// Menus (details[data-menu]) close on Escape and on a click outside; "/" goes to the search field.
const close = except => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) if (!menu.contains(except)) menu.open = false;
};
document.addEventListener("click", event => {
  close(event.target);
  const button = event.target.closest("[data-print], [data-copy]");
  if (!button) return;
  if ("print" in button.dataset) window.print();
  const source = button.dataset.copy && document.querySelector(button.dataset.copy);
  if (source) navigator.clipboard?.writeText(source.value ?? source.textContent).then(() => announce(button.dataset.copied));
});
document.addEventListener("keydown", event => {
  if (event.key === "Escape") {
    const menu = event.target.closest?.("details[data-menu][open]");
    close(null);
    menu?.querySelector("summary").focus();
  }
  const typing = event.target.closest?.("input, select, textarea, [contenteditable]");
  const search = document.querySelector("[data-search]");
  if (event.key === "/" && !typing && search && !event.ctrlKey && !event.metaKey && !event.altKey && document.body.dataset.shortcuts !== "off") {
    event.preventDefault();
    search.focus();
  }
});

document.getElementById("error-summary")?.focus();
for (const element of document.querySelectorAll("[data-poll]")) poll(element);
for (const button of document.querySelectorAll("[data-print], [data-copy]")) button.hidden = false;
