/** No id and no scope of Slack's is longer. PostgreSQL's indexes hold some 2,700 bytes: whatever is over that can never be recorded. */
export const MAX_NAME_LENGTH = 255;
