import type { Command } from 'commander';

type Noun = {
  readonly about: string;
  /** Loaded when it is used. It in turn loads AWS clients when a command runs: they are slow to load. */
  readonly load: () => Promise<{ readonly register: (noun: Command) => void }>;
};

/** What the operator's commands are about, in the order of the help text. */
export const NOUNS: Readonly<Record<string, Noun>> = {
  partner: {
    about: 'who may log in, what they may do, and where their files land',
    load: () => import('./partner.ts'),
  },
  'dead-letters': {
    about: 'messages that could not be processed: why, and what to do',
    load: () => import('./dead-letters.ts'),
  },
  inbox: {
    about: 'what partners have uploaded',
    load: () => import('./inbox.ts'),
  },
  quarantine: {
    about: 'files that were not delivered: infected, or not scannable as a whole',
    load: () => import('./quarantine.ts'),
  },
  signatures: {
    about: 'the signatures that the ingest scans with',
    load: () => import('./signatures.ts'),
  },
  endpoints: {
    about: 'from where the SFTP servers of an AWS account can be reached',
    load: () => import('./endpoints.ts'),
  },
  cost: {
    about: 'estimates what a month on AWS costs, by number and size of files',
    load: () => import('./cost.ts'),
  },
  completion: {
    about: 'prints the completion of airlock-ops for a shell',
    load: () => import('./completion.ts'),
  },
};
