import { type UserError, userError } from '../../../schema/user-errors.ts';
import type { Credit } from './artifact.ts';

export const creditsMax = 64;

/**
 * Objections to a list of credits: at most 64 different creators, each with a share of 0 to 100 % in steps of 0.01, together
 * at most 100 %. Shares are added in hundredths, so that no rounding lets a sum slip past.
 */
export function creditProblems(credits: readonly Credit[]): UserError[] {
  if (credits.length > creditsMax) {
    return [
      userError(
        'INVALID',
        `credits must name at most ${creditsMax} creators, not ${credits.length}`,
        'input',
        'credits',
      ),
    ];
  }
  const creators = new Set(credits.map((credit) => credit.creatorId));
  const problems: UserError[] = [];
  if (creators.size < credits.length)
    problems.push(userError('INVALID', 'credits must name each creator once', 'input', 'credits'));
  credits.forEach(({ sharePercent }, index) => {
    const isShare =
      sharePercent >= 0 && sharePercent <= 100 && Math.abs(sharePercent * 100 - hundredths(sharePercent)) < 1e-6;
    if (isShare) return;
    problems.push(
      userError(
        'INVALID',
        'sharePercent must be 0 to 100 with at most two decimals',
        'input',
        'credits',
        String(index),
        'sharePercent',
      ),
    );
  });
  if (problems.length > 0) return problems;
  const sum = credits.reduce((total, credit) => total + hundredths(credit.sharePercent), 0);
  if (sum <= 10_000) return [];
  return [userError('INVALID', `credit shares must come to at most 100 %, not ${sum / 100} %`, 'input', 'credits')];
}

function hundredths(sharePercent: number): number {
  return Math.round(sharePercent * 100);
}
