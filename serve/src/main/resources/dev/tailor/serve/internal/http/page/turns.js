import { $, copy, element, roving } from './dom.js';
import { turns } from './conversation.js';
import { explain, tokenNode } from './tokens.js';

const SIDES = ['left', 'right'];
const VOTES = { left: 'Left is better', tie: 'Tie', both_bad: 'Both bad', right: 'Right is better', skip: 'No vote' };

/** What a turn's buttons do: `edit`, `again`, `prompt` with the turn's number, `vote` with number and word. */
const acts = {};

/** Draws the conversation. */
export function draw() {
  const nodes = turns.map((turn, number) => (turn.user === undefined ? answersNode(turn, number) : userNode(turn, number)));
  $('log').replaceChildren(...(nodes.length ? nodes : [hint()]));
  follow();
}

/** Sets what buttons do. */
export const on = handlers => Object.assign(acts, handlers);

/** Scrolls to the end. */
export const follow = () => { $('log').scrollTop = $('log').scrollHeight; };

function hint() {
  return element('div', { class: 'hint' },
    element('p', {}, 'What is said here stays between this page and the server it came from.'),
    element('p', {}, 'Choose a second model above to see two answers side by side and vote blindly.'));
}

const button = (text, label, act) => element('button', { type: 'button', 'aria-label': label, onclick: act }, text);

function userNode(turn, number) {
  return element('article', { class: 'user', 'aria-label': 'You' },
    element('p', { class: 'who' }, 'You'),
    element('div', { class: 'text' }, turn.user),
    element('div', { class: 'acts' },
      button('Edit', 'Edit this message', () => acts.edit(number)),
      button('Copy', 'Copy this message', () => copy(turn.user))));
}

function answersNode(turn, number) {
  if (turn.answers.length === 1) return answerNode(turn, number, 0);
  return element('section', { class: 'pair', 'aria-label': 'Two answers' },
    answerNode(turn, number, 0), answerNode(turn, number, 1), voteNode(turn, number));
}

function answerNode(turn, number, side) {
  const answer = turn.answers[side];
  const blind = turn.answers.length === 2 && !turn.vote;
  const who = blind ? (side ? 'Right' : 'Left') : answer.model;
  const text = element('div', { class: 'text' });
  text.append(...(answer.tokens.length ? answer.tokens.map(tokenNode) : [answer.text]));
  text.classList.toggle('shaded', answer.tokens.length > 0);
  text.classList.toggle('waiting', !answer.done);
  if (text.firstElementChild) text.firstElementChild.tabIndex = 0;
  explain(text);
  const node = element('article', { class: turn.vote === SIDES[side] ? 'answer won' : 'answer', 'aria-label': who },
    element('p', { class: 'who' }, who), text);
  if (answer.failure) node.append(element('p', { class: 'failed', role: 'alert' }, answer.failure));
  if (answer.done) {
    const row = element('div', { class: 'acts' },
      button('Copy', 'Copy this answer', () => copy(answer.text)),
      button('Prompt', 'Show the prompt and its tokens', () => acts.prompt(number)));
    if (side === 0) row.prepend(button('Again', 'Answer again', () => acts.again(number)));
    if (answer.figures && !blind) row.append(element('span', { class: 'figures' }, answer.figures));
    node.append(row);
  }
  return node;
}

function voteNode(turn, number) {
  if (!turn.answers.every(answer => answer.done)) return '';
  if (turn.vote) {
    const names = turn.answers.map(answer => answer.model);
    const on = turn.vote === 'left' || turn.vote === 'right' ? '' : ' The conversation goes on with the left one.';
    return element('div', { class: 'vote' },
      element('p', {}, `${VOTES[turn.vote]}. Left was ${names[0]}, right was ${names[1]}.${on}`));
  }
  const buttons = Object.entries(VOTES).map(([word, text], i) =>
    element('button', { type: 'button', 'data-vote': word, tabindex: i ? -1 : 0, onclick: () => acts.vote(number, word) }, text));
  return element('div', { class: 'vote' },
    element('p', {}, 'Which answer is better? The models are named after the vote.'),
    element('div', { role: 'toolbar', 'aria-label': 'Vote', onkeydown: event => roving(buttons, event) }, ...buttons));
}

/** The node of an answer's text while it comes in. */
export function live(number, side) {
  const node = $('log').children[number];
  return (node.classList.contains('pair') ? node.children[side] : node).querySelector('.text');
}

/** Adds what came to the node of an answer. */
export function grow(node, text, tokens) {
  const log = $('log');
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  if (tokens.length) {
    node.classList.add('shaded');
    node.append(...tokens.map(tokenNode));
  } else {
    node.append(text);
  }
  if (atEnd) follow();
}

/** Takes the focus to the vote. */
export const focusVote = () => $('log').querySelector('[data-vote]')?.focus();
