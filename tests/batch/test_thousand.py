"""A thousand cases of a province on one page, within a minute and a gigabyte."""

from __future__ import annotations

import json
import os
import shutil
import time

import pytest

from samples_fake.images import demo_image
from tests.batch.launching import ended, launch
from tests.scanning import scan

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("told", [True, False], ids=["with summaries", "from the records alone"])
def test_a_thousand_cases_are_summed_up(tmp_path, told, capsys):
    one = scan(demo_image(tmp_path / "demo.img"), case=tmp_path / "one").case
    summary = json.loads((one / "summary.json").read_bytes())
    for number in range(1000):
        case = tmp_path / "cases" / f"Đơn vị {number % 40:02d}" / f"máy {number:04d}"
        shutil.copytree(one, case, ignore=shutil.ignore_patterns("report.html"))
        if told:
            summary["evidence"]["fingerprints"]["before"] = f"{number:064x}"
            (case / "summary.json").write_text(json.dumps(summary), "utf-8")
        else:
            (case / "summary.json").unlink()
    (tmp_path / "none").mkdir()
    began = time.monotonic()
    process = launch(tmp_path / "none", tmp_path / "out", "--quiet", "--case-folder", tmp_path / "cases")
    _, status, used = os.wait4(process.pid, 0)
    took, memory = time.monotonic() - began, used.ru_maxrss
    cpu = used.ru_utime + used.ru_stime  # one process: what it takes where nothing else runs
    process.returncode = os.waitstatus_to_exitcode(status)
    queued = ended(process, tmp_path / "out")
    with capsys.disabled():
        print(f"\n1,000 cases: {took:.1f} s, CPU {cpu:.1f} s, {memory >> 10} MiB")
    assert len(queued.machines) == 1000
    assert queued.overview["total"]["conditions"]["encrypted"] == (1000 if told else 1)
    assert cpu < 60
    assert memory < 1 << 20
