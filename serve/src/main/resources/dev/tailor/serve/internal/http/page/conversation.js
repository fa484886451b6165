const STORE = 'tailor.conversation';

/**
 * The turns so far: `{user}`, or `{answers, shown, vote?}` with one answer or two side by side. An
 * answer is `{model, text, tokens, settings, figures?, failure?}`; the conversation goes on with number `shown`.
 */
export const turns = JSON.parse(sessionStorage.getItem(STORE) ?? '[]');

/** Keeps the turns in this tab; whether there was room. */
export function keep() {
  try {
    sessionStorage.setItem(STORE, JSON.stringify(turns));
    return true;
  } catch {
    return false;
  }
}

/** The messages before a turn. What got no answer is left out: templates want turns to alternate. */
export function messages(before, system) {
  const said = system ? [{ role: 'system', content: system }] : [];
  for (let i = 0; i < before; i++) {
    const turn = turns[i];
    const answer = turns[i + 1]?.answers?.[turns[i + 1].shown];
    if (turn.user === undefined || (i + 1 < before && !answer?.text)) continue;
    said.push({ role: 'user', content: turn.user });
    if (i + 1 < before) said.push({ role: 'assistant', content: answer.text });
  }
  return said;
}

/** Whether two answers wait for a vote. */
export const voteIsDue = () => turns.at(-1)?.answers?.length === 2 && !turns.at(-1).vote;

/** Saves the conversation as a file. */
export function save(system) {
  const saved = { exported: new Date().toISOString(), messages: messages(turns.length, system), turns };
  const address = URL.createObjectURL(new Blob([JSON.stringify(saved, null, 2)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = 'conversation.json';
  link.click();
  URL.revokeObjectURL(address);
}
