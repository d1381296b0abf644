#!/usr/bin/env bash
# Builds everything and runs every test project of the solution.
#
#   ./test.sh                    everything
#   ./test.sh --filter Windows   only tests whose full name contains 'Windows'
#
# Needs the .NET 10 SDK and NuGet. What only tests need (Python's and npm's MessagePack) is installed here;
# where that is not possible, the tests that want it are skipped and say so.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

filter=""
while [ $# -gt 0 ]; do
  case "$1" in
    --filter) filter="${2:-}"; [ -n "$filter" ] || { echo "--filter needs a part of a test's name" >&2; exit 2; }; shift 2 ;;
    --filter=*) filter="${1#--filter=}"; shift ;;
    -h|--help) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) echo "unknown argument '$1'; usage: ./test.sh [--filter PART_OF_A_NAME]" >&2; exit 2 ;;
  esac
done

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en
# Long enough for the slowest project on two busy cores; a project that hangs must not hang the run.
readonly project_limit=1500
readonly results=artifacts/test-results
readonly configuration=Release

echo "== what only tests need"
# shellcheck source=eng/test-tools.sh
source eng/test-tools.sh

echo "== build ($configuration, warnings are errors)"
if ! dotnet build StreamKit.sln -c "$configuration" -v q -nologo; then
  echo "the build failed: no test was run"
  echo "0 passed, 1 failed"
  exit 1
fi

projects=$(dotnet sln StreamKit.sln list | tr '\\' '/' | tr -d '\r' | grep -E '^tests/.*Tests\.csproj$' | sort)
if [ -z "$projects" ]; then
  echo "StreamKit.sln names no test project"
  echo "0 passed, 1 failed"
  exit 1
fi

rm -rf "$results"
mkdir -p "$results"
passed=0 failed=0 skipped=0
lines=()

# An attribute of the assembly element of a result file.
count() { sed -n "s/.*<assembly [^>]*[[:space:]]$2=\"\([0-9]*\)\".*/\1/p" "$1" | head -n 1; }

for project in $projects; do
  name=$(basename "$project" .csproj)
  assembly=$(dirname "$project")/bin/$configuration/net10.0/$name.dll
  xml=$results/$name.xml log=$results/$name.log
  arguments=(-nologo -noColor -xml "$xml")
  [ -z "$filter" ] || arguments+=(-method "*$filter*")

  echo "== $name"
  started=$SECONDS
  timeout --kill-after=20 "$project_limit" dotnet "$assembly" "${arguments[@]}" 2>&1 | tee "$log"
  code=${PIPESTATUS[0]}
  took="$((SECONDS - started)) s"

  if [ "$code" -eq 124 ] || [ "$code" -eq 137 ]; then
    failed=$((failed + 1)); lines+=("$name: FAILED, stopped after $project_limit s without an end ($took)"); continue
  fi
  if [ ! -s "$xml" ] || [ -z "$(count "$xml" total)" ]; then
    failed=$((failed + 1)); lines+=("$name: FAILED, ended with exit code $code and left no results ($took)"); continue
  fi

  p=$(count "$xml" passed) f=$(count "$xml" failed) e=$(count "$xml" errors) s=$(count "$xml" skipped)
  p=${p:-0} s=${s:-0} f=$((${f:-0} + ${e:-0}))
  note=""
  if [ $((p + f)) -eq 0 ] && [ -z "$filter" ]; then
    f=1 note=", ran no test"
  elif [ "$code" -ne 0 ] && [ "$f" -eq 0 ] && [ $((p + s)) -gt 0 ]; then
    f=1 note=", ended with exit code $code though no test failed"
  fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  lines+=("$name: $p passed, $f failed, $s skipped$note ($took)")
done

if [ -n "$filter" ] && [ $((passed + failed)) -eq 0 ]; then
  failed=1; lines+=("no test that ran has '$filter' in its name")
fi

echo
if [ "$skipped" -gt 0 ]; then
  echo "== skipped tests and why"
  awk '/ \[SKIP\]$/ { name = $0; gsub(/^ +| \[SKIP\]$/, "", name); getline; sub(/^ +/, ""); print name ": " $0 }' "$results"/*.log
fi
if grep -qE ' \[FAIL\]$' "$results"/*.log; then
  echo "== failed tests"
  grep -hE ' \[FAIL\]$' "$results"/*.log | sed 's/^ *//'
fi
echo "== projects ($SECONDS s in all)"
printf '%s\n' "${lines[@]}"

total="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || total="$total, $skipped skipped"
echo "$total"
[ "$failed" -eq 0 ]
