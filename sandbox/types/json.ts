/** JSON as it travels: blocks, views, payloads. */
export type JsonObject = Record<string, unknown>;
