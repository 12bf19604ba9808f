import * as v from 'valibot';

const path = v.pipe(v.string(), v.startsWith('/'));

/** The custom resource's properties in template.yaml; the function has no environment of its own. */
export const Properties = v.object({
  /** Read by applications. */
  LandingRoot: path,
  /** Private; on the same file system. */
  IncomingRoot: path,
});
