import * as v from 'valibot';

/** The custom resource's properties in template.yaml; the function has no environment of its own. */
export const Properties = v.object({
  ServerId: v.pipe(v.string(), v.startsWith('s-')),
});
