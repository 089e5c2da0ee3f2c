# What the scripts of this folder share: where the tree is, how they speak, whether ROS is sourced.
# Sourced by bash scripts, never run.

MIRROR_ROOT="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)"
MIRROR_VENV="$MIRROR_ROOT/.venv"
unset PYTHONDONTWRITEBYTECODE # colcon grows noisy with it, and the start is quick only with .pyc files

# fail SENTENCE...: say in one sentence what is wrong and what to do, and end.
fail() {
  printf 'mirror: %s\n' "$*" >&2
  exit 1
}

# seconds_since START: the time since an EPOCHREALTIME, in seconds with one decimal.
seconds_since() {
  local tenths=$(((${EPOCHREALTIME//[.,]/} - ${1//[.,]/}) / 100000))
  printf '%d.%d s' $((tenths / 10)) $((tenths % 10))
}

# tick TITLE START: on a terminal, keep showing that a step still runs.
tick() {
  while sleep 1; do printf '\r– %s … %s' "$1" "$(seconds_since "$2")"; done
}

# step TITLE COMMAND...: run a command with its output in log/setup.log; show one line with the time it took.
step() {
  local title="$1" started=$EPOCHREALTIME status=0 ticker="" log="$MIRROR_ROOT/log/setup.log"
  shift
  mkdir -p "$MIRROR_ROOT/log"
  if [ "${MIRROR_BUILD_VERBOSE:-0}" = 1 ]; then
    printf -- '– %s …\n' "$title"
    "$@" 2>&1 | tee "$log" || status=$?
  else
    printf -- '– %s … ' "$title"
    if [ -t 1 ]; then
      tick "$title" "$started" &
      ticker=$!
      trap 'kill "$ticker" 2>/dev/null || true' EXIT
    fi
    "$@" >"$log" 2>&1 || status=$?
    if [ -n "$ticker" ]; then
      kill "$ticker" && wait "$ticker" 2>/dev/null || true
      trap - EXIT
      printf '\r– %s … ' "$title"
    fi
  fi
  if [ "$status" -ne 0 ]; then
    printf 'failed after %s\n\n' "$(seconds_since "$started")"
    tail -n 25 "$log" >&2
    printf '\n' >&2
    fail "\"$title\" failed; its last lines stand above, all of them in log/setup.log."
  fi
  seconds_since "$started" && printf '\n'
}

# sourced_ros: print the distribution whose installation is sourced in this terminal; print nothing without one.
sourced_ros() {
  local prefix
  [ -n "${ROS_DISTRO:-}" ] || return 0
  while IFS= read -r -d : prefix; do
    case "$prefix" in
      "" | "$MIRROR_VENV" | "$MIRROR_ROOT"/*) ;;
      *) if [ -d "$prefix/share/rclpy" ]; then printf '%s' "$ROS_DISTRO" && return 0; fi ;;
    esac
  done <<<"${AMENT_PREFIX_PATH:-}:"
}
