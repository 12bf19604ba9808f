import { expect, test } from 'vitest';
import { Script } from './script.ts';

/** Schedules by hand, one for each bug that was found. Each ends with all promises checked. */

test('when a worker replaces a newer upload by an older one and dies before its look, the next receiver lands the newer one again', async () => {
  const script = new Script();
  const older = script.upload('clean', 'older');
  const slow = await script.receive(older);
  await script.until(slow, 'commit');
  await script.handle(script.upload('clean', 'newer'));
  await script.until(slow, 'commit "older" as a: done');
  expect(script.landed).toBe('older');
  script.die(slow);
  await script.rest();
  expect(script.landed).toBe('newer');
});

test('when that was the last receive of its message, the redrive lands the newer one again', async () => {
  const script = new Script({ maxReceiveCount: 1 });
  const slow = await script.receive(script.upload('clean', 'older'));
  await script.until(slow, 'commit');
  await script.handle(script.upload('clean', 'newer'));
  await script.until(slow, 'commit "older" as a: done');
  script.die(slow);
  await script.rest();
  expect(script.landed).toBe('newer');
});

test('an older upload that lands between the landing and the mark of a newer one does not stay', async () => {
  const script = new Script();
  const slow = await script.receive(script.upload('clean', 'older'));
  await script.until(slow, 'commit');
  const quick = await script.receive(script.upload('clean', 'newer'));
  await script.until(quick, 'mark');
  // It looks too early to see the mark of the newer one, so that one's worker must look too.
  await script.finish(slow);
  expect(script.landed).toBe('older');
  await script.finish(quick);
  expect(script.landed).toBe('newer');
  await script.rest();
});

test('an upload that is covered by three older ones is delivered again three times, and announced once', async () => {
  const script = new Script();
  const slow = [];
  for (const content of ['first', 'second', 'third']) {
    const worker = await script.receive(script.upload('clean', content));
    await script.until(worker, 'commit');
    slow.push(worker);
  }
  const newest = script.upload('clean', 'newest');
  await script.handle(newest);
  for (const worker of slow) {
    await script.finish(worker);
    expect(script.landed).toBe('newest');
  }
  await script.rest();
  expect(script.noticesOf(newest)).toHaveLength(1);
});

test('when no message is left, the sweep finds an older upload in place of a newer one', async () => {
  const script = new Script();
  const older = script.upload('clean', 'older');
  const slow = await script.receive(older);
  await script.until(slow, 'commit');
  // It takes so long that its message goes to another worker, for which the upload is superseded.
  script.event(older);
  await script.handle(script.upload('clean', 'newer'));
  await script.handle(older);
  await script.until(slow, 'commit "older" as a: done');
  script.diesUnnoticed(slow);
  expect(script.landed).toBe('older');
  await script.rest();
  expect(script.landed).toBe('newer');
});

test('the newest delivered upload is landed again also after a deletion of its key', async () => {
  const script = new Script();
  const slow = await script.receive(script.upload('clean', 'older'));
  await script.until(slow, 'commit');
  await script.handle(script.upload('clean', 'newer'));
  script.delete();
  await script.finish(slow);
  expect(script.landed).toBe('newer');
  await script.rest();
});

test('a clean upload under an infected one is delivered, and never superseded', async () => {
  const script = new Script();
  const clean = script.upload('clean');
  const infected = script.upload('infected');
  await script.handle(clean);
  await script.handle(infected);
  await script.rest();
  expect(script.endingsOf(clean)).toEqual(['delivered']);
  expect(script.endingsOf(infected)).toEqual(['quarantined']);
});

test('an infected upload is quarantined, also when a clean one has taken its place', async () => {
  const script = new Script();
  const infected = script.upload('infected');
  const clean = script.upload('clean');
  await script.handle(clean);
  await script.handle(infected);
  await script.rest();
  expect(script.endingsOf(infected)).toEqual(['quarantined']);
  expect(script.world.inbox.find('a', infected.versionId)).toBeUndefined();
});

test('a quarantined upload whose worker died leaves the inbox, also when it was overwritten since', async () => {
  const script = new Script();
  const infected = script.upload('infected');
  const worker = await script.receive(infected);
  await script.until(worker, 'remove');
  script.die(worker);
  await script.handle(script.upload('clean'));
  await script.rest();
  expect(script.endingsOf(infected)).toEqual(['quarantined']);
  expect(script.world.inbox.find('a', infected.versionId)).toBeUndefined();
});

test('the repeated event of a quarantined upload gives it no second ending', async () => {
  const script = new Script();
  const infected = script.upload('infected');
  await script.handle(infected);
  script.event(infected);
  await script.handle(infected);
  await script.rest();
  expect(script.endingsOf(infected)).toEqual(['quarantined']);
});

test('the repeated event of a delivered upload that was overwritten gives it no second ending', async () => {
  const script = new Script();
  const older = script.upload('clean');
  await script.handle(older);
  await script.handle(script.upload('clean'));
  script.event(older);
  await script.rest();
  expect(script.endingsOf(older)).toEqual(['delivered']);
});

test('an upload whose event was lost has its ending, although there is a newer one', async () => {
  const script = new Script();
  const unheard = script.uploadUnheard('clean');
  const infected = script.uploadUnheard('infected');
  await script.handle(script.upload('clean'));
  await script.rest();
  expect(script.endingsOf(unheard)).toEqual(['superseded']);
  expect(script.endingsOf(infected)).toEqual(['quarantined']);
});

test('an upload that landed but was not announced is delivered, although it was deleted since', async () => {
  const script = new Script();
  const upload = script.upload('clean');
  const worker = await script.receive(upload);
  await script.until(worker, 'announce');
  script.die(worker);
  script.delete();
  await script.rest();
  expect(script.endingsOf(upload)).toEqual(['delivered']);
});

test('when a worker dies during a redelivery that an infected upload caused, the next receiver looks again', async () => {
  const script = new Script();
  const older = script.upload('clean', 'older');
  const infected = script.upload('infected');
  const slow = await script.receive(older);
  await script.until(slow, 'commit');
  const middle = await script.receive(script.upload('clean', 'middle'));
  await script.finish(middle);
  await script.until(slow, 'commit "older" as a: done');
  // It finds "older" on top of "middle" and is about to land "middle" again.
  const helper = await script.receive(infected);
  await script.until(helper, 'commit "middle"');
  await script.finish(slow);
  await script.handle(script.upload('clean', 'newest'));
  await script.until(helper, 'commit "middle" as a: done');
  expect(script.landed).toBe('middle');
  // Its message comes again. The infected upload is gone by now, but the look is still needed.
  script.die(helper);
  await script.rest();
  expect(script.landed).toBe('newest');
});

test('tags that came along with a copy settle nothing', async () => {
  const script = new Script();
  const upload = script.upload('clean');
  await script.handle(upload);
  const copy = script.upload('clean', upload.content);
  copy.tags = upload.tags;
  await script.rest();
  expect(script.endingsOf(copy)).toEqual(['delivered']);
});

test('the same bytes uploaded again are an upload with an ending of its own', async () => {
  const script = new Script();
  const first = script.upload('clean', 'bytes');
  const again = script.upload('clean', 'bytes');
  await script.handle(again);
  await script.handle(first);
  await script.rest();
  expect(script.endingsOf(again)).toEqual(['delivered']);
  expect(script.endingsOf(first)).toEqual(['superseded']);
});

test('a dead letter about a delivered upload does not undo its delivery', async () => {
  const script = new Script({ maxReceiveCount: 1 });
  const older = script.upload('clean', 'older');
  const newer = script.upload('clean', 'newer');
  await script.handle(newer);
  script.event(newer);
  const unlucky = await script.receive(newer);
  await script.until(unlucky, 'list');
  script.world.left.failures = 1;
  script.world.random.chance = () => true;
  await script.finish(unlucky);
  script.world.random.chance = () => false;
  expect(script.world.queue.deadLetters).toHaveLength(1);
  await script.handle(older);
  expect(script.landed).toBe('newer');
  expect(script.endingsOf(older)).toEqual(['superseded']);
});
