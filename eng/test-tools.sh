# Sourced by test.sh. Provides the two foreign MessagePack libraries that the wire format is compared with:
#   STREAMKIT_PYTHON        a Python that imports msgpack
#   STREAMKIT_NODE_MODULES  a node_modules folder with @msgpack/msgpack
# Values that are set already are kept. A tool that cannot be installed is left unset: its tests are skipped and say why.

readonly msgpack_npm=@msgpack/msgpack@3.1.3

has_python_msgpack() { [ -x "$1" ] && "$1" -c 'import msgpack' >/dev/null 2>&1; }

install_python_msgpack() {
  if ! command -v apt-get >/dev/null; then
    echo "python3-msgpack: not installed, and there is no apt-get: set STREAMKIT_PYTHON to a Python that imports msgpack"; return 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    echo "python3-msgpack: not installed, and only root may: run 'sudo apt-get install python3-msgpack'"; return 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  # A fresh machine has no package lists: ask for them only when the first attempt finds nothing.
  apt-get install -y -q --no-install-recommends python3-msgpack >artifacts/apt.log 2>&1 && return 0
  apt-get update -q >>artifacts/apt.log 2>&1
  apt-get install -y -q --no-install-recommends python3-msgpack >>artifacts/apt.log 2>&1 && return 0
  echo "python3-msgpack: apt-get failed, see artifacts/apt.log; its last line: $(tail -n 1 artifacts/apt.log)"; return 1
}

provide_python() {
  [ -z "${STREAMKIT_PYTHON:-}" ] || { echo "Python: $STREAMKIT_PYTHON (as set)"; return; }
  has_python_msgpack /usr/bin/python3 || install_python_msgpack || return
  if has_python_msgpack /usr/bin/python3; then
    export STREAMKIT_PYTHON=/usr/bin/python3
    echo "Python: $STREAMKIT_PYTHON with msgpack"
  else
    echo "python3-msgpack: installed, but /usr/bin/python3 cannot import it"
  fi
}

provide_node_modules() {
  [ -z "${STREAMKIT_NODE_MODULES:-}" ] || { echo "npm: $STREAMKIT_NODE_MODULES (as set)"; return; }
  local folder="$PWD/artifacts/node" wanted="${msgpack_npm##*@}"
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "@msgpack/msgpack: there is no node or no npm on the path: install Node.js"; return
  fi
  if ! grep -qs "\"version\": \"$wanted\"" "$folder/node_modules/@msgpack/msgpack/package.json"; then
    mkdir -p "$folder"
    if ! npm install --prefix "$folder" --no-save --no-audit --no-fund --loglevel=error "$msgpack_npm" >artifacts/npm.log 2>&1; then
      echo "@msgpack/msgpack: npm failed, see artifacts/npm.log; its last line: $(tail -n 1 artifacts/npm.log)"; return
    fi
  fi
  export STREAMKIT_NODE_MODULES="$folder/node_modules"
  echo "npm: $STREAMKIT_NODE_MODULES"
}

mkdir -p artifacts
provide_python
provide_node_modules
