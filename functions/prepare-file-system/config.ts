import * as v from 'valibot';

const path = v.pipe(v.string(), v.startsWith('/'));

/** What template.yaml says of the custom resource; the function has no environment of its own. */
export const Properties = v.object({
  /** What applications read. */
  LandingRoot: path,
  /** Private; on the same file system. */
  StagingRoot: path,
});
