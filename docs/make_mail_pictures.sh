#!/usr/bin/env bash
# Makes docs/mails-phone.png and docs/mails-desktop.png: mails of tests/alerts/mailroom.py,
# rendered by the product's own code, as a phone of 375 and a window of 900 pixels shows
# them. With a folder as argument: pictures of every mail in it, also as dark mode and
# clients without styles show them. Needs chromium, and fonts with Korean and Russian
# (Debian: apt-get install chromium fonts-noto-cjk fonts-dejavu-core).
# BIN is the folder with our python, `.venv/bin` by default.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$(realpath "${BIN:-.venv/bin}")/python
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/styled" "$work/bare"
"$python" -m tests.alerts.mailroom "$work/styled"
for page in "$work"/styled/*.html; do
  sed -E 's/ style="[^"]*"//g' "$page" >"$work/bare/$(basename "$page")"
done

# picture FILE WIDTH HEIGHT LOOK MAIL...: the mails side by side, cut at the height.
picture() {
  local target=$1 width=$2 height=$3 look=$4 options=() folder=styled
  shift 4
  [[ $look == bare ]] && folder=bare
  [[ $look == dark ]] && options=(--blink-settings=forceDarkModeEnabled=true)
  {
    echo "<!doctype html><body style='margin:0;display:flex;gap:8px;background:#9aa3ad'>"
    for mail in "$@"; do
      echo "<iframe src='$folder/$mail.html' style='flex:none;border:0;background:#fff;width:${width}px;height:${height}px'></iframe>"
    done
  } >"$work/page.html"
  chromium --headless --no-sandbox --disable-gpu --disable-background-networking \
    --disable-component-update --disable-sync --hide-scrollbars \
    --user-data-dir="$work/browser" --allow-file-access-from-files "${options[@]}" \
    --window-size=$(($# * (width + 8) - 8)),"$height" \
    --screenshot="$target" "file://$work/page.html" 2>/dev/null
  echo "$target"
}

if [[ $# -gt 0 ]]; then
  out=$(realpath "$1")
  for look in plain dark bare; do
    picture "$out/phone-$look-alerts.png" 375 1000 $look alert korean russian follow-up
    picture "$out/phone-$look-others.png" 375 1300 $look digest digest-40 warning dead heartbeat
  done
  picture "$out/desktop.png" 900 1000 plain alert digest
  for text in "$work"/styled/*.txt; do
    fold -s -w 78 "$text" >"$out/$(basename "$text")"
  done
else
  picture "$PWD/docs/mails-phone.png" 375 800 plain alert korean follow-up
  picture "$PWD/docs/mails-desktop.png" 900 720 plain digest
fi
