/** The word that another one probably meant, as Python's difflib finds it, so that page and kernel ask the same question. */

const CUTOFF = 0.6;

/** Of `among` the closest to `word`; null if none is close. */
export function closeMatch(word: string, among: readonly string[]): string | null {
  let best: string | null = null;
  let bestRatio = CUTOFF;
  for (const candidate of among) {
    const ratio = similarity(candidate, word);
    // of equal ones the last in the order of code points
    if (ratio > bestRatio || (ratio === bestRatio && (best === null || candidate > best))) {
      best = candidate;
      bestRatio = ratio;
    }
  }
  return best;
}

/** Twice the characters in common blocks, over all characters: difflib.SequenceMatcher(None, a, b).ratio(). */
function similarity(a: string, b: string): number {
  return a.length + b.length === 0 ? 1 : (2 * common(a, b)) / (a.length + b.length);
}

/** Characters in the longest common block, and in those to the left and to the right of it. */
function common(a: string, b: string): number {
  let [start, startOther, length] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    for (let other = 0; other < b.length; other++) {
      let size = 0;
      while (at + size < a.length && other + size < b.length && a[at + size] === b[other + size]) size++;
      if (size > length) [start, startOther, length] = [at, other, size];
    }
  }
  if (length === 0) return 0;
  const left = common(a.slice(0, start), b.slice(0, startOther));
  return left + length + common(a.slice(start + length), b.slice(startOther + length));
}
