import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LiveStream } from './live-stream.ts';
import type { Payload } from './live-stream.ts';

// Goal: a reader gets every payload in order or is told how many it missed, and leaving is immediate.
function create(queueMax: number): { stream: LiveStream; closed: () => number } {
  let closed = 0;
  const stream = new LiveStream({ queueMax, onClose: () => (closed += 1), onDrop: () => {} });
  return { stream, closed: () => closed };
}
const payload = (n: number): Payload => ({
  text: JSON.stringify({ data: { n }, extensions: { cursor: `c${n}` } }),
  cursor: `c${n}`,
  positions: [n],
});

describe('LiveStream', () => {
  test('return() ends a waiting next() at once', async () => {
    const { stream, closed } = create(1);
    const waiting = stream.next();
    await stream.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(closed()).toBe(1);
    stream.push(payload(1));
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test('what was read and what was told as missed adds up to what was sent, in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.constantFrom('push', 'read')),
        async (queueMax, actions) => {
          const { stream } = create(queueMax);
          let sent = 0;
          let expected = 0;
          let waiting = 0;
          const read = async (): Promise<void> => {
            const { value } = await stream.next();
            const result = JSON.parse(value?.text ?? 'null') as {
              data: { n: number };
              extensions?: { lagged: number };
            };
            expected += result.extensions?.lagged ?? 0;
            expect(result.data.n).toBe(expected);
            expect(value?.cursor).toBe(`c${expected}`);
            expected += 1;
          };
          for (const action of actions) {
            if (action === 'push') {
              stream.push(payload(sent));
              sent += 1;
              waiting = Math.min(waiting + 1, queueMax);
            } else if (waiting > 0) {
              await read();
              waiting -= 1;
            }
          }
          stream.push(payload(sent));
          for (let index = 0; index < Math.min(waiting + 1, queueMax); index += 1) await read();
          expect(expected).toBe(sent + 1);
        },
      ),
    );
  });
});
