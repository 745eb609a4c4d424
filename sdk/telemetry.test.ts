import { describe, expect, test } from '@jest/globals';
import { createClient } from './client.ts';
import { type LocalQuestion, randomise, secureDraw } from './randomise.ts';
import { createTelemetry } from './telemetry.ts';

const oneOf: LocalQuestion = { id: 'client-kind', answers: ['A', 'B', 'C', 'D'], mechanism: 'ONE_OF', odds: '7/2' };
const unary: LocalQuestion = { ...oneOf, id: 'most-used', mechanism: 'UNARY', odds: '3' };

// Goal: the chances are exactly those that the odds promise, seen by going through every draw there is.
describe('randomising an answer', () => {
  test('k-ary randomised response gives the truth 7 chances and each other answer 2, of 13', () => {
    const counts = new Map<string, number>();
    for (let chance = 0; chance < 13; chance += 1) {
      const [answer = ''] = randomise(oneOf, 'C', (below) => {
        expect(below).toBe(13);
        return chance;
      });
      counts.set(answer, (counts.get(answer) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({ A: 2, B: 2, C: 7, D: 2 });
  });

  test('unary encoding sends the true answer in 1 of 2, each other one in 1 of 4, each by a draw of its own', () => {
    const counts: Record<string, number> = {};
    let runs = 0;
    const bounds = [4, 2, 4, 4];
    for (let n = 0; n < 128; n += 1) {
      let rest = n;
      let at = 0;
      for (const answer of randomise(unary, 'B', (below) => {
        expect(below).toBe(bounds[at]);
        at += 1;
        const chance = rest % below;
        rest = Math.floor(rest / below);
        return chance;
      }))
        counts[answer] = (counts[answer] ?? 0) + 1;
      runs += 1;
    }
    expect(runs).toBe(128);
    expect(counts).toEqual({ A: 32, B: 64, C: 32, D: 32 });
  });

  test('draws are uniform over ranges that do not divide 2^32, and bad odds or answers are refused', () => {
    const counts = [0, 0, 0, 0, 0];
    for (let n = 0; n < 20_000; n += 1) counts[secureDraw(5)] = (counts[secureDraw(5)] ?? 0) + 1;
    for (const count of counts) expect(Math.abs(count - 4_000)).toBeLessThan(400);
    expect(() => randomise(oneOf, 'E')).toThrow('A, B, C, D');
    expect(() => randomise({ ...oneOf, odds: '1/2' }, 'A')).toThrow('above 1');
  });
});

interface Sent {
  readonly query: string;
  readonly variables: {
    readonly input?: { readonly reports: readonly { readonly id: string; readonly answers: readonly string[] }[] };
  };
}

/** A client whose requests end here; `reports` is what it would have told. */
function answering() {
  const headers: Headers[] = [];
  const reports: { readonly id: string; readonly answers: readonly string[] }[] = [];
  const client = createClient({
    url: 'http://platform.example',
    token: 'secret',
    fetch: async (_url, init) => {
      headers.push(new Headers(init?.headers));
      const { query, variables } = JSON.parse(init?.body as string) as Sent;
      reports.push(...(variables.input?.reports ?? []));
      const data = query.includes('reportTelemetry')
        ? { reportTelemetry: { accepted: 1, userErrors: [] } }
        : { telemetryQuestions: [oneOf, unary] };
      return new Response(JSON.stringify({ data }), { headers: { 'content-type': 'application/json' } });
    },
  });
  return { client, headers, reports };
}

describe('telemetry', () => {
  const weekMs = 7 * 86_400_000;

  test('sends no token, and each question once a week', async () => {
    const { client, headers, reports } = answering();
    let nowMs = 1_000;
    const telemetry = createTelemetry(client, { nowMs: () => nowMs });
    expect(await telemetry.answer('client-kind', 'A')).toBe('SENT');
    expect(await telemetry.answer('client-kind', 'B')).toBe('RECENTLY_SENT');
    expect(await telemetry.answer('most-used', 'B')).toBe('SENT');
    nowMs += weekMs;
    expect(await telemetry.answer('client-kind', 'A')).toBe('SENT');
    expect(reports).toHaveLength(3);
    expect(new Set(reports.map(({ id }) => id)).size).toBe(3);
    expect(headers.some((each) => each.has('authorization'))).toBe(false);
  });

  test('the same answer is randomised once for all time, also by a client that starts again', async () => {
    const held = new Map<string, string>();
    const memory = {
      getItem: (key: string) => held.get(key) ?? null,
      setItem: (k: string, v: string) => void held.set(k, v),
    };
    const { client, reports } = answering();
    for (let week = 0; week < 30; week += 1)
      await createTelemetry(client, { memory, nowMs: () => week * weekMs }).answer('most-used', 'D');
    expect(reports).toHaveLength(30);
    expect(new Set(reports.map(({ answers }) => answers.join())).size).toBe(1);
  });

  test('a question or answer that does not exist is an error that names what does', async () => {
    const telemetry = createTelemetry(answering().client);
    await expect(telemetry.answer('shoe-size', 'A')).rejects.toThrow('no question shoe-size');
    await expect(telemetry.answer('client-kind', 'Z')).rejects.toThrow('A, B, C, D');
  });
});
