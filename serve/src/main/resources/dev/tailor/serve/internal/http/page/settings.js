import { $ } from './dom.js';

const NUMBERS = ['temperature', 'max_tokens', 'top_p', 'top_k', 'min_p', 'seed', 'repetition_penalty', 'frequency_penalty', 'presence_penalty'];
const TEXTS = ['system', 'stop'];
const CHECKS = ['json', 'shades'];
const STORE = 'tailor.settings';

/** Likelier tokens that are asked for with each one. */
const ALTERNATIVES = 5;

/** The system prompt, empty for none. */
export const system = () => $('system').value.trim();

/** How answers are sampled, as the server's protocol says it. */
export function sampling() {
  const body = {};
  for (const name of NUMBERS) {
    if ($(name).value !== '') body[name] = Number($(name).value);
  }
  const stops = $('stop').value.split('\n').filter(Boolean);
  if (stops.length) body.stop = stops;
  if ($('json').checked) body.response_format = { type: 'json_object' };
  return body;
}

/** What else is asked for with an answer. */
export const scores = () => ($('shades').checked ? { logprobs: true, top_logprobs: ALTERNATIVES } : {});

/** The first field whose value is out of its range, if any. */
export const wrong = () => NUMBERS.map($).find(field => !field.checkValidity());

function keep() {
  const kept = {};
  for (const name of [...NUMBERS, ...TEXTS]) kept[name] = $(name).value;
  for (const name of CHECKS) kept[name] = $(name).checked;
  kept.theme = document.documentElement.dataset.theme;
  sessionStorage.setItem(STORE, JSON.stringify(kept));
}

function switchTheme() {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const now = document.documentElement.dataset.theme ?? (dark ? 'dark' : 'light');
  document.documentElement.dataset.theme = now === 'dark' ? 'light' : 'dark';
  keep();
}

function open(is) {
  document.body.classList.toggle('closed', !is);
  $('toggle').setAttribute('aria-expanded', is);
}

/** Shows the settings with one of them in focus. */
export function show(field) {
  open(true);
  field.focus();
}

/** Takes the settings of this tab up again. The key is kept nowhere. */
export function start() {
  const kept = JSON.parse(sessionStorage.getItem(STORE) ?? '{}');
  for (const name of [...NUMBERS, ...TEXTS]) if (name in kept) $(name).value = kept[name];
  for (const name of CHECKS) if (name in kept) $(name).checked = kept[name];
  if (kept.theme) document.documentElement.dataset.theme = kept.theme;
  for (const name of [...NUMBERS, ...TEXTS, ...CHECKS]) $(name).addEventListener('change', keep);
  $('theme').addEventListener('click', switchTheme);
  $('toggle').addEventListener('click', () => open(document.body.classList.contains('closed')));
  open(!matchMedia('(max-width: 52rem)').matches);
}
