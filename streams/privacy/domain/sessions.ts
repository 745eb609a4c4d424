/** A pause that ends a session, in minutes. */
const pauseMinutes = 30;

/** Length in minutes of the longest session among instants of one day (minutes of the day, in any order); 0 for a single instant. */
export function longestSession(minutes: readonly number[]): number {
  let [longest, start, last] = [0, NaN, NaN];
  for (const minute of [...minutes].sort((a, b) => a - b)) {
    if (!(minute - last <= pauseMinutes)) start = minute;
    last = minute;
    longest = Math.max(longest, last - start);
  }
  return longest;
}
