/** What the engine answered, before we decide what it means. */
export type ScanReply =
  | { readonly reply: 'ok' }
  | { readonly reply: 'found'; readonly signature: string };

/** Our judgement. There is no "unknown": without a verdict nothing lands. */
export type Verdict =
  | { readonly verdict: 'clean' }
  | { readonly verdict: 'infected'; readonly signature: string }
  | {
      readonly verdict: 'unscannable';
      readonly reason: UnscannableReason;
      readonly detail: string;
    };

/** `limit`: an engine limit was hit; `oversize`: larger than the engine reads at all. */
export type UnscannableReason = 'limit' | 'encrypted' | 'oversize';
