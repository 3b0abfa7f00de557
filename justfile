# `just` alone runs what CI runs. Needs `just`; only `lock` needs more: uv on PATH.

default: check

# every check, as CI runs it
check:
    python3 start.py test

# pytest alone: just test tests/unit/test_money.py -x
test *arguments:
    python3 start.py test {{ arguments }}

# the whole suite with coverage of everything: half as fast again as the checks
coverage:
    .venv/bin/pytest -n2 --dist loadfile --cov --cov-fail-under=90

# mutation testing, in a copy beside uv's cache; goes on where it was: docs/reference/mutation.md
# just mutants · just mutants results · just mutants show NAME · just mutants run NAME ...
mutants *arguments='run --max-children 1':
    #!/usr/bin/env bash
    set -euo pipefail
    copy="${XDG_CACHE_HOME:-$HOME/.cache}/swingbreak-mutants"
    lock="$PWD/requirements/dev.lock"
    mkdir -p "$copy"
    rm -rf "$copy/tests" "$copy/mutants/tests"
    cp -a .ci config docs pyproject.toml src tests "$copy/"
    cd "$copy"
    uv run --no-project --isolated --with-requirements "$lock" --with mutmut==3.8.1 \
        python .ci/mutants.py {{ arguments }}

# formatting, and the fixes ruff is sure of
tidy:
    .venv/bin/ruff format .
    .venv/bin/ruff check --fix .

# a whole paper session
demo *arguments:
    python3 start.py demo {{ arguments }}

# resolve the dependencies anew: just lock, just lock --upgrade, just lock -P aiohttp
lock *options:
    #!/usr/bin/env bash
    set -euo pipefail
    compile() {
        uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
            --no-emit-index-url --no-emit-find-links --custom-compile-command "just lock" \
            "$@" {{ options }} > /dev/null
    }
    compile pyproject.toml --extra data --extra research --extra cluster --extra dev \
        -o requirements/dev.lock
    compile pyproject.toml --extra data --extra research --extra cluster \
        -c requirements/dev.lock -o requirements/research.lock
    compile pyproject.toml --extra data -c requirements/dev.lock -o requirements/data.lock
    compile pyproject.toml -c requirements/dev.lock -o requirements/core.lock
    echo uv | compile - -o requirements/bootstrap.lock
