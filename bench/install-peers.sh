#!/bin/sh
# Installs the peers of bench/peers.ts in pinned versions, in a folder outside the repository:
#
#     sh bench/install-peers.sh [PEER...]       all of them when none is named
#
# PEERS_HOME names the folder (default: peers in the temporary folder). Those in Python need Python 3.11 or newer (PYTHON names one). make, ninja, tup and
# what targets needs come from Debian's packages, which takes root. A peer that cannot be installed is named at the end; the others are there.
set -u

home=${PEERS_HOME:-${TMPDIR:-/tmp}/peers}
python=${PYTHON:-python3}
failed=

npm_package() {
	mkdir -p "$home/$1"
	[ -f "$home/$1/package.json" ] || echo '{"private": true}' >"$home/$1/package.json"
	npm install --prefix "$home/$1" --no-audit --no-fund --save-exact "$2"
}

python_package() {
	[ -x "$home/$1/bin/python" ] || "$python" -m venv "$home/$1"
	"$home/$1/bin/pip" install --quiet --disable-pip-version-check "$2"
}

debian_package() {
	command -v "$1" >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$2"; }
}

# The newest targets that the R packages of Debian 12 suffice for; TARGETS names a newer or a local one.
r_package() {
	debian_package Rscript r-base-dev || return
	apt-get install -y -qq --no-install-recommends r-cran-base64url r-cran-callr r-cran-cli r-cran-codetools r-cran-data.table r-cran-digest r-cran-igraph r-cran-knitr \
		r-cran-r6 r-cran-rlang r-cran-tibble r-cran-tidyselect r-cran-vctrs r-cran-yaml || return
	mkdir -p "$home/targets"
	Rscript -e 'arguments <- commandArgs(TRUE); install.packages(arguments[1], lib = arguments[2], repos = NULL); library(targets, lib.loc = arguments[2])' "$1" "$home/targets"
}

install_peer() {
	case $1 in
		make) debian_package make make ;;
		ninja) debian_package ninja ninja-build ;;
		tup) debian_package tup tup && debian_package fusermount3 fuse3 ;;
		targets) r_package "${TARGETS:-https://cran.r-project.org/src/contrib/Archive/targets/targets_1.4.1.tar.gz}" ;;
		turbo) npm_package turbo turbo@2.11.11 ;;
		nx) npm_package nx nx@24.0.6 ;;
		wireit) npm_package wireit wireit@0.14.13 ;;
		moon) npm_package moon @moonrepo/cli@2.5.5 ;;
		doit) python_package doit doit==0.37.0 ;;
		scons) python_package scons scons==4.11.1 ;;
		snakemake) python_package snakemake snakemake==9.27.1 ;;
		dvc) python_package dvc dvc==3.67.1 ;;
		redun) python_package redun redun==0.44.1 ;;
		hamilton) python_package hamilton sf-hamilton==1.90.0 ;;
		*) echo "There is no peer \"$1\"." >&2; return 2 ;;
	esac
}

[ $# -gt 0 ] || set -- make ninja tup targets turbo nx wireit moon doit scons snakemake dvc redun hamilton
for peer in "$@"; do
	echo "$peer …"
	install_peer "$peer" || failed="$failed $peer"
done

if [ -n "$failed" ]; then
	echo "Not installed:$failed" >&2
	exit 1
fi
