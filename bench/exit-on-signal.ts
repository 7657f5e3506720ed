// Loaded before a program that is profiled: Node writes the profile at an exit, not at the end by a signal.
process.once('SIGUSR2', () => process.exit(0));
