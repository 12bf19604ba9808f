#!/bin/sh
# Called by Lambda with the handler, as template.yaml names it: functions/ingest/handler.handler
set -eu

# The runtime interface client takes these from the environment, and from nowhere else.
export _HANDLER="$1"
export LAMBDA_TASK_ROOT="${LAMBDA_TASK_ROOT:-/var/task}"

# What a function needs beside its handler runs as a process of its own: started again should it
# end, and ended with the handler's process, which takes this shell's place below.
# Not waited for: its start takes longer than the ten seconds that Lambda allows.
beside="$LAMBDA_TASK_ROOT/$(dirname "$_HANDLER")/engine.mjs"
if [ -e "$beside" ]; then
  # Fetching and loading the signatures takes 20 to 30 seconds.
  export ENGINE_PATIENCE_S=90
  export HANDLER_PID=$$
  (while kill -0 "$HANDLER_PID" 2>/dev/null; do node "$beside" || true; sleep 1; done) &
fi

exec node "$RUNTIME_CLIENT"
