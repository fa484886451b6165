/** The element of an id. */
export const $ = id => document.getElementById(id);

/** A new element with properties (`class`, `on...` and attributes among them) and content. */
export function element(name, properties = {}, ...content) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, '');
    else if (value !== false && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...content);
  return node;
}

/** A line below the conversation. */
export function say(text, failed = false) {
  $('status').textContent = text;
  $('status').classList.toggle('failed', failed);
}

/** Puts a text on the clipboard, also where browsers give pages no clipboard (plain HTTP). */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  say('Copied.');
}

/** A token with its white space to be seen. */
export const visible = text => text.replaceAll('\n', '↵').replaceAll('\t', '⇥').replaceAll(' ', '␣') || '∅';

/** Arrow keys move the focus among elements of which the Tab key reaches one. */
export function roving(items, event) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const at = items.indexOf(document.activeElement);
  if (!step || at < 0) return;
  event.preventDefault();
  const next = items[Math.min(Math.max(at + step, 0), items.length - 1)];
  items[at].tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
