"""``python -m build_support``: makes the artefacts in the source tree again, as an editable install does."""

from __future__ import annotations

from build_support import ROOT, build

for path in build(ROOT):
    print(path.relative_to(ROOT))
