import type { Finding } from './finding.ts';

/**
 * The findings that need a person, in words; `undefined` when there are none. One mail for all of
 * them, since a policy that closes twenty regions to the audit would send twenty.
 */
export function digest(
  findings: readonly Finding[],
): { readonly subject: string; readonly body: string } | undefined {
  const open = findings.filter(({ severity }) => severity !== 'passed');
  if (open.length === 0) return undefined;
  const publicCount = open.filter(({ code }) => code === 'ENDPOINT_PUBLIC').length;
  return {
    subject:
      publicCount > 0
        ? `Airlock: ${publicCount} public SFTP ${publicCount === 1 ? 'endpoint' : 'endpoints'}`
        : `Airlock: ${open.length} ${open.length === 1 ? 'thing' : 'things'} to look at in the audit of SFTP endpoints`,
    body: [
      `The audit of all Transfer Family servers found ${open.length} to look at, the gravest first;`,
      `${findings.length - open.length} passed. Each finding is an event on the event bus, too.`,
      '',
      ...open.flatMap(paragraph),
      'To look again: npm run ops -- endpoints audit',
      'What each finding means: docs/runbook.md#endpoint-exposed',
      '',
    ].join('\n'),
  };
}

function paragraph({ severity, code, what, why, advice, id }: Finding): readonly string[] {
  return [
    `${severity.toUpperCase()}  ${code}`,
    `  ${what}`,
    `  ${why}`,
    `  What to do: ${advice}`,
    `  (id ${id})`,
    '',
  ];
}
