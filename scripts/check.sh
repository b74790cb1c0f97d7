#!/bin/sh
# Everything that is checked without running the suite; all of it runs, and one failure fails the whole.
set -u
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
failed=

step() {
    name=$1
    shift
    echo "== $name"
    "$@" || failed="$failed, $name"
}

# The production settings with values that mean nothing, in a folder of their own.
production() {
    folder=$(mktemp -d)
    env ENVIRONMENT=production DEBUG= DATABASE_URL= REDIS_URL= ALLOWED_HOSTS=strategy.example.org \
        SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
        SITE_URL=https://strategy.example.org VAR_DIR="$folder" EMAIL_URL=dummymail:// \
        DEFAULT_FROM_EMAIL=strategy-site@example.org "$@"
    code=$?
    rm -rf "$folder"
    return $code
}

requirements_agree() {
    if python -c 'import pip' 2>/dev/null; then python -m pip check; else uv pip check --python .venv/bin/python; fi
}

step "ruff check" ruff check .
step "ruff format" ruff format --check .
step "mypy" mypy
step "djlint" djlint templates --lint --quiet
if [ -x node_modules/.bin/biome ]; then step "biome" node_modules/.bin/biome lint --error-on-warnings; else echo "== biome: skipped, it needs npm ci"; fi
step "migrations" python manage.py makemigrations --check --dry-run
step "production settings" production python manage.py check --deploy --fail-level WARNING
step "requirements" requirements_agree

if [ -n "$failed" ]; then
    echo "Failed: ${failed#, }." >&2
    exit 1
fi
echo "All checks passed."
