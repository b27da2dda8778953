#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# store_milter behind a real Postfix: starts one of its own in a temporary folder, on the loopback,
# sends it a mix of mail, and prints what became of each. Touches nothing of the system's own Postfix.
set -euo pipefail
# shellcheck source=samples/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/../setup.sh"

readonly kSkipped=77
readonly kHost=127.0.0.1

usage() {
  cat <<END
Usage: samples/milter/postfix.sh [--messages N] [--built FOLDER] [--keep]

Installs the packages of samples/packages.txt that are missing, builds, starts a Postfix and a
store_milter of its own in a temporary folder, and sends: clean, infected, encrypted and signed mail;
mail while there is no scanner; N mixed messages with the milter killed in their middle; and bulk mail
beside a person's. Postfix is started by root: others are skipped.

  --messages N    how many mixed messages [1000]
  --built FOLDER  take the programs from there: nothing is installed or built
  --keep          leave the folder, with all logs and mail

Exit status: 0 if everything was as expected, 1 if not, $kSkipped if Postfix can't be started here.
END
}

skip() {
  echo "skipped: $1"
  exit "$kSkipped"
}

# ---- Postfix ---------------------------------------------------------------------------------------

# free_ports COUNT: so many that nobody listens at.
free_ports() {
  /usr/bin/python3 - "$1" <<'END'
import socket, sys
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*[each.getsockname()[1] for each in sockets])
END
}

write_main_cf() {
  cat > "$work/postfix/main.cf" <<END
compatibility_level = 3.6
queue_directory = $work/queue
data_directory = $work/data
daemon_directory = $(postconf -dh daemon_directory)
maillog_file = $work/mail.log
maillog_file_prefixes = $work
myhostname = mx.example.org
mydestination =
alias_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = $kHost
inet_protocols = ipv4
smtpd_relay_restrictions = permit_mynetworks, reject
message_size_limit = 0
mailbox_size_limit = 0
virtual_mailbox_limit = 0
default_process_limit = 60
# All mail goes into one Maildir, and names its recipient in Delivered-To.
virtual_mailbox_domains = example.org
virtual_mailbox_base = $work
virtual_mailbox_maps = static:mail/
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
# What the README recommends.
smtpd_milters = unix:$work/milter.socket
milter_default_action = tempfail
# The header of mail from here is left as it is, too.
local_header_rewrite_clients =
END
}

write_master_cf() {
  cat > "$work/postfix/master.cf" <<END
$kHost:$port inet n - n - - smtpd
$kHost:$submission_port inet n - n - - smtpd
  -o milter_macro_daemon_name=ORIGINATING
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
END
}

start_postfix() {
  read -r port submission_port < <(free_ports 2)
  mkdir "$work/postfix" "$work/queue" "$work/data" "$work/mail"
  chown nobody "$work/mail"
  chown postfix "$work/data"
  write_main_cf
  write_master_cf
  postfix -c "$work/postfix" start >"$work/postfix.out" 2>&1 ||
    skip "Postfix does not start here: $(tail -n 1 "$work/postfix.out")"
}

# until_true COMMAND...: for what another program does in its own time.
until_true() {
  for _ in {1..300}; do
    if "$@"; then return 0; fi
    sleep 0.2
  done
  vsapi_die "waited in vain for: $*" "Logs are in $work"
}

queue_is_empty() { [[ $(postqueue -c "$work/postfix" -j | grep --count --invert-match '"hold"') -eq 0 ]]; }

# ---- The milter --------------------------------------------------------------------------------------

write_settings() {
  cat > "$work/virusscan.reg" <<END
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeIS\\VirusScan]
"Enabled"=dword:00000001
"Library"="$1"

[HKEY_LOCAL_MACHINE\\Software\\Microsoft\\Exchange\\TransportAVAPI]
"Enabled"=dword:00000001
END
}

# start_milter [OPTION...]: returns when it is ready. Postfix's own user talks to its socket.
start_milter() {
  (
    umask 0
    exec "$built/store_milter" --listen "unix:$work/milter.socket" --settings "$work/virusscan.reg" \
      --spool "$work" "$@" >"$work/milter.ready" 2>>"$work/milter.log"
  ) &
  milter=$!
  until_true grep --quiet 'filtering at' "$work/milter.ready"
}

# kill_milter [SIGNAL]: KILL, as it costs nothing.
kill_milter() {
  kill -s "${1:-KILL}" "$milter"
  wait "$milter" 2>/dev/null || true
  : >"$work/milter.ready"
}

# ---- Single messages ---------------------------------------------------------------------------------

# on_the_wire FILE: as SMTP's DATA has it; swaks adds the last line end.
on_the_wire() {
  sed -e 's/\r$//' -e 's/^\./../' -e 's/$/\r/' "$1"
  printf '.'
}

# submit FILE NAME: prints the reply that the message was met with.
submit() {
  on_the_wire "$1" >"$work/wire"
  swaks --server "$kHost" --port "$port" --from sender@example.com --to "$2@example.org" \
    --no-data-fixup --data "@$work/wire" >"$work/swaks.out" 2>&1 || true
  sed -n '/^ -> \.\r*$/,$ s/^<[-*~]*  *//p' "$work/swaks.out" | head -n 1
}

# show REPLY FILE NAME WHAT: sends it; dies if the reply does not begin with REPLY.
show() {
  local reply
  reply=$(submit "$2" "$3")
  printf '   %-34s %s\n' "$4" "${reply//$'\r'/}"
  [[ $reply == $1* ]] || vsapi_die "$4: the reply was expected to begin with $1." "Logs are in $work"
}

# arrived NAME: the file in the Maildir that was delivered to NAME.
arrived() {
  until_true queue_is_empty
  grep --files-with-matches --max-count=1 "^Delivered-To: $1@" "$work"/mail/new/* | head -n 1
}

# same FILE NAME: was it delivered byte for byte, after the lines that Postfix has put before it?
same() {
  local file
  file=$(arrived "$2")
  [[ -n $file ]] || vsapi_die "$2 has not arrived." "Logs are in $work"
  tail --bytes "$(stat --format %s "$1")" "$file" | cmp --quiet - "$1" ||
    vsapi_die "$2 was changed on its way: $file"
}

write_text() {
  printf 'From: sender@example.com\nTo: %s@example.org\nSubject: %s\nMessage-ID: <%s@example.com>\n\n%s\n' \
    "$1" "$2" "$1" "${3:-A line of text.}" >"$work/$1.eml"
}

# A zip with a password, of one short file.
write_encrypted() {
  cat >"$work/encrypted.eml" <<'END'
From: sender@example.com
To: encrypted@example.org
Subject: an encrypted zip
Message-ID: <encrypted@example.com>
MIME-Version: 1.0
Content-Type: application/zip; name=secret.zip
Content-Transfer-Encoding: base64

UEsDBAoACQAAAO+Adl2MsuviEwAAAAcAAAAFABwAcy50eHRVVAkAA0ETA2tBEwNrdXgLAAEEAAAA
AAQAAAAADi6gEEMfzQwFwruJGri0uJIMMVBLBwiMsuviEwAAAAcAAABQSwECHgMKAAkAAADvgHZd
jLLr4hMAAAAHAAAABQAYAAAAAAABAAAApIEAAAAAcy50eHRVVAUAA0ETA2t1eAsAAQQAAAAABAAA
AABQSwUGAAAAAAEAAQBLAAAAYgAAAAAA
END
}

write_signed() {
  local subject=/CN=sender@example.com
  openssl req -x509 -newkey rsa:2048 -nodes -subj "$subject" -keyout "$work/key.pem" \
    -out "$work/certificate.pem" >"$work/openssl.out" 2>&1
  printf 'I mean it.\n' | openssl smime -sign -text -from sender@example.com \
    -to smime@example.org -subject signed -signer "$work/certificate.pem" -inkey "$work/key.pem" |
    sed 's/\r$//' >"$work/smime.eml"
  "$mail_run" dkim-sign "$work/key.pem" "$work/clean.eml" >"$work/dkim.eml"
}

verify_smime() {
  openssl smime -verify -in "$(arrived smime)" -CAfile "$work/certificate.pem" >"$work/openssl.out" 2>&1 ||
    vsapi_die "the S/MIME signature no longer holds." "$(tail -n 2 "$work/openssl.out")"
}

verify_dkim() {
  "$mail_run" dkim-verify "$work/key.pem" "$(arrived dkim)" || vsapi_die "the DKIM signature no longer holds."
}

show_single() {
  vsapi_say "Single messages, and what Postfix answered to each"
  write_text clean "nothing in it"
  write_encrypted
  write_signed
  show 250 "$work/clean.eml" clean "clean"
  show 550 "$eicar" eicar "EICAR"
  show 250 "$work/encrypted.eml" encrypted "an encrypted zip (let through)"
  show 250 "$work/smime.eml" smime "signed by S/MIME"
  show 250 "$work/dkim.eml" dkim "signed by DKIM"
  same "$work/clean.eml" clean
  same "$work/encrypted.eml" encrypted
  same "$work/smime.eml" smime
  same "$work/dkim.eml" dkim
  verify_smime
  verify_dkim
  echo "   All that was accepted came out byte for byte; both signatures hold."
}

show_other_ways() {
  vsapi_say "The same EICAR with --infected quarantine, and with replace-part"
  kill_milter
  start_milter --infected quarantine
  show 250 "$eicar" held "quarantined"
  postqueue -c "$work/postfix" -j | grep --quiet '"hold".*held@example.org' ||
    vsapi_die "the message is not in Postfix's queue 'hold'." "Logs are in $work"
  echo "   Postfix holds it: $(postqueue -c "$work/postfix" -p | grep '!' | tail -n 1)"
  kill_milter
  start_milter --infected replace-part
  show 250 "$eicar_zip" replaced "a zip with EICAR replaced"
  grep --quiet 'eicar.zip.virusinfo.txt' "$(arrived replaced)" || vsapi_die "there is no notice in it."
  echo "   It came with a notice in the place of what was found."
}

show_no_scanner() {
  vsapi_say "While there is no scanner, and when there is one again"
  kill_milter
  write_settings /no/such/vendor.so
  start_milter
  show 451 "$work/clean.eml" later "no scanner"
  write_settings "$vendor"
  is_accepted() { [[ $(submit "$work/clean.eml" later) == 250* ]]; }
  until_true is_accepted
  echo "   Sent again once the settings were right, without a restart: accepted."
}

# ---- Many messages -----------------------------------------------------------------------------------

# Kills the milter when a third has been sent, and starts it again after the first trouble.
send_mix() {
  local name code rest accepted=0 killed=0 restarted=0
  while IFS=$'\t' read -r name code rest <&3; do
    printf '%s\t%s\t%s\n' "$name" "$code" "$rest" >>"$work/results"
    [[ $code != 250 ]] || accepted=$((accepted + 1))
    if [[ $killed -eq 0 && $accepted -ge $((messages / 3)) ]]; then
      kill_milter
      killed=1
    elif [[ $killed -eq 1 && $restarted -eq 0 && $code == 4* ]]; then
      start_milter
      restarted=1
    fi
  done 3< <("$mail_run" send "$port" "$work/mix" 10)
  [[ $restarted -eq 1 ]] || vsapi_die "the milter was to be killed while mail came." "Logs are in $work"
}

show_mix() {
  vsapi_say "$messages mixed messages by 10 clients that try again; the milter is killed (SIGKILL) after a third"
  "$built/mail_mix" "$work/mix" --count "$messages" --eicar
  : >"$work/results"
  send_mix
  until_true queue_is_empty
  "$mail_run" check "$work/mix" "$work/results" "$work/mail" || vsapi_die "see above." "Logs are in $work"
}

show_lanes() {
  local seconds=$((messages >= 1000 ? 20 : 3))
  vsapi_say "Who waits how long, in seconds: bulk mail of 1.5 MB by 24 clients, and a person's letters"
  printf '   %-34s %5s %9s %9s %9s\n' "" mails median p95 longest
  "$mail_run" lanes "$port" "$submission_port" "$seconds" bulk
  "$mail_run" lanes "$port" "$submission_port" "$seconds" ""
}

# ---- All of it ---------------------------------------------------------------------------------------

clean_up() {
  local status=$?
  [[ ! -e $work/queue/pid/master.pid ]] || postfix -c "$work/postfix" stop >/dev/null 2>&1 || true
  [[ -z ${milter:-} ]] || kill -s KILL "$milter" 2>/dev/null || true
  if [[ $keep -eq 1 ]]; then echo "Logs and mail are in $work"; else rm -r -- "$work"; fi
  exit "$status"
}

prepare() {
  [[ $EUID -eq 0 ]] || skip "Postfix is started by root alone"
  if [[ -z $built ]]; then
    # shellcheck disable=SC2119  # the preset release needs no package of its own
    vsapi_install_packages
    vsapi_say "Building (the first time takes some minutes)"
    vsapi_build release store_milter mail_mix vsapi_clamav || vsapi_die "it did not build; see above."
    built=$vsapi_root/build/release/bin
  fi
  local program
  for program in postfix swaks openssl /usr/bin/python3; do
    command -v "$program" >/dev/null || skip "$program is not installed"
  done
  /usr/bin/python3 -c "import dkim" 2>/dev/null || skip "python3-dkim is not installed"
  vendor=$(cd "$built/../lib/vsapi" && pwd)/vsapi_clamav.so
}

main() {
  messages=1000 built="" keep=0
  while [[ $# -gt 0 ]]; do
    case $1 in
      -h | --help) usage; exit 0 ;;
      --messages) messages=${2:?a number is missing}; shift ;;
      --built) built=${2:?a folder is missing}; shift ;;
      --keep) keep=1 ;;
      *) usage >&2; exit 1 ;;
    esac
    shift
  done
  prepare
  mail_run=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/mail_run.py
  work=$(mktemp --directory --tmpdir vsapi-postfix.XXXXXX)
  chmod 755 "$work"
  trap clean_up EXIT
  "$built/mail_mix" "$work/one" --count 0 --eicar
  eicar=$(grep --files-with-matches 'Subject: EICAR as text' "$work"/one/*.eml)
  eicar_zip=$(grep --files-with-matches 'eicar.zip' "$work"/one/*.eml)
  write_settings "$vendor"
  start_postfix
  start_milter
  show_single
  show_other_ways
  show_no_scanner
  show_mix
  show_lanes
  kill_milter TERM
  vsapi_say "Everything was as expected."
}

main "$@"
