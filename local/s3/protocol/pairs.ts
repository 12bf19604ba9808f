/** Names with values, in the order they came: headers, user metadata, tags. */
export type Pairs = readonly (readonly [string, string])[];
