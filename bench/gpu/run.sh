#!/bin/sh
# Runs the benchmark with the machine's Node, or with the one that was packed.
set -eu
cd "$(dirname "$0")"
if [ -f node.gz ] && [ ! -x ./node ]; then
	gunzip -c node.gz > node
	chmod +x node
fi
if [ -x ./node ]; then
	node=./node
elif command -v node >/dev/null; then
	node=node
else
	echo 'There is no Node here: pack it with "npm run bench:gpu -- --with-node", or install Node 20.19 or newer.' >&2
	exit 1
fi
exec "$node" run.cjs "$@"
