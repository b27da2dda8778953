#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# From mail to verdict in one command: makes a store, brings mail into it, opens everything as a
# client would, and opens it again and again to show that nothing is scanned twice.
set -euo pipefail
# shellcheck source=samples/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

readonly kEverydayMessages=300

usage() {
  cat <<END
Usage: samples/demo.sh [--keep] [PATH...]

Installs the packages of samples/packages.txt that are missing, builds into build/release, and shows
the way of mail through the engine. Without PATH it opens $kEverydayMessages generated messages, each of ClamAV's
test files as an attachment, and the EICAR test file, and checks what comes out. With PATHs it opens
your own mail: .eml files, mbox files, Maildirs, and folders of them. They are only read.

  --keep  leave the store where it was made, to try more with it

Exit status: 0 if everything was as expected, 1 if not.
END
}

# briefly COMMAND...: runs it without the warning about definitions, which the first opening told.
briefly() { "$@" 2> >(grep --invert-match 'warning 1014:' >&2); }

# run COMMAND...: shows the command as one would type it, then runs it.
run() {
  local shown=${*//$vsapi_root\//}
  printf '\n$ %s\n' "${shown#briefly }"
  "$@"
}

# expect STATUS COMMAND...: runs it; dies if it ends otherwise. Several statuses: "0|10".
expect() {
  local wanted=$1 status=0
  shift
  run "$@" || status=$?
  [[ "|$wanted|" == *"|$status|"* ]] ||
    vsapi_die "the last command ended with $status, not with ${wanted//|/ or }; its own words stand above."
}

# row TITLE FILE: the first number of a row of the table that `open --all` prints.
row() { sed -n "s/^ *$1 *\([0-9][0-9]*\).*/\1/p" "$2" | head -n 1; }

# open_all NAME: opens everything and keeps what was printed in $work/NAME. The terminal gets it the
# first time, and then the table alone.
open_all() {
  printf '\n$ %s open %s --all\n' "${store_sim#"$vsapi_root"/}" "$store"
  local status=0 from=1
  [[ $1 == first ]] || from=/^messages/
  local -a open=("$store_sim" open "$store" --all)
  [[ $1 == first ]] || open=(briefly "${open[@]}")
  "${open[@]}" | tee "$work/$1" | sed -n "$from,\$p" || status=${PIPESTATUS[0]}
  case $status in
    0 | 10 | 11 | 12) ;;
    *) vsapi_die "store_sim open ended with $status; its own words stand above." ;;
  esac
}

make_mail() {
  mapfile -t test_files < <(dpkg -L clamav-testfiles | grep '^/usr/share/clamav-testfiles/')
  [[ ${#test_files[@]} -gt 0 ]] ||
    vsapi_die "the package clamav-testfiles has no files." "Install it anew: apt-get install --reinstall clamav-testfiles"
  vsapi_say "Making $kEverydayMessages everyday messages, ${#test_files[@]} with ClamAV's test files, some with EICAR"
  "$mail_mix" "$work/mail" --count "$kEverydayMessages" --attach "${test_files[@]}" --eicar
}

# messages PATTERN: the messages that the first opening printed with PATTERN.
messages() { sed -n "s|^\([^ ]*/[0-9]*\)  .*$1.*|\1|p" "$work/first"; }

# What is found is replaced wherever it is, so a message may be clean before it is asked for: the list
# tells what became of each.
check_test_files() {
  "$store_sim" list "$store" > "$work/list"
  local expected found
  expected=$(($(grep --count '^mdb1/' "$work/list") - kEverydayMessages))
  found=$(grep --count 'replaced by a notice: infected' "$work/list")
  [[ $found -eq $expected ]] || vsapi_die "$found messages were found infected, and $expected are." \
    "Which definitions were used? See the first lines of \`store_sim open\` above."
  "$store_sim" report "$store" > "$work/report"
  local file
  for file in "${test_files[@]}"; do
    # Mail in mail is taken apart: it may be found in the program inside.
    [[ $file != *.mail && $file != *.mbox.* ]] || continue
    grep --quiet --fixed-strings " (${file##*/}), " "$work/report" || vsapi_die "$file was not found infected."
  done
  [[ -n $(messages 'infected .*[Ee][Ii][Cc][Aa][Rr]') ]] || vsapi_die "the EICAR test file was not found."
}

show_replaced() {
  local refused
  refused=$(messages 'infected .*eicar\.zip')
  vsapi_say "A message that was refused, EICAR in a zip, is given out now with a notice in its place"
  expect 0 briefly "$store_sim" open "$store" "$refused" --save "$work/replaced.eml"
  grep --quiet 'eicar.zip.virusinfo.txt' "$work/replaced.eml" || vsapi_die "there is no notice in it."
  expect 0 "$store_sim" show "$store" "$refused"
  expect 0 "$store_sim" list "$store" --limit 5
}

# The number of the first message of a file is where it stands among the files, by name.
show_clean() {
  local -a files=("$work"/mail/*.eml)
  local number=${#files[@]} original=${files[-1]}
  vsapi_say "A clean message comes back byte for byte"
  expect 0 briefly "$store_sim" open "$store" "mdb1/$number" --save "$work/clean.eml"
  expect 0 cmp "$work/clean.eml" "$original"
}

check_third() {
  local calls
  calls=$(row 'vendor calls' "$work/third")
  [[ $calls == 0 ]] || vsapi_die "the third opening made $calls vendor calls, not 0."
  vsapi_say "The third opening made no vendor call: the stamps told."
}

closing_words() {
  vsapi_say "Everything was as expected. Try more:"
  local name=${store_sim#"$vsapi_root"/}
  if [[ $keep -eq 1 ]]; then
    echo "   $name list $store"
    echo "   $name show $store mdb1/1"
    echo "   settings: $store/virusscan.reg; remove all of it: rm -r $work"
  else
    echo "   samples/demo.sh --keep      leaves the store for you to look around in"
    echo "   samples/demo.sh ~/Maildir   with your own mail"
  fi
  echo "   samples/store_sim/README.md says all that $name can do"
}

open_twice_more() {
  vsapi_say "Opening everything again: what held a replaced part has changed and is scanned, then nothing is"
  open_all second
  open_all third
}

demo_generated() {
  make_mail
  run "$store_sim" import "$store" "$work/mail" --no-scan || vsapi_die "the mail could not be imported."
  vsapi_say "Opening everything: each message is scanned before it is given out"
  open_all first
  check_test_files
  show_replaced
  show_clean
  open_twice_more
  check_third
}

# What can't be scanned now is tried again, so the third opening may have calls to make.
demo_own() {
  expect '0|1' "$store_sim" import "$store" "$@" --no-scan
  vsapi_say "Opening everything: each message is scanned before it is given out"
  open_all first
  open_twice_more
  local unjudged
  unjudged=$(row 'not scanned' "$work/first")
  if [[ ${unjudged:-0} -eq 0 ]]; then check_third; fi
}

main() {
  keep=0
  local -a paths=()
  while [[ $# -gt 0 ]]; do
    case $1 in
      -h | --help) usage; exit 0 ;;
      --keep) keep=1 ;;
      --) shift; paths+=("$@"); break ;;
      -*) usage >&2; exit 1 ;;
      *) paths+=("$1") ;;
    esac
    shift
  done
  local path
  for path in "${paths[@]}"; do
    [[ -e $path ]] || vsapi_die "$path: there is no such file or folder."
  done
  # shellcheck disable=SC2119  # the preset release needs no package of its own
  vsapi_install_packages
  vsapi_say "Building (the first time takes some minutes)"
  vsapi_build release store_sim mail_mix vsapi_clamav ||
    vsapi_die "it did not build; the compiler's words stand above."
  store_sim=$vsapi_root/build/release/bin/store_sim
  mail_mix=$vsapi_root/build/release/bin/mail_mix
  work=$(mktemp --directory --tmpdir vsapi-demo.XXXXXX)
  store=$work/store
  # shellcheck disable=SC2064  # the folder of now
  [[ $keep -eq 1 ]] || trap "rm -r -- '$work'" EXIT
  expect 0 "$store_sim" init "$store"
  if [[ ${#paths[@]} -gt 0 ]]; then demo_own "${paths[@]}"; else demo_generated; fi
  closing_words
}

main "$@"
