# Makes .venv and installs the pinned dependencies, where that has not been done yet. Sourced by the commands beside it.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*" >&2; }

fitting_python() {
  local candidate
  for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11 python3.14; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  say "Dopływ potrzebuje Pythona 3.11 lub nowszego. Zainstaluj go (w Debianie i Ubuntu: apt install python3 python3-venv) i uruchom polecenie ponownie."
  return 1
}

make_venv() {
  local python
  python=$(fitting_python)
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    say "Python na tym komputerze nie ma modułu venv. Zainstaluj go (w Debianie i Ubuntu: apt install python3-venv) i uruchom polecenie ponownie."
    return 1
  fi
  "$python" -m venv --clear .venv
}

# prepare app|test: the test pins contain the app's, so that one stamp serves both.
prepare() {
  local wanted
  wanted=$(cat requirements/app.txt requirements/test.txt | sha256sum | cut -d' ' -f1)
  .venv/bin/python -c '' 2>/dev/null || make_venv
  case "$(cat .venv/.installed 2>/dev/null || true)" in
    "test $wanted" | "$1 $wanted") return ;;
  esac
  say "Instaluję zależności (za pierwszym razem trwa to około minuty)…"
  if ! .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r "requirements/$1.txt"; then
    say "Nie udało się zainstalować zależności. Powód jest powyżej. Sprawdź połączenie z siecią i uruchom polecenie ponownie."
    return 1
  fi
  echo "$1 $wanted" > .venv/.installed
}
