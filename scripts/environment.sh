# Put the mirror's Python, its packages and its defaults into this bash: `source scripts/environment.sh`.
# Needs `make build` once. What the user has set already stays as it is.

_mirror_root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)"
if [ ! -f "$_mirror_root/install/setup.bash" ] || [ ! -d "$_mirror_root/.venv/bin" ]; then
  echo "mirror: nothing is built here yet; run \`make build\` in $_mirror_root first." >&2
  unset _mirror_root
  return 1
fi

unset PYTHONDONTWRITEBYTECODE # the start is quick only with .pyc files

# colcon's setup.bash reads variables that are not set, which `set -u` in the caller would make fatal. It brings
# ROS with it, be it /opt/ros or the wheels in .venv.
case $- in *u*) _mirror_nounset=yes && set +u ;; *) _mirror_nounset=no ;; esac
. "$_mirror_root/install/setup.bash"
if [ "$_mirror_nounset" = yes ]; then set -u; fi

export VIRTUAL_ENV="$_mirror_root/.venv"
case ":$PATH:" in *":$VIRTUAL_ENV/bin:"*) ;; *) export PATH="$VIRTUAL_ENV/bin:$PATH" ;; esac

# Nothing is visible outside this host unless the user asks for it.
export ROS_AUTOMATIC_DISCOVERY_RANGE="${ROS_AUTOMATIC_DISCOVERY_RANGE:-LOCALHOST}"

unset _mirror_root _mirror_nounset
