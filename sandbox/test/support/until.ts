/** Looks again and again, on the system's clock: what is awaited happens in sockets, databases or other processes. */
export async function until(isSo: () => boolean | Promise<boolean>, patienceMs = 15_000): Promise<void> {
  const giveUpAt = Date.now() + patienceMs;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error(`it did not come to pass within ${patienceMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
