import { $, element, roving, visible } from './dom.js';

const share = logprob => Math.exp(logprob);
const percent = logprob => {
  const value = 100 * share(logprob);
  return value < 0.01 ? '< 0.01 %' : value.toFixed(value < 10 ? 2 : 1) + ' %';
};

/** An answer's token; the less likely it was, the deeper its shade. */
export function tokenNode(token) {
  const node = element('span', { class: 'token', tabindex: -1 }, token.token);
  node.style.setProperty('--share', Math.round(36 * (1 - share(token.logprob))) + '%');
  node.token = token;
  return node;
}

/** Lets mouse and arrow keys show how likely each token of an answer was, and what else could have come. */
export function explain(list) {
  list.addEventListener('mouseover', event => show(event.target));
  list.addEventListener('mouseleave', hide);
  list.addEventListener('focusin', event => show(event.target));
  list.addEventListener('focusout', hide);
  list.addEventListener('keydown', event => roving([...list.querySelectorAll('.token')], event));
}

function show(node) {
  if (!node.token) return;
  hide();
  const { token, logprob, top } = node.token;
  const rows = top.some(each => each.token === token) ? top : [{ token, logprob }, ...top];
  const table = element('table', {}, element('caption', {}, 'Likely here'),
    ...rows.map(each => element('tr', { class: each.token === token ? 'chosen' : undefined },
      element('th', { scope: 'row' }, visible(each.token)), element('td', {}, percent(each.logprob)))));
  const card = $('card');
  card.replaceChildren(table);
  card.hidden = false;
  node.classList.add('shown');
  node.setAttribute('aria-describedby', 'card');
  place(card, node.getClientRects()[0] ?? node.getBoundingClientRect());
}

function place(card, token) {
  const below = token.bottom + 6;
  const fits = below + card.offsetHeight < innerHeight;
  card.style.top = (fits ? below : Math.max(0, token.top - card.offsetHeight - 6)) + 'px';
  card.style.left = Math.max(4, Math.min(token.left, innerWidth - card.offsetWidth - 4)) + 'px';
}

function hide() {
  $('card').hidden = true;
  for (const node of document.querySelectorAll('.token.shown')) {
    node.classList.remove('shown');
    node.removeAttribute('aria-describedby');
  }
}

/** Shows a prompt with its tokens. */
export function showPrompt({ count, max_model_len: most, pieces }) {
  const special = pieces.filter(piece => piece.special).length;
  $('prompt-count').textContent = `${count} tokens of ${most}, ${special} of them special (blue). Each shade is a token; point at it for its id.`;
  $('prompt-tokens').replaceChildren(...pieces.map(piece =>
    element('span', { class: piece.special ? 'piece special' : 'piece', title: `${piece.id}: ${visible(piece.text)}` },
      piece.text.replaceAll('\n', '↵\n'))));
  $('prompt').showModal();
}
