/** Each call tells the milliseconds since the one before. */
export function stopwatch(now: () => number): () => number {
  let lastAt = now();
  return () => {
    const startedAt = lastAt;
    lastAt = now();
    return Math.max(lastAt - startedAt, 0);
  };
}
