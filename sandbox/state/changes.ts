export type Changes = ReturnType<typeof createChanges>;

/** Tells whoever listens that something a person could see has changed. */
export function createChanges() {
  const listeners = new Set<() => void>();
  return {
    changed: () => {
      for (const listener of [...listeners]) listener();
    },
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
