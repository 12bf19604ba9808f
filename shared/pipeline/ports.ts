import type { Landing } from '../commit/landing.ts';
import type { Quarantine } from '../commit/quarantine.ts';
import type { AdmissionPolicy } from '../decide/admission.ts';
import type { PartnerPolicies } from '../identity/partner/partner-policies.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Notice } from '../notify/notice.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { WorkQueue } from '../queue/work-queue.ts';
import type { Log } from '../platform/log.ts';
import type { Opener } from '../open/opener.ts';
import type { Inspector } from '../scan/inspector.ts';
import type { Scanner } from '../scan/scanner.ts';
import type { Settler } from '../inbox/settler.ts';
import type { ObjectSource, Opened } from '../inbox/object-source.ts';
import type { Staging } from '../stage/staging.ts';

/** Everything the journey of an object touches. deps.ts puts an adapter into each place. */
export type Ports = {
  readonly source: ObjectSource;
  readonly staging: Staging;
  readonly inspector: Inspector;
  readonly scanner: Scanner;
  readonly opener: Opener;
  readonly landing: Landing;
  readonly quarantine: Quarantine;
  /** An ending counts as announced once each of them took it. */
  readonly notifiers: readonly Notifier[];
  readonly settler: Settler;
  readonly partners: PartnerPolicies;
  readonly policy: AdmissionPolicy;
  /** Clean files are held when the signatures are older; any age will do when absent. */
  readonly maxSignatureAgeMs?: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

/** Handling a batch of messages also needs these. */
export type BatchPorts = Ports & { readonly queue: WorkQueue; readonly log: Log };

/** The circumstances of one receive of a message. */
export type Attempt = {
  readonly messageId: string;
  /** Another file has replaced this object's: land it again, although it is settled. */
  readonly isRedelivery: boolean;
  /** Fires shortly before the function times out. */
  readonly signal: AbortSignal;
};

/** An arrival of which exactly its own bytes could be opened. */
export type OpenObject = Extract<Opened, { state: 'open' }>;

/** An ending that has been carried out (landed, or copied to quarantine), but not yet announced or settled. */
export type Concluded = {
  readonly outcome: Exclude<Outcome, { kind: 'duplicate' | 'refused' }>;
  /** `undefined` where nothing was scanned. */
  readonly engine: string | undefined;
  /** How long the stages took that were reached. */
  readonly stages?: Notice['stages'];
};
