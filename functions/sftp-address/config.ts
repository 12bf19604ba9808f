import * as v from 'valibot';

/** What template.yaml says of the custom resource; the function has no environment of its own. */
export const Properties = v.object({
  ServerId: v.pipe(v.string(), v.startsWith('s-')),
});
