#!/usr/bin/env bash
# Run the doctor as a step of GitHub Actions: what action.yml starts.
# PROJECT is the folder to check, IGNORED the codes to skip, with spaces between.
set -euo pipefail

python3 -m venv "$RUNNER_TEMP/doctor"
"$RUNNER_TEMP/doctor/bin/pip" install --quiet --quiet --disable-pip-version-check \
  "$GITHUB_ACTION_PATH"

set -f # a code is a word, and never a pattern of files
given=()
for code in $IGNORED; do given+=("--ignore=$code"); done

# A fresh clone has no .env, and needs none where the variables are set.
secret() { python3 -c 'import secrets; print(secrets.token_hex(32))'; }
export BETTER_AUTH_SECRET=${BETTER_AUTH_SECRET:-$(secret)}
export DATABASE_URL=${DATABASE_URL:-postgresql://localhost/none}

exec "$RUNNER_TEMP/doctor/bin/copier-better-auth" doctor --format github \
  ${given[@]+"${given[@]}"} "$PROJECT"
