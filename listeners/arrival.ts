/** When something of Slack's came, by which the age of its trigger is known. */
export type Arrival = {
  /** ms; by Slack's signed `X-Slack-Request-Timestamp`, or our own clock where that is earlier. */
  sentAt: number;
  /** ms, by our own clock. */
  arrivedAt: number;
};
