import type { Client } from './client.ts';
import { ReportTelemetryDocument, TelemetryQuestionsDocument } from './generated/operations.ts';
import { randomKey } from './operation.ts';
import { type LocalQuestion, randomise } from './randomise.ts';

/** Where a client remembers what it has said; a browser's `localStorage` is one. */
export interface TelemetryMemory {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

export interface TelemetryOptions {
  /** Lasting memory. Without it answers are remembered until the process or page ends, and said anew after that. */
  readonly memory?: TelemetryMemory;
  readonly nowMs?: () => number;
}

export interface Telemetry {
  /**
   * Answers a question anonymously. The answer is randomised here; the token is left out. Each question is answered at most once in seven days (`RECENTLY_SENT`), and the same answer is randomised
   * once and said again ever after, so that repeating it reveals nothing more. RangeError for a question or an answer that does not exist.
   */
  answer(questionId: string, truth: string): Promise<'SENT' | 'RECENTLY_SENT'>;
}

const restMs = 7 * 86_400_000;

/** Anonymous answers to the platform's questions, for those who choose to give them: nothing is sent unless `answer` is called. */
export function createTelemetry(client: Client, options: TelemetryOptions = {}): Telemetry {
  const memory = options.memory ?? memoryOfProcess();
  const nowMs = options.nowMs ?? Date.now;
  let asked: Promise<readonly LocalQuestion[]> | null = null;

  async function questionOf(id: string): Promise<LocalQuestion> {
    asked ??= client
      .request(TelemetryQuestionsDocument, {}, { anonymous: true })
      .then((data) => data.telemetryQuestions);
    const questions = await asked.catch((error: unknown) => {
      asked = null;
      throw error;
    });
    const question = questions.find((known) => known.id === id);
    if (!question) throw new RangeError(`there is no question ${id}`);
    return question;
  }

  function rememberedAnswers(question: LocalQuestion, truth: string): readonly string[] {
    const key = `vcos-telemetry/${question.id}/${truth}`;
    const known = memory.getItem(key);
    if (known !== null) return known === '' ? [] : known.split(',');
    const answers = randomise(question, truth);
    memory.setItem(key, answers.join(','));
    return answers;
  }

  return {
    async answer(questionId, truth) {
      const sentKey = `vcos-telemetry/${questionId}`;
      if (nowMs() - Number(memory.getItem(sentKey) ?? -Infinity) < restMs) return 'RECENTLY_SENT';
      const question = await questionOf(questionId);
      const report = { id: randomKey(), question: questionId, answers: rememberedAnswers(question, truth) };
      const { reportTelemetry } = await client.request(
        ReportTelemetryDocument,
        { input: { reports: [report] } },
        { anonymous: true },
      );
      const [refusal] = reportTelemetry.userErrors;
      if (refusal) throw new RangeError(refusal.message);
      memory.setItem(sentKey, String(nowMs()));
      return 'SENT';
    },
  };
}

function memoryOfProcess(): TelemetryMemory {
  const held = new Map<string, string>();
  return { getItem: (key) => held.get(key) ?? null, setItem: (key, value) => void held.set(key, value) };
}
