import { watch } from 'node:fs';

export interface LandingWatch extends Disposable {
  /** Every name below the landing root that something happened to, `/` between segments. */
  readonly touched: ReadonlySet<string>;
}

/** Sees whatever becomes visible under a directory, however briefly. */
export function watchLanding(landingRoot: string): LandingWatch {
  const touched = new Set<string>();
  const watcher = watch(landingRoot, { recursive: true }, (_event, name) => {
    if (name !== null) touched.add(name);
  });
  return { touched, [Symbol.dispose]: () => watcher.close() };
}
