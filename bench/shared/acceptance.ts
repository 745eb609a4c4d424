import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { Example } from '../../streams/privacy/domain/federated/logistic.ts';

/** An answer of the demo community: who gave it, what was known of it, and whether it was accepted. */
export interface Contribution extends Example {
  readonly contributor: string;
}

/** What the features say, in their order. All lie between -1 and 1, by fixed public scales: a mean or a maximum of the data would be a leak. */
export const featureNames = [
  'constant',
  'came soon after the question',
  'was the first answer',
  'by the one who asked',
  'contributor has answered before',
  'contributor’s earlier answers were accepted',
  'was improved by an edit',
  'was commented on',
] as const;

interface Post {
  readonly Id: string;
  readonly PostTypeId: string;
  readonly ParentId: string;
  readonly AcceptedAnswerId: string;
  readonly OwnerUserId: string;
  readonly CreationDate: string;
  readonly LastEditDate: string;
  readonly CommentCount: string;
}

const hourMs = 3_600_000;
const scaled = (value: number, most: number): number => Math.min(1, Math.log1p(value) / Math.log1p(most));

/** Every answer of the demo community in the order of time. */
export function readContributions(): readonly Contribution[] {
  const file = join(import.meta.dirname, '../../demo/posts.csv');
  const posts = parse<Post>(readFileSync(file), { columns: true });
  const questions = new Map(posts.filter((post) => post.PostTypeId === '1').map((post) => [post.Id, post]));
  const accepted = new Set([...questions.values()].map((question) => question.AcceptedAnswerId));
  const answers = posts
    .filter((post) => post.PostTypeId === '2' && post.OwnerUserId !== '' && questions.has(post.ParentId))
    .sort((a, b) => (a.CreationDate < b.CreationDate ? -1 : 1));
  const records = new Map<string, { answers: number; accepted: number }>();
  const answered = new Set<string>();
  return answers.map((answer) => {
    const question = questions.get(answer.ParentId);
    const record = records.get(answer.OwnerUserId) ?? { answers: 0, accepted: 0 };
    const hours = (Date.parse(`${answer.CreationDate}Z`) - Date.parse(`${question?.CreationDate}Z`)) / hourMs;
    const features = [
      1,
      1 - 2 * scaled(Math.max(0, hours), 24 * 90),
      answered.has(answer.ParentId) ? 0 : 1,
      question?.OwnerUserId === answer.OwnerUserId ? 1 : 0,
      scaled(record.answers, 50),
      (record.accepted + 0.5) / (record.answers + 1),
      answer.LastEditDate === '' ? 0 : 1,
      scaled(Number(answer.CommentCount), 20),
    ];
    const isPositive = accepted.has(answer.Id);
    answered.add(answer.ParentId);
    records.set(answer.OwnerUserId, {
      answers: record.answers + 1,
      accepted: record.accepted + Number(isPositive),
    });
    return { contributor: answer.OwnerUserId, features, isPositive };
  });
}
