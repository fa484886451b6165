import { $, say } from './dom.js';
import * as server from './server.js';
import * as settings from './settings.js';
import * as conversation from './conversation.js';
import * as view from './turns.js';

import { showPrompt } from './tokens.js';

const { turns } = conversation;
const NO_SECOND = new Option('no second model', '');
let running = null;
let editing = null;
let keepsVotes = false;

function failed(e) {
  say(e.message, true);
  if (e.status === 401) settings.show($('key'));
}

/** Both models in chance order, so that nobody knows which is which; or one. */
function chosenModels() {
  const names = [$('model').value, $('beside').value];
  if (!names[1]) return names.slice(0, 1);
  return Math.random() < 0.5 ? names : names.reverse();
}

function stop() {
  running?.abort();
}

function busy(is) {
  $('send').textContent = is ? 'Stop' : 'Send';
  document.body.setAttribute('aria-busy', is);
}

/** Lets the models answer the last turn. */
async function ask() {
  const number = turns.length;
  const sampled = settings.sampling();
  const turn = {
    answers: chosenModels().map(model => ({ model, text: '', tokens: [], settings: sampled, done: false })),
    shown: 0,
  };
  const said = conversation.messages(number, settings.system());
  turn.prompt = said;
  turns.push(turn);
  view.draw();
  running = new AbortController();
  const { signal } = running;
  busy(true);
  say('');
  await Promise.all(turn.answers.map((answer, side) => write(answer, view.live(number, side), said, signal)));
  // Another conversation may have begun meanwhile.
  if (turns[number] !== turn) return;
  running = null;
  busy(false);
  finish();
  if (conversation.voteIsDue()) view.focusVote();
}

function finish() {
  view.draw();
  if (!conversation.keep()) say('The conversation is too long to outlive a reload of this tab: export it.', true);
}

async function write(answer, node, messages, signal) {
  const body = {
    model: answer.model, messages, stream: true, stream_options: { include_usage: true }, ...answer.settings, ...settings.scores(),
  };
  const begun = performance.now();
  let first = 0;
  try {
    for await (const event of server.answer(body, signal)) {
      const choice = event.choices[0];
      const text = choice?.delta.content ?? '';
      const tokens = (choice?.logprobs?.content ?? []).map(({ token, logprob, top_logprobs: top }) => ({
        token, logprob, top: top.map(each => ({ token: each.token, logprob: each.logprob })),
      }));
      if (text && !first) first = performance.now();
      answer.text += text;
      answer.tokens.push(...tokens);
      view.grow(node, text, tokens);
      if (event.usage) answer.figures = figures(event.usage, begun, first || performance.now());
    }
  } catch (e) {
    answer.failure = e.name === 'AbortError' ? 'Stopped.' : e.message;
    if (e.status === 401) settings.show($('key'));
  }
  answer.done = true;
  node.classList.remove('waiting');
}

function figures(usage, begun, first) {
  const seconds = (performance.now() - first) / 1000;
  const speed = usage.completion_tokens > 1 ? `, ${((usage.completion_tokens - 1) / seconds).toFixed(1)} tokens/s` : '';
  return `${usage.prompt_tokens} tokens read, ${usage.completion_tokens} written, the first after ${Math.round(first - begun)} ms${speed}`;
}

function send() {
  const text = $('input').value.trim();
  const field = settings.wrong();
  if (field) {
    settings.show(field);
    say(`${field.parentElement.firstChild.textContent.trim()}: ${field.validationMessage}`, true);
  } else if (conversation.voteIsDue() && editing === null) {
    say('Vote first, or choose “No vote”.', true);
    view.focusVote();
  } else if (text) {
    if (editing !== null) turns.length = editing;
    editing = null;
    $('input').value = '';
    turns.push({ user: text });
    ask();
  }
}

function edit(number) {
  stop();
  editing = number;
  $('input').value = turns[number].user;
  $('input').focus();
  say('Editing: sending replaces this message and what came after it. Esc leaves it as it was.');
}

function again(number) {
  stop();
  turns.length = number;
  ask();
}

async function prompt(number) {
  try {
    showPrompt(await server.tokenize(turns[number].answers[0].model, turns[number].prompt));
  } catch (e) {
    failed(e);
  }
}

async function vote(number, winner) {
  const turn = turns[number];
  const [left, right] = turn.answers;
  try {
    if (winner !== 'skip' && keepsVotes) {
      const side = ({ model, text }) => ({ model, content: text });
      const pair = await server.vote({
        messages: turn.prompt, left: side(left), right: side(right), winner, settings: left.settings,
      });
      say(pair ? 'The vote is kept as a pair to learn from.' : 'The vote is kept, apart from the pairs: there is no better answer to learn from.');
    } else {
      say(keepsVotes ? '' : 'The server keeps no votes: it was started without --votes.');
    }
  } catch (e) {
    failed(e);
    return;
  }
  turn.vote = winner;
  turn.shown = winner === 'right' ? 1 : 0;
  finish();
  $('input').focus();
}

function reset() {
  stop();
  running = null;
  editing = null;
  turns.length = 0;
  busy(false);
  say('');
  finish();
  $('input').focus();
}

function escape() {
  if (running) {
    stop();
  } else if (editing !== null) {
    editing = null;
    $('input').value = '';
    say('');
  }
}

async function connect() {
  try {
    const [names, kept] = await Promise.all([server.models(), server.votesKept()]);
    keepsVotes = kept;
    const before = [$('model').value, $('beside').value];
    $('model').replaceChildren(...names.map(name => new Option(name, name)));
    $('beside').replaceChildren(NO_SECOND, ...names.map(name => new Option(name, name)));
    if (names.includes(before[0])) $('model').value = before[0];
    $('beside').value = names.includes(before[1]) ? before[1] : '';
    say('');
  } catch (e) {
    failed(e);
  }
}

$('form').addEventListener('submit', event => {
  event.preventDefault();
  if (running) stop();
  else send();
});
$('input').addEventListener('keydown', event => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (!running) send();
  }
});
document.addEventListener('keydown', event => {
  if (event.key === 'Escape' && !$('prompt').open) escape();
  if (event.altKey && event.key === 'n') reset();
});
$('reset').addEventListener('click', reset);
$('export').addEventListener('click', () => conversation.save(settings.system()));
$('key').addEventListener('change', connect);

settings.start();
view.on({ edit, again, prompt, vote });
view.draw();
connect();
