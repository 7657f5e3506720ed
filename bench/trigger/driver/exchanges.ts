import { startSlack } from './slack';

/** Slack's address, and who wants to know what reaches it. */
export interface Exchanges {
  port: number;
  /** Told of each exchange from now on, and of each message to a `response_url`, until another listens. */
  listen(onExchange: (place: number, at: number) => void, onTold?: (place: number) => void): void;
}

export async function openExchanges(): Promise<Exchanges> {
  let exchanged: (place: number, at: number) => void = () => {};
  let told: (place: number) => void = () => {};
  const port = await startSlack({
    onExchange: (place, at) => exchanged(place, at),
    onTold: (place) => told(place),
  });
  return {
    port,
    listen(onExchange, onTold = () => {}) {
      exchanged = onExchange;
      told = onTold;
    },
  };
}
