import { $ } from './dom.js';

/** What the server refused, or that it could not be reached; `message` is for people. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const WORDS = {
  401: 'The server needs an API key: enter it in the settings.',
  429: 'The server is busy with other requests. Try again in a moment.',
  503: 'The server is shutting down, or its engine has stopped.',
};

async function refusal(response) {
  let message;
  try {
    message = (await response.json()).error.message;
  } catch {
    message = 'the server answered with status ' + response.status;
  }
  return new Refusal(response.status, WORDS[response.status] ?? 'The server refused: ' + message);
}

async function request(path, body, signal) {
  const headers = { 'Content-Type': 'application/json' };
  if ($('key').value) headers.Authorization = 'Bearer ' + $('key').value;
  const options = body === undefined ? { headers } : { method: 'POST', headers, signal, body: JSON.stringify(body) };
  let response;
  try {
    response = await fetch(path, options);
  } catch (e) {
    if (e.name === 'AbortError') throw e;
    throw new Refusal(0, `The server at ${location.host} does not answer. Is it still running?`);
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

const json = async (path, body) => (await request(path, body)).json();

/** The names of the model and its adapters. */
export const models = async () => (await json('v1/models')).data.map(model => model.id);

/** Whether votes are kept. */
export const votesKept = async () => (await json('v1/votes')).kept;

/** Hands in a vote; whether it is a pair to learn from. */
export const vote = async body => (await json('v1/votes', body)).pair;

/** The rendered prompt and its tokens. */
export const tokenize = (model, messages) => json('tokenize', { model, messages, pieces: true });

/** The events of a streamed answer. */
export async function* answer(body, signal) {
  const response = await request('v1/chat/completions', body, signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    let part;
    try {
      part = await reader.read();
    } catch (e) {
      if (e.name === 'AbortError') throw e;
      throw new Refusal(0, 'The connection broke off in the middle of the answer.');
    }
    if (part.done) throw new Refusal(0, 'The connection ended in the middle of the answer.');
    rest += part.value;
    const lines = rest.split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (line === 'data: [DONE]') return;
      if (!line.startsWith('data: ')) continue;
      const event = JSON.parse(line.slice(6));
      if (event.error) throw new Refusal(500, 'The server failed: ' + event.error.message);
      yield event;
    }
  }
}
