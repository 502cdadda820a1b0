#!/usr/bin/env bash
# Makes docs/demo.png: runs the real `vedette demo` in a terminal of 148x37 and takes
# what stands on the screen at the end: the three alerts and the closing line.
# Needs tmux, chromium, and fonts with Korean and Russian
# (Debian: apt-get install tmux chromium fonts-noto-cjk fonts-dejavu-core).
# BIN is the folder with `vedette` and its python, `.venv/bin` by default.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "${BIN:-.venv/bin}")
target=$PWD/docs/demo.png
work=$(mktemp -d)
terminal=(tmux -L "vedette-picture-$$" -f /dev/null)
trap '"${terminal[@]}" kill-server 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

LC_ALL=C.UTF-8 "${terminal[@]}" -u new-session -d -x 148 -y 37 \
  "env PATH='$bin:$PATH' PS1='\$ ' bash --norc --noprofile"
"${terminal[@]}" set-option status off
"${terminal[@]}" send-keys 'vedette demo; touch ended' Enter
for _ in $(seq 90); do [[ -e ended ]] && break; sleep 1; done
[[ -e ended ]] || { echo "the demo did not end" >&2; exit 1; }
sleep 1
LC_ALL=C.UTF-8 "${terminal[@]}" capture-pane -e -p >screen.ansi

"$bin/python" - <<'PYTHON'
import io
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: {background}; }}
pre {{ margin: 0; padding: 18px 22px; color: {foreground};
  font: 13px/19px "DejaVu Sans Mono", "Noto Sans Mono CJK KR", monospace; }}
</style><pre>{code}</pre>"""
console = Console(record=True, file=io.StringIO(), width=148)
screen = Path("screen.ansi").read_text("utf-8").rstrip()
console.print(Text.from_ansi(screen), no_wrap=True, overflow="ignore", crop=False)
Path("screen.html").write_text(
    console.export_html(theme=MONOKAI, code_format=PAGE, inline_styles=True), "utf-8"
)
PYTHON

chromium --headless --no-sandbox --disable-gpu --disable-background-networking \
  --disable-component-update --disable-sync --hide-scrollbars \
  --user-data-dir="$work/browser" --window-size=1204,740 --force-device-scale-factor=1.5 \
  --screenshot="$target" "file://$work/screen.html" 2>/dev/null
echo "$target"
