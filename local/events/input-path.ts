/** The steps from the event to the part of it that is delivered. */
export type InputPath = readonly (string | number)[];

const STEP = /\.([A-Za-z_][\w-]*)|\['([^']+)'\]|\[(\d+)\]/y;

/**
 * Reads the part of JSONPath that names one value: `$`, `$.detail.name`, `$['detail-type']`,
 * `$.resources[0]`. Undefined for anything else: EventBridge supports no filters or wildcards.
 */
export function parseInputPath(text: string): InputPath | undefined {
  if (!text.startsWith('$')) return undefined;
  const steps: (string | number)[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < text.length) {
    const match = STEP.exec(text);
    if (match === null) return undefined;
    const [, name, quoted, index] = match;
    steps.push(name ?? quoted ?? Number(index));
  }
  return steps;
}

/** The value at the path; null where the event has none. */
export function selectInput(event: unknown, path: InputPath): unknown {
  let value: unknown = event;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return null;
    value = Reflect.get(value, step);
  }
  return value ?? null;
}
