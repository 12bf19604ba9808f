import type { Finding } from './finding.ts';

/**
 * The mail about the findings that need action; `undefined` when there are none. One mail for all,
 * since a policy that denies the audit twenty regions would otherwise send twenty.
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
        : `Airlock: ${open.length} open ${open.length === 1 ? 'finding' : 'findings'} in the audit of SFTP endpoints`,
    body: [
      `The audit of all Transfer Family servers has ${open.length} open ${open.length === 1 ? 'finding' : 'findings'}, the most severe first;`,
      `${findings.length - open.length} passed. Each finding is also an event on the event bus.`,
      '',
      ...open.flatMap(paragraph),
      'To run the audit again: npm run ops -- endpoints audit',
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
