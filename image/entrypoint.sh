#!/bin/sh
# Lambda passes the handler as template.yaml names it: functions/ingest/handler.handler
set -eu

# The runtime interface client reads these from the environment only.
export _HANDLER="$1"
export LAMBDA_TASK_ROOT="${LAMBDA_TASK_ROOT:-/var/task}"

# The engine runs as a separate process: restarted when it ends, and stopped when the handler's
# process (this PID, see exec below) ends. Its start takes longer than the ten seconds that Lambda
# allows, so nothing waits for it here.
engine="$LAMBDA_TASK_ROOT/$(dirname "$_HANDLER")/engine.mjs"
if [ -e "$engine" ]; then
  # Fetching and loading the signatures takes 20 to 30 seconds.
  export ENGINE_PATIENCE_S=90
  export HANDLER_PID=$$
  (while kill -0 "$HANDLER_PID" 2>/dev/null; do node "$engine" || true; sleep 1; done) &
fi

exec node "$RUNTIME_CLIENT"
