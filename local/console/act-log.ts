import * as v from 'valibot';
import { OperatorAct } from '../../shared/acts/operator-act.ts';
import { showInvisible, visibleJson } from '../../shared/platform/control-characters.ts';
import type { BusEvent } from '../events/bus-event.ts';
import { openLogFile } from '../log-file.ts';

export interface ActLog extends AsyncDisposable {
  /** A listener for the event bus. */
  readonly onEvent: (event: BusEvent) => void;
}

/** Appends each act of an operator to a file as a line of JSON, and prints it. */
export async function openActLog(
  path: string,
  print: (line: string) => void,
  onTrouble: (what: string) => void,
): Promise<ActLog> {
  const file = await openLogFile({ path, onTrouble });
  return {
    onEvent(event) {
      const { success, output: act } = v.safeParse(OperatorAct, event.detail);
      if (event.source !== 'airlock' || !success) return;
      file.write(visibleJson(act));
      print(actLine(act));
    },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

/** One act as a readable line, without the line end. */
export function actLine({ at, who, command, reason, outcome, subjectCount }: OperatorAct): string {
  const time = new Date(at).toTimeString().slice(0, 8);
  const why = reason === undefined ? '' : `: ${reason}`;
  return showInvisible(
    `${time}  operator     ${who.name}: ${command}, ${subjectCount} changed, ${outcome}${why}`,
  );
}
