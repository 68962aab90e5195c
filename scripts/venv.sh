# Make the virtual environment that the other scripts run in; sourced, not run.
# MINIFRAME_VENV names its folder (default: .venv), PYTHON the interpreter to make it with.
# MINIFRAME_INSTALL "dev" adds the development group of pyproject.toml.

venv=${MINIFRAME_VENV:-.venv}
stamp=$venv/.made-for-$(cksum < pyproject.toml | tr -d ' \t')-${MINIFRAME_INSTALL:-run}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null
}

find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "miniframe needs Python 3.11 or later, and none was found." >&2
    echo "Install one, or name it: PYTHON=/path/to/python3.11 sh $0" >&2
    exit 1
}

if [ ! -e "$stamp" ]; then
    python=$(find_python) || exit 1
    echo "Making $venv with $("$python" --version) (once; a minute or so)" >&2
    "$python" -m venv "$venv"
    # --group needs pip 25.1.
    "$venv/bin/python" -m pip install --quiet --upgrade "pip >= 25.1"
    if [ "${MINIFRAME_INSTALL:-run}" = dev ]; then
        "$venv/bin/python" -m pip install --quiet --editable . --group dev
    else
        "$venv/bin/python" -m pip install --quiet --editable ".[sqlalchemy]"
    fi
    touch "$stamp"
fi
