import type { WriteStream } from 'node:tty';

const width = 30;

/** Shows how far something is: a bar that redraws itself on a terminal, a line every tenth elsewhere. */
export function createProgress(
  label: string,
  out: WriteStream = process.stderr,
): (done: number, total: number) => void {
  let shownTenth = -1;
  let lastDrawMs = 0;
  return (done, total) => {
    const share = total === 0 ? 1 : done / total;
    const isEnd = done >= total;
    if (!out.isTTY) {
      const tenth = Math.floor(share * 10);
      if (tenth > shownTenth) out.write(`${label}: ${tenth * 10} % (${done} of ${total})\n`);
      shownTenth = tenth;
      return;
    }
    if (!isEnd && Date.now() - lastDrawMs < 100) return;
    lastDrawMs = Date.now();
    const full = Math.round(share * width);
    out.write(
      `\r${label} [${'█'.repeat(full)}${'░'.repeat(width - full)}] ${String(Math.floor(share * 100)).padStart(3)} % ${done}/${total}${isEnd ? '\n' : ''}`,
    );
  };
}
