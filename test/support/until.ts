/**
 * Looks again and again, on the system's clock: what is awaited happens in sockets, databases or other processes. The
 * patience is for what hangs, and a little less than that of the test, so that the error names the line.
 */
export async function until(isSo: () => boolean | Promise<boolean>, patienceMs = 50_000): Promise<void> {
  const giveUpAt = Date.now() + patienceMs;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error(`it did not come to pass within ${patienceMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
