/** Headers, user metadata or tags, in the order received. */
export type Pairs = readonly (readonly [string, string])[];
