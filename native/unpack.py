"""Takes libraries and C headers out of Python wheels: python3 unpack.py WHEELS FOLDER."""
import re
import sys
import zipfile
from pathlib import Path

wheels, folder = map(Path, sys.argv[1:])
wanted = re.compile(
    r"tensorflow/libtensorflow_(cc|framework)\.so\.2|tensorflow/THIRD_PARTY_NOTICES\.txt"
    r"|tensorflow/include/(tensorflow/c|tensorflow/core/platform|tsl|xla/tsl)/.*\.h"
    r"|nvidia/.*/lib/.*|.*\.dist-info/(LICENSE|License\.txt).*"
)
for wheel in wheels.glob("*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if wanted.fullmatch(name):
                archive.extract(name, folder)
