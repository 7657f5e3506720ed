export type Cell = string | number;

/** Prints rows under a title, numbers to the right. */
export function printTable(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): void {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => toText(row[index]).length)),
  );
  const toLine = (cells: readonly (Cell | undefined)[]) =>
    widths
      .map((width, index) => {
        const cell = cells[index];
        return typeof cell === 'number' ? toText(cell).padStart(width) : toText(cell).padEnd(width);
      })
      .join('  ')
      .trimEnd();
  say(
    [
      '',
      title,
      '',
      toLine(columns),
      toLine(widths.map((width) => '-'.repeat(width))),
      ...rows.map(toLine),
      '',
    ].join('\n'),
  );
}

/** One line of what is going on. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function toText(cell: Cell | undefined): string {
  if (typeof cell !== 'number') return cell ?? '';
  return cell.toLocaleString('en-US', { maximumFractionDigits: 2 });
}
