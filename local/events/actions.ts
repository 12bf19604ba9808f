import * as v from 'valibot';
import { describeRule, describeTarget } from './describe.ts';
import { EventBridgeError } from './errors.ts';
import { putEvents, PutEventsInput, type PutEventsContext } from './put-events.ts';
import { parseTarget } from './target.ts';
import { testEventPattern } from './test-event-pattern.ts';

export type ActionContext = PutEventsContext;

/** Handles one request; throws an {@link EventBridgeError} where AWS would refuse it. */
export type Action = (input: unknown, context: ActionContext) => unknown;

/**
 * The actions of the stand-in, by their names in `X-Amz-Target: AWSEvents.<name>`.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Operations.html
 */
export const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ['PutEvents', action(PutEventsInput, putEvents)],
  [
    'TestEventPattern',
    action(v.object({ EventPattern: v.string(), Event: v.string() }), (input) => ({
      Result: testEventPattern(input.EventPattern, input.Event),
    })),
  ],
  [
    'PutRule',
    action(
      onBus({
        Name: v.string(),
        EventPattern: v.optional(v.string()),
        State: v.optional(v.picklist(['ENABLED', 'DISABLED'])),
        Description: v.optional(v.pipe(v.string(), v.maxLength(512))),
        ScheduleExpression: v.optional(v.never('schedules are not supported by the local bus')),
        RoleArn: v.optional(v.string()),
        Tags: v.optional(v.array(v.unknown())),
      }),
      ({ Name, EventPattern, State, Description }, { bus }) => {
        if (EventPattern === undefined) throw invalid('Parameter EventPattern must be specified.');
        const { arn } = bus.putRule({
          name: Name,
          pattern: EventPattern,
          enabled: State !== 'DISABLED',
          ...(Description !== undefined && { description: Description }),
        });
        return { RuleArn: arn };
      },
    ),
  ],
  [
    'DescribeRule',
    action(onBus({ Name: v.string() }), ({ Name }, { bus }) =>
      describeRule(bus.describeRule(Name)),
    ),
  ],
  [
    'ListRules',
    action(onBus({ NamePrefix: v.optional(v.string(), '') }), ({ NamePrefix }, { bus }) => ({
      Rules: bus
        .listRules()
        .filter(({ name }) => name.startsWith(NamePrefix))
        .map(describeRule),
    })),
  ],
  ['EnableRule', action(onBus({ Name: v.string() }), setEnabled(true))],
  ['DisableRule', action(onBus({ Name: v.string() }), setEnabled(false))],
  [
    'DeleteRule',
    action(onBus({ Name: v.string() }), ({ Name }, { bus }) => {
      bus.deleteRule(Name);
    }),
  ],
  [
    'PutTargets',
    action(onBus({ Rule: v.string(), Targets: v.array(v.unknown()) }), (input, { bus }) => {
      bus.putTargets(input.Rule, input.Targets.map(parseTarget));
      return { FailedEntryCount: 0, FailedEntries: [] };
    }),
  ],
  [
    'RemoveTargets',
    action(onBus({ Rule: v.string(), Ids: v.array(v.string()) }), ({ Rule, Ids }, { bus }) => {
      const FailedEntries = bus.removeTargets(Rule, Ids).map((TargetId) => ({
        TargetId,
        ErrorCode: 'ResourceNotFoundException',
        ErrorMessage: `Rule ${Rule} does not have a target with the Id ${TargetId}.`,
      }));
      return { FailedEntryCount: FailedEntries.length, FailedEntries };
    }),
  ],
  [
    'ListTargetsByRule',
    action(onBus({ Rule: v.string() }), ({ Rule }, { bus }) => ({
      Targets: bus.describeRule(Rule).targets.map(describeTarget),
    })),
  ],
]);

function onBus<Entries extends v.ObjectEntries>(entries: Entries) {
  return v.object({ EventBusName: v.optional(v.string(), 'default'), ...entries });
}

function action<Schema extends v.GenericSchema>(
  schema: Schema,
  run: (input: v.InferOutput<Schema>, context: ActionContext) => unknown,
): Action {
  return (input, context) => {
    const parsed = v.safeParse(schema, input);
    if (!parsed.success) throw invalid(v.summarize(parsed.issues));
    requireDefaultBus(input, context);
    return run(parsed.output, context) ?? {};
  };
}

function requireDefaultBus(input: unknown, { bus }: ActionContext): void {
  const name: unknown = Reflect.get(Object(input), 'EventBusName') ?? 'default';
  if (name === 'default' || name === bus.arn) return;
  throw new EventBridgeError(
    'ResourceNotFoundException',
    `Event bus ${String(name)} does not exist.`,
  );
}

function setEnabled(isEnabled: boolean) {
  return ({ Name }: { readonly Name: string }, { bus }: ActionContext): void => {
    bus.setRuleEnabled(Name, isEnabled);
  };
}

function invalid(message: string): EventBridgeError {
  return new EventBridgeError('ValidationException', message);
}
